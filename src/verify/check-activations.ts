/** The approximate activations against the C library, over all floats or a sample of them. */

import { Fault } from '../support/fault.js';
import { type Activation, renderActivationCheck, type Tier } from '../targets/c-family/kernels.js';
import { firstLines, runTool } from './program.js';
import { runProcess, type Toolchain, withFolder, writeScratch } from './toolchain.js';

export interface ActivationCheck {
  readonly name: 'tanh' | 'sigmoid';
  /** Largest absolute error, and where. */
  readonly error: number;
  readonly at: number;
  /** Values that depend on their place in a vector. */
  readonly misplaced: number;
  /** NaN that did not stay NaN. */
  readonly wrongNan: number;
  /** Of all results in order: equal where every result has the same bits. */
  readonly hash: string;
}

/** Floats by their bits: every `stride`-th from `from` up to `to`, which is not among them. */
export interface FloatRange {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

/** Every `stride`-th of all floats. */
export const allFloats = (stride: number): FloatRange => ({ from: 0, to: 2 ** 32, stride });

/** Checks the floats of a range; all of them take minutes natively and hours under emulation. */
export async function checkActivations(
  tier: Tier,
  mode: Activation,
  toolchain: Toolchain,
  { stride, from, to }: FloatRange,
): Promise<readonly ActivationCheck[]> {
  return withFolder(async (folder) => {
    const source = await writeScratch(folder, 'activation-check.c', renderActivationCheck(tier, mode));
    const binary = `${folder}/activation-check`;
    const flags = [
      '-std=c99',
      '-O3',
      '-Wall',
      '-Wextra',
      '-Wpedantic',
      '-Wconversion',
      '-Werror',
      '-ffp-contract=fast',
    ];
    const args = [...flags, ...toolchain.flags, source, '-lm', '-o', binary];
    const compiled = await runProcess(toolchain.compiler, args, { cwd: folder });
    if (compiled.code !== 0) throw new Fault('verify/cannot-compile', firstLines(compiled.stderr));
    const result = await runTool(toolchain, binary, [stride, from, to].map(String), { cwd: folder });
    if (result.code !== 0) throw new Fault('verify/run-failed', firstLines(result.stderr));
    return result.stdout.trim().split('\n').map(readCheck);
  });
}

function readCheck(line: string): ActivationCheck {
  const [name, ...numbers] = line.split(' ');
  const [error, at, misplaced, wrongNan] = numbers.map(Number) as [number, number, number, number];
  return { name: name === 'tanh' ? 'tanh' : 'sigmoid', error, at, misplaced, wrongNan, hash: numbers[4] ?? '' };
}
