/** Folders of emitted C for tests that compile programs of their own against them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emitFamily } from '../../src/targets/c-family/emit-family.js';
import type { EmitInput } from '../../src/targets/c-family/emit-input.js';
import { runProcess, runsUnattended } from '../../src/verify/toolchain.js';

/** Writes all files; `linked` keeps the weights in a file of their own. Returns the folder. */
export async function writeEmitted(folder: string, input: EmitInput, linked = false): Promise<string> {
  const tier = input.options.target === 'neon' ? 'neon' : 'c';
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of emitFamily(input, tier, linked ? 0 : undefined))
    await writeFile(join(folder, path), contents);
  return folder;
}

/** What every file, and every header in C++, compiles with. */
export const strictFlags = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror'];

/** Runs a command that must succeed, and returns what it printed. */
export async function must(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(command, args, { cwd: folder });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} gives ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** Commands that are not there; none where nobody watches, so that a test then fails. */
export async function missingCommands(...commands: readonly string[]): Promise<readonly string[]> {
  if (runsUnattended()) return [];
  const found = await Promise.all(
    commands.map((command) => runProcess('sh', ['-c', `command -v ${command}`], { cwd: '/' })),
  );
  return commands.filter((_, i) => found[i]!.code !== 0);
}
