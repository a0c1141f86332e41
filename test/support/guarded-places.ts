/** Where emitted programs run between guard pages: tiers, compilers and emulated processors, and how one is checked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { emitFamily } from '../../src/targets/c-family/emit-family.js';
import { nameProgram } from '../../src/targets/c-family/program.js';
import { openProgram } from '../../src/verify/program.js';
import {
  missingTools,
  runProcess,
  runsUnattended,
  toolchainsOf,
  type VerifyTarget,
} from '../../src/verify/toolchain.js';
import { guardedMain } from './guarded.js';
import { emitInput, type TinyPlan } from './tiny-plans.js';

/** All shapes and all places in place of a few. */
export const all = process.env['RNNC_PRODUCTS'] === 'all';

export interface Place {
  readonly tier: 'c' | 'neon';
  readonly target: VerifyTarget;
  /** Of the emitted program, and of the emulator. */
  readonly cpu: string;
  readonly emulated?: string;
  /** Under the sanitizers of addresses and of undefined behaviour. */
  readonly sanitized?: boolean;
  /** By clang in place of gcc, which some kernels are written for in another way. */
  readonly clang?: boolean;
}
export const clangOnA53: Place = {
  tier: 'neon',
  target: 'aarch64',
  cpu: 'cortex-a53',
  emulated: 'cortex-a53',
  clang: true,
};
const quick: readonly Place[] = [
  { tier: 'c', target: 'native', cpu: 'any' },
  { tier: 'neon', target: 'aarch64', cpu: 'cortex-a53', emulated: 'cortex-a53' },
  clangOnA53,
  { tier: 'neon', target: 'aarch64', cpu: 'cortex-a76', emulated: 'max' },
  { tier: 'neon', target: 'arm', cpu: 'cortex-a9', emulated: 'cortex-a9' },
];
/** Where programs are checked; `RNNC_PRODUCTS=all` takes more of them. */
export const places: readonly Place[] = all
  ? [
      ...quick,
      { tier: 'c', target: 'native', cpu: 'any', sanitized: true },
      { tier: 'c', target: 'aarch64', cpu: 'any', emulated: 'cortex-a53' },
      { tier: 'c', target: 'arm', cpu: 'any', emulated: 'cortex-a15' },
      { tier: 'neon', target: 'arm', cpu: 'cortex-a7', emulated: 'max' },
      { tier: 'neon', target: 'aarch64', cpu: 'cortex-a55', emulated: 'cortex-a76' },
    ]
  : quick;
const sanitizers = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/**
 * Emits a plan into a folder, compiles it for a place with all warnings as errors, and runs its self-test and its
 * guarded main; gives what the latter prints.
 */
export async function checkGuarded(folder: string, tiny: TinyPlan, place: Place): Promise<string> {
  const { tier, target, cpu, emulated, sanitized = false, clang = false } = place;
  await mkdir(folder);
  const input = emitInput(tiny, 'tiny', tier, 'std');
  // Linked weights: arrays of so many numbers take compilers long.
  for (const { path, contents } of emitFamily({ ...input, options: { ...input.options, cpu } }, tier, 0))
    await writeFile(join(folder, path), contents);
  await writeFile(join(folder, 'guarded.c'), guardedMain(nameProgram(input.plan, 'tiny')));
  const { flags } = await openProgram(folder);
  const toolchain = toolchainsOf(target)[0]!;
  const general = toolchain.flags.filter((flag) => cpu === 'any' || !flag.startsWith('-m'));
  const outputs: string[] = [];
  for (const main of ['tiny_selftest.c', 'guarded.c']) {
    const binary = join(folder, main.replace('.c', ''));
    const strict = ['-std=c99', '-O2', '-Wall', '-Wextra', '-Wconversion', '-Werror', ...general, ...flags];
    const args = [
      ...(clang ? ['--target=aarch64-linux-gnu'] : []),
      ...strict,
      ...(sanitized ? sanitizers : []),
      'tiny.c',
      'tiny_weights.c',
      'tiny_blob.S',
      main,
      '-lm',
      '-o',
      binary,
    ];
    expect(await runProcess(clang ? 'clang' : toolchain.compiler, args, { cwd: folder })).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { emulator } = toolchain;
    const ran = await (emulator === undefined
      ? runProcess(binary, [], { cwd: folder })
      : runProcess(emulator, [...(emulated === undefined ? [] : ['-cpu', emulated]), binary], { cwd: folder }));
    expect([main, ran.code, ran.stderr]).toEqual([main, 0, '']);
    outputs.push(ran.stdout);
  }
  return outputs[1]!;
}

const clangHere = toolchainsOf('native').find(({ compiler }) => compiler === 'clang')!;
/** What is missing here, where that is allowed. */
export const absent = (): readonly string[] =>
  runsUnattended()
    ? []
    : [...places.flatMap(({ target }) => missingTools(toolchainsOf(target)[0]!)), ...missingTools(clangHere)];
