/**
 * Random small programs, end to end: the training step on every engine against the oracle, sizes against what is
 * emitted, the emitted C against the prediction graph. `RNNC_RANDOM_PROGRAMS=500` tries more of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '../src/engines/engines.js';
import { classifiers } from '../src/lower/training.js';
import type { Model } from '../src/model/model.js';
import { summarizeRules } from '../src/model/summary.js';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { checkText, written } from './support/check-text.js';
import { type Compiler, emitTo, selfTest, sizesOf } from './support/emitted-programs.js';
import { planDistance, planOf, prunedWeights, trainingDistances } from './support/program-checks.js';
import { randomProgram } from './support/random-programs.js';

const wanted = Number(process.env['RNNC_RANDOM_PROGRAMS'] ?? 25);

/** What tiny matrices may be refused for: a goal out of reach, or a sparsity that leaves none of their few values. */
const honest = ['compress/unreachable-goal', 'compress/nothing-kept', 'train/cmr-never-ends'];

interface Legal {
  readonly seed: number;
  readonly model: Model;
}
const legal: Legal[] = [];
const surprises: string[] = [];
for (let seed = 1; legal.length < wanted; seed++) {
  const { model, all } = checkText(randomProgram(seed));
  if (model !== undefined) legal.push({ seed, model });
  const errors = all.filter(({ severity, code }) => severity === 'error' && !honest.includes(code));
  surprises.push(...errors.map((diagnostic) => `program ${seed}: ${written(diagnostic)}`));
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-random-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('programs that are legal by construction check', () => {
  expect(surprises).toEqual([]);
});

describe('goals are reached', () => {
  /** `to 2x`, `to 2x macs`, `to 40 B`, behind a rule. */
  const goal = /to ([\d./]+)(x macs|x| B)$/;
  const number = (text: string): number =>
    text
      .split('/')
      .map(Number)
      .reduce((a, b) => a / b);

  it.for(legal)('program $seed', ({ model }) => {
    for (const { rule, before, after } of summarizeRules(model)) {
      const found = goal.exec(model.rules[rule]!.text);
      if (found === null) continue;
      const amount = number(found[1]!);
      if (found[2] === ' B') expect(after.bytes).toBeLessThanOrEqual(amount);
      else if (found[2] === 'x') expect(after.parameters).toBeLessThanOrEqual(Math.floor(before.parameters / amount));
      else expect(after.macs).toBeLessThanOrEqual(before.macs / amount);
    }
  });
});

describe('the training step is the same before and after passes, and on every engine', () => {
  const engines = ['onnxruntime', 'tfjs-wasm'].map((name) => findEngine(name)!);
  beforeAll(async () => {
    for (const engine of engines) expect((await engine.available()).available).toBe(true);
  });

  it.for(legal.filter(({ model }) => classifiers(model).length > 0))('program $seed', async ({ seed, model }) => {
    const pruned = prunedWeights(model, seed);
    for (const cmr of model.training?.cmr === undefined ? [false] : [false, true]) {
      const distances = await trainingDistances(model, pruned, cmr, engines);
      expect(distances.filter(({ share }) => !(share <= 1))).toEqual([]);
    }
  });
});

describe('the plan of the emitted program is the prediction graph', () => {
  it.for(legal)('program $seed', ({ seed, model }) => {
    const { weights } = prunedWeights(model, seed);
    expect(planDistance(model, planOf(model, weights), weights, 3)).toBeLessThan(1e-12);
  });
});

type Skip = (reason: string) => void;

async function passes(folder: string, target: VerifyTarget, compiler: Compiler, skip: Skip): Promise<void> {
  const { failure, missing } = await selfTest(folder, target, compiler);
  if (missing) return skip(failure);
  expect(failure).toBe('');
}

describe('the emitted C has the predicted size and passes its self-test natively', () => {
  const compilers: readonly Compiler[] = ['gcc', 'clang', 'gcc with sanitizers'];

  it.for(legal)('program $seed', { timeout: 240_000 }, async ({ seed, model }, { skip }) => {
    const folder = join(root, `c${seed}`);
    await emitTo(folder, model, prunedWeights(model, seed), { target: 'c', linked: seed % 2 === 0 });
    const { predicted, emitted } = await sizesOf(folder, model);
    expect(emitted).toEqual(predicted);
    await passes(folder, 'native', compilers[seed % compilers.length]!, skip);
    await rm(folder, { recursive: true });
  });
});

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

  const cases = [['no weight in the step', inputKept]] as const;

  it.for(cases)('%s', { timeout: 240_000 }, async ([name, text], { skip }) => {
    const { model } = checkText(`language 1\n${text}\nemit c {}`);
    const folder = join(root, name);
    await emitTo(folder, model!, prunedWeights(model!, 1), { target: 'c', linked: false });
    await passes(folder, 'native', 'gcc', skip);
  });
});
