/** Emitted C of the recurrent cells, sizes that are no multiple of a tile, natively and emulated, in every accuracy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { modelOf } from './support/check-text.js';
import { type Compiler, emitTo, selfTest, sizesOf } from './support/emitted-programs.js';
import { prunedWeights } from './support/program-checks.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-cells-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Every cell and convention once, dense and under methods that store input and state together. */
const program = (cpu: string, activation: string): string => `language 1
model cells {
  x      = features(9)
  before = gru(x, 21)
  after  = gru(before, 13, reset_after=yes)
  joined = gru(after, 12, reset_after=yes)
  wide   = gru(joined, 16)
  plain  = rnn(wide, 7)
  bent   = rnn(plain, 17, activation=relu)
  next   = softmax(bent, 5)
}
compress {
  joined: kp(B=3x5, C=4x5)
  wide: dkp(B=4x4, C=4x7, sparsity=80%)
  plain: circulant(block=4)
  after.recurrent: lmf(r=3)
}
emit neon { cpu = ${cpu}  activation = ${activation} }
emit c { activation = ${activation} }
`;

const runs: readonly (readonly ['c' | 'neon', VerifyTarget, Compiler, string, string])[] = [
  ['c', 'native', 'gcc with sanitizers', 'cortex-a53', 'exact'],
  ['c', 'native', 'clang', 'cortex-a53', 'std'],
  ['c', 'aarch64', 'gcc', 'cortex-a53', 'fast'],
  ['neon', 'aarch64', 'gcc', 'cortex-a73', 'std'],
  ['neon', 'aarch64', 'gcc', 'cortex-a53', 'fast'],
  ['neon', 'arm', 'gcc', 'cortex-a7', 'std'],
  ['neon', 'arm', 'gcc', 'cortex-a9', 'exact'],
];

it.for(runs)(
  '%s, %s, %s, %s, %s',
  { timeout: 240_000 },
  async ([tier, target, compiler, cpu, activation], { skip }) => {
    const model = modelOf(program(cpu, activation));
    const folder = join(root, [tier, target, compiler, cpu].join(' '));
    await emitTo(folder, model, prunedWeights(model, 3), { target: tier, linked: false });
    const { predicted, emitted } = await sizesOf(folder, model, prunedWeights(model, 3).weights);
    expect(emitted).toEqual(predicted);
    const { failure, missing } = await selfTest(folder, target, compiler);
    if (missing) skip(failure);
    expect(failure).toBe('');
  },
);
