/**
 * Programs on another machine: a command such as `ssh board` that is given one argument, a line for a POSIX shell over
 * there, and whose standard input, output and exit code are those of that line. The program and what it reads go
 * through standard input, one behind the other; the line puts them into a folder of its own, runs the program and
 * removes the folder. Nothing else is needed of the other machine but a shell, `mktemp`, `head`, `tail` and `wc`.
 */
import { readFile } from 'node:fs/promises';
import { Fault } from '../support/fault.js';
import { type ProcessResult, runProcess } from './toolchain.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Exit code of the line when the program did not arrive whole. */
const cutShort = 120;

/** The line that receives a program of `bytes` bytes, runs it and passes its exit code on. */
export function remoteLine(bytes: number, args: readonly string[]): string {
  return [
    'd=$(mktemp -d) || exit 121',
    `trap 'rm -rf "$d"' EXIT`,
    'cat > "$d/all"',
    `head -c ${bytes} "$d/all" > "$d/tool"`,
    `tail -c +${bytes + 1} "$d/all" > "$d/input"`,
    `[ $(wc -c < "$d/tool") -eq ${bytes} ] || exit ${cutShort}`,
    'chmod +x "$d/tool"',
    `"$d/tool" ${args.map(quoted).join(' ')} < "$d/input"`,
  ].join('; ');
}

/** Runs a compiled program by `runner`. The runner itself is read by the shell here: it may hold quotes. */
export async function runRemotely(
  runner: string,
  binary: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<ProcessResult> {
  const program = await readFile(binary);
  const sent = new Uint8Array(program.length + input.length);
  sent.set(program);
  sent.set(input, program.length);
  const command = ['-c', `${runner} "$1"`, 'rnnc', remoteLine(program.length, args)];
  const result = await runProcess('sh', command, { cwd: '/', input: sent });
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  if (result.code === 127 && result.stdout === '')
    throw new Fault('verify/no-runner', `the runner \`${runner}\` cannot be run: ${said}`, 'check the command');
  if (result.code === cutShort)
    throw new Fault('verify/no-runner', `the runner \`${runner}\` does not pass standard input on`, 'ssh does');
  if (result.code === 255)
    throw new Fault('verify/no-runner', `the runner \`${runner}\` reached nothing: ${said}`, 'check the machine');
  return result;
}
