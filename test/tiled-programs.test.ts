/** Emitted C of every kernel where all extents are multiples of their tiles, and of programs that once failed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { checkText } from './support/check-text.js';
import { type Compiler, emitTo, selfTest } from './support/emitted-programs.js';
import { prunedWeights } from './support/program-checks.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-tiled-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Skip = (reason: string) => void;

async function passes(folder: string, target: VerifyTarget, compiler: Compiler, skip: Skip): Promise<void> {
  const { failure, missing } = await selfTest(folder, target, compiler);
  if (missing) return skip(failure);
  expect(failure).toBe('');
}

/** All kernels, every extent a multiple of their tiles: gcc then sees loops that make no turn. */
const tiled = (settings: string): string => `language 1
model tiny {
  tokens = ids(vocab=64)
  embed  = embedding(tokens, 32)
  rnn1   = lstm(embed, 64)
  rnn2   = lstm(rnn1, 32)
  rnn3   = lstm(rnn2, 16)
  hidden = dense(rnn3, 8, activation=sigmoid)
  next   = softmax(hidden, 64)
}
compress {
  rnn1: dkp(B=8x12, C=8x8, sparsity=75%)
  rnn2.input: lmf(r=16)
  rnn2.recurrent: kp(B=4x8, C=8x4)
  rnn3: hlf(j=12, k=4)
}
${settings}
`;

describe('sizes that are multiples of every tile', () => {
  const arms = [
    ['cortex-a53', 'aarch64', 'std'],
    ['cortex-a73', 'aarch64', 'exact'],
    ['cortex-a7', 'arm', 'fast'],
    ['cortex-a9', 'arm', 'std'],
  ] as const;

  it.for(arms)('%s under emulation', { timeout: 240_000 }, async ([cpu, target, activation], { skip }) => {
    const { model } = checkText(tiled(`emit neon { cpu = ${cpu}  activation = ${activation} }`));
    const folder = join(root, cpu);
    await emitTo(folder, model!, prunedWeights(model!, 1), { target: 'neon', linked: false });
    await passes(folder, target, 'gcc', skip);
  });

  it.for(['gcc', 'clang', 'gcc with sanitizers'] as const)(
    'natively, %s',
    { timeout: 240_000 },
    async (compiler, { skip }) => {
      const { model } = checkText(tiled('emit c {}'));
      const folder = join(root, `tiled ${compiler}`);
      await emitTo(folder, model!, prunedWeights(model!, 1), { target: 'c', linked: false });
      await passes(folder, 'native', compiler, skip);
    },
  );
});

describe('programs that once failed', () => {
  const inputKept = `model tiny {
    signal = features(3)
    end    = last(signal)
    value  = dense(end, 2)
  }`;

  const allInColumns = `model tiny {
    signal = features(20)
    class  = softmax(signal, 5)
  }
  compress { class: tt(shapes=[5x5, 1x4], ranks=3) then int3 }`;

  const cases = [
    ['no weight in the step', inputKept],
    ['all that is decoded lies in columns', allInColumns],
  ] as const;

  it.for(cases)('%s', { timeout: 240_000 }, async ([name, text], { skip }) => {
    const { model } = checkText(`language 1\n${text}\nemit c {}`);
    const folder = join(root, name);
    await emitTo(folder, model!, prunedWeights(model!, 1), { target: 'c', linked: false });
    await passes(folder, 'native', 'gcc', skip);
  });
});
