/**
 * Random small bidirectional models, end to end: the training step on every engine against the oracle, the plan of the
 * emitted program against the prediction graph at every length, and the C within its bounds natively, under sanitizers
 * and emulated. `RNNC_RANDOM_PROGRAMS=500` tries more of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '../src/engines/engines.js';
import { classifiers } from '../src/lower/training.js';
import type { Model } from '../src/model/model.js';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { modelOf } from './support/check-text.js';
import { type Compiler, emitTo, selfTest, sizesOf } from './support/emitted-programs.js';
import { planDistance, planOf, prunedWeights, trainingDistances } from './support/program-checks.js';
import { directedProgram } from './support/random-directions.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-directions-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const wanted = Number(process.env['RNNC_RANDOM_PROGRAMS'] ?? 24);
const programs = Array.from({ length: wanted }, (_, i) => ({ seed: i + 1, model: modelOf(directedProgram(i + 1)) }));
const maxStepsOf = (model: Model): number => model.emits[0]!.maxSteps!;

describe('the plan of a bidirectional model is the prediction graph', () => {
  it.for(programs)('program $seed, at one step, two and the most', ({ seed, model }) => {
    const { weights } = prunedWeights(model, seed);
    const plan = planOf(model, weights);
    for (const steps of new Set([1, Math.min(2, maxStepsOf(model)), maxStepsOf(model)]))
      expect(planDistance(model, plan, weights, steps)).toBeLessThan(1e-9);
  });
});

const ways: readonly (readonly ['c' | 'neon', VerifyTarget, Compiler])[] = [
  ['c', 'native', 'gcc with sanitizers'],
  ['c', 'native', 'clang'],
  ['neon', 'aarch64', 'gcc'],
  ['c', 'native', 'gcc with sanitizers'],
  ['neon', 'arm', 'gcc'],
];

describe('the training step is the same before and after passes, and on every engine', () => {
  const engines = ['onnxruntime', 'tfjs-wasm'].map((name) => findEngine(name)!);
  beforeAll(async () => {
    for (const engine of engines) expect((await engine.available()).available).toBe(true);
  });

  const trained = programs.filter(({ model }) => classifiers(model).length > 0);
  it.for(trained.slice(0, Math.ceil(wanted / 3)))('program $seed', async ({ seed, model }) => {
    const distances = await trainingDistances(model, prunedWeights(model, seed), false, engines);
    expect(distances.filter(({ share }) => !(share <= 1))).toEqual([]);
  });
});

describe('the emitted C of a bidirectional model', () => {
  it.for(programs.slice(0, Math.ceil(wanted / 2)))(
    'program $seed',
    { timeout: 240_000 },
    async ({ seed, model }, { skip }) => {
      const [tier, written, compiler] = ways[seed % ways.length]!;
      const thirtyTwoBit = /cortex-a(7|9|15)$/.test(model.emits.find(({ target }) => target === 'neon')!.cpu);
      const target = written === 'native' ? written : thirtyTwoBit ? 'arm' : 'aarch64';
      const folder = join(root, `program ${seed}`);
      await emitTo(folder, model, prunedWeights(model, seed), { target: tier, linked: false });
      const { predicted, emitted } = await sizesOf(folder, model, prunedWeights(model, seed).weights);
      expect(emitted).toEqual(predicted);
      const { failure, missing } = await selfTest(folder, target, compiler);
      if (missing) skip(failure);
      expect(failure).toBe('');
    },
  );
});
