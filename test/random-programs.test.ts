/**
 * Random small programs, end to end: the training step on every engine against the oracle, sizes against what is
 * emitted, the emitted C against the prediction graph. `npm run check:random -- --programs 500` tries more of them, in
 * parts: from number `RNNC_RANDOM_FIRST` to `RNNC_RANDOM_LAST`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '../src/engines/engines.js';
import { classifiers } from '../src/lower/training.js';
import type { Model } from '../src/model/model.js';
import { type RuleSummary, summarizeRules } from '../src/model/summary.js';
import type { VerifyTarget } from '../src/verify/toolchain.js';
import { checkText, written } from './support/check-text.js';
import { type Compiler, emitTo, selfTest, sizesOf } from './support/emitted-programs.js';
import { planDistance, planOf, prunedWeights, trainingDistances } from './support/program-checks.js';
import { randomProgram } from './support/random-programs.js';

const first = Number(process.env['RNNC_RANDOM_FIRST'] ?? 1);
const last = Number(process.env['RNNC_RANDOM_LAST'] ?? first + 24);

/** What tiny matrices may be refused for: a goal out of reach, or a sparsity that leaves none of their few values. */
const honest = [
  ...[
    'compress/unreachable-goal',
    'compress/nothing-kept',
    'compress/goal-above-dense',
    'emit/no-integers',
    'train/cmr-never-ends',
    'train/never-reached',
  ],
];

interface Legal {
  readonly seed: number;
  readonly model: Model;
}
const legal: Legal[] = [];
const surprises: string[] = [];
for (let seed = first; seed <= last; seed++) {
  // A program that is honestly refused has others in its place.
  for (let attempt = 0, model: Model | undefined; model === undefined && attempt < 100; attempt++) {
    const drawn = checkText(randomProgram(seed, attempt));
    model = drawn.model;
    // Both `emit` blocks have one number format.
    if (model !== undefined) legal.push({ seed, model: { ...model, weights: model.emits[0]!.weights } });
    const errors = drawn.all.filter(({ severity, code }) => severity === 'error' && !honest.includes(code));
    surprises.push(...errors.map((diagnostic) => `program ${seed}, attempt ${attempt}: ${written(diagnostic)}`));
  }
}
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-random-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('programs that are legal by construction check', () => {
  expect(surprises).toEqual([]);
  expect(legal).toHaveLength(last - first + 1);
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
    const rows = summarizeRules(model);
    for (const [rule, { text }] of model.rules.entries()) {
      const found = goal.exec(text);
      if (found === null) continue;
      const own = rows.filter((row) => row.rule === rule);
      // One ranking over several layers has one goal.
      const ranked = text.includes('ranking=global') ? [own] : own.map((row) => [row]);
      for (const all of ranked) expectReached(found, all);
    }
  });

  function expectReached(found: RegExpExecArray, rows: readonly RuleSummary[]): void {
    const amount = number(found[1]!);
    const sum = (of: (row: RuleSummary) => number): number => rows.reduce((total, row) => total + of(row), 0);
    if (found[2] === ' B') expect(sum(({ after }) => after.bytes)).toBeLessThanOrEqual(amount);
    else if (found[2] === 'x')
      expect(sum(({ after }) => after.parameters)).toBeLessThanOrEqual(
        Math.floor(sum(({ before }) => before.parameters) / amount),
      );
    else expect(sum(({ after }) => after.macs)).toBeLessThanOrEqual(sum(({ before }) => before.macs) / amount);
  }
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

describe('the emitted C has the predicted size and passes its self-test', () => {
  const compilers: readonly Compiler[] = ['gcc', 'clang', 'gcc with sanitizers'];

  it.for(legal)('program $seed', { timeout: 240_000 }, async ({ seed, model }, { skip }) => {
    const folder = join(root, `c${seed}`);
    await emitTo(folder, model, prunedWeights(model, seed), { target: 'c', linked: seed % 2 === 0 });
    const { predicted, emitted } = await sizesOf(folder, model, prunedWeights(model, seed).weights);
    expect(emitted).toEqual(predicted);
    await passes(folder, 'native', compilers[seed % compilers.length]!, skip);
    await rm(folder, { recursive: true });
  });

  // Every tenth.
  const tenth = legal.filter(({ seed }) => seed % 10 === 0);
  const targets = tenth.flatMap((program) => (['aarch64', 'arm'] as const).map((target) => ({ ...program, target })));

  it.for(targets)(
    'program $seed, as NEON under emulation: $target',
    { timeout: 240_000 },
    async ({ seed, model, target }, { skip }) => {
      const folder = join(root, `${target}${seed}`);
      await emitTo(folder, model, prunedWeights(model, seed), { target: 'neon', linked: seed % 20 === 0 });
      await passes(folder, target, 'gcc', skip);
      await rm(folder, { recursive: true });
    },
  );
});
