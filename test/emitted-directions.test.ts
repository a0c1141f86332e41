/**
 * Emitted C of bidirectional models: random small ones, where the plan must give what the prediction graph gives at
 * every length, and the C must keep its bounds natively, under sanitizers and emulated.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../src/model/model.js';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { modelOf } from './support/check-text.js';
import { type Compiler, emitTo, selfTest, sizesOf } from './support/emitted-programs.js';
import { planDistance, planOf, prunedWeights } from './support/program-checks.js';
import { directedProgram } from './support/random-directions.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-directions-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const programs = Array.from({ length: 24 }, (_, i) => ({ seed: i + 1, model: modelOf(directedProgram(i + 1)) }));
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

describe('the emitted C of a bidirectional model', () => {
  it.for(programs.slice(0, 10))('program $seed', { timeout: 240_000 }, async ({ seed, model }, { skip }) => {
    const [tier, written, compiler] = ways[seed % ways.length]!;
    const thirtyTwoBit = /cortex-a(7|9|15)$/.test(model.emits.find(({ target }) => target === 'neon')!.cpu);
    const target = written === 'native' ? written : thirtyTwoBit ? 'arm' : 'aarch64';
    const folder = join(root, `program ${seed}`);
    await emitTo(folder, model, prunedWeights(model, seed), { target: tier, linked: false });
    const { predicted, emitted } = await sizesOf(folder, model);
    expect(emitted).toEqual(predicted);
    const { failure, missing } = await selfTest(folder, target, compiler);
    if (missing) skip(failure);
    expect(failure).toBe('');
  });
});
