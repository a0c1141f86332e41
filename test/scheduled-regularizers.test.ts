/** Schedules of `l2` and of the p of `cmr`, and the ends of both, over steps and whole runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileEvaluation, compileTraining } from '../src/compile.js';
import { batchesOf, loadCorpus } from '../src/data/load.js';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import type { Model } from '../src/model/model.js';
import { trainingSettings } from '../src/report/explain.js';
import { timetableText } from '../src/report/timetable-text.js';
import { Feeder } from '../src/train/feeds.js';
import { Pruning } from '../src/train/pruning.js';
import { scheduledOf } from '../src/train/schedules.js';
import { remains, stopAfter } from '../src/train/test-runs.js';
import { makeTimetable } from '../src/train/timetable.js';
import { train } from '../src/train/trainer.js';
import { checkText, modelOf } from './support/check-text.js';
import { prunedWeights, trainingFeeds } from './support/program-checks.js';

const text = (lines: string, form = ''): string => `language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 9)
}
compress { rnn: dkp(B=4x3, C=2x5, sparsity=60%${form}) }
train {
  data     = generated(order=1, vocab=9, tokens=130, batch=2, unroll=3)
  epochs   = 2
  sparsity = linear(from=4 steps, to=24 steps, every=5 steps)
  ${lines}
}`;
const tiny = (lines: string, form?: string): Model => modelOf(text(lines, form));
const keepOf = (lines: string): ((time: number) => number) => {
  const { pools, training } = tiny(lines);
  const pruning = new Pruning(pools, training!, 15);
  return (time) => pruning.keepAt('rnn', time);
};

describe('l2', () => {
  const lossOf = (model: Model, l2: number): number => {
    const step = compileTraining(model, false);
    const feeds = {
      ...trainingFeeds(model, step, prunedWeights(model, 2)),
      l2: { shape: [], data: Float32Array.of(l2) },
    };
    const feed: Feed = Object.fromEntries(
      Object.entries(feeds).map(([name, { shape, data }]) =>
        data instanceof Int32Array ? [name, { shape, data }] : [name, { shape, data: Float64Array.from(data) }],
      ),
    );
    return evaluate(step.graph, feed)['loss']!.data[0]!;
  };

  it('scheduled is what the constant is, times what is fed', () => {
    const scheduled = tiny('regularize = l2(linear(0.02, 0.04, to=10 steps))');
    const [none, one, two] = [0, 0.02, 0.04].map((l2) => lossOf(scheduled, l2)) as [number, number, number];
    expect(one).toBeCloseTo(lossOf(tiny('regularize = l2(0.02)'), 0), 6);
    expect(two - none).toBeCloseTo(2 * (one - none), 6);
    expect(one - none).toBeGreaterThan(0.01);
  });

  it('is fed as the schedule says', () => {
    const model = tiny('regularize = l2(steps([0.02, 0.01], at=[10 steps]))');
    const training = model.training!;
    const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 });
    const batches = batchesOf(corpus, training.loader, 1);
    const on = { rateAt: () => 1, keepAt: () => 1, turnAt: () => ({ on: true, updates: 1 }) };
    const feeder = new Feeder(compileTraining(model, false), { batches, seed: 1, ...on, ...scheduledOf(training, 15) });
    expect([9, 10].map((time) => feeder.feedsAt(time)['l2']!.data[0])).toEqual([Math.fround(0.02), Math.fround(0.01)]);
  });
});

describe('p of cmr', () => {
  it('over the run', () => {
    const at = keepOf('regularize = cmr(p=linear(50%, 90%, from=5 steps, to=25 steps))');
    expect([0, 5, 15, 25, 29].map(at).map((p) => Number(p.toFixed(12)))).toEqual([0.5, 0.5, 0.7, 0.9, 0.9]);
  });

  it('of 100% never drops, with or without an end', () => {
    for (const p of ['cmr(p=100%)', 'cmr(p=100%, until=sparsity(60%))', 'cmr(p=constant(100%))'])
      expect([0, 4, 9, 24, 29].map(keepOf(`regularize = ${p}`))).toEqual([1, 1, 1, 1, 1]);
  });

  it('until the sparsity of the start drops nothing', () => {
    expect([0, 4, 29].map(keepOf('regularize = cmr(p=50%, until=sparsity(0%))'))).toEqual([1, 1, 1]);
  });

  it('until the last sparsity is 100% from the last update of the mask on', () => {
    const at = keepOf('regularize = cmr(p=50%, until=sparsity(60%))');
    expect([4, 23, 24, 29].map((time) => at(time) === 1)).toEqual([false, false, true, true]);
  });
});

const recipes: readonly (readonly [string, string])[] = [
  ['regularize = cmr(p=piecewise([60%, 100%, 100%, 70%], at=[0 steps, 8 steps, 12 steps, 20 steps]))', ''],
  ['regularize = [cmr(p=50%, until=sparsity(40%)), l2(cubic(0.01, 0.001, to=20 steps))]', ', form=2a'],
  ['regularize = cmr(p=steps([50%, 100%], at=[13 steps]))\n alternate = bcd(every=4 steps)', ', form=2b'],
  ['regularize = cmr(p=100%)\n alternate = bcd(every=4 steps, first=overlay)', ''],
];

describe.each(recipes)('%s%s', (lines, form) => {
  it.each(['onnxruntime', 'tfjs-wasm'])('goes on bit by bit on %s', async (engine) => {
    const model = tiny(lines, form);
    const training = model.training!;
    const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 });
    const graphs = {
      step: () => compileTraining(model, false),
      coMatrix: training.cmr && (() => compileTraining(model, true)),
      evaluation: () => compileEvaluation(model),
    };
    const home = mkdtempSync(join(tmpdir(), 'rnnc-scheduled-'));
    const runIn = (folder: string, more: object = {}) =>
      train({
        ...{ training, pools: model.pools, graphs, threads: 1, corpus, folder, resume: true },
        engine: findEngine(engine)!,
        identity: { program: 'p', compiler: '0' },
        ...more,
      });
    try {
      await runIn(join(home, 'whole'));
      for (const steps of [3, 8, 7]) await runIn(join(home, 'parts'), stopAfter(steps));
      expect((await runIn(join(home, 'parts'))).finished).toBe(true);
      expect(remains(join(home, 'parts'))).toEqual(remains(join(home, 'whole')));
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

it('explain and the timetable show them', () => {
  const lines = 'regularize = [cmr(p=linear(50%, 100%, to=10 steps)), l2(linear(0.02, 0.01, to=10 steps))]';
  const { training, pools } = tiny(lines);
  expect(new Map(trainingSettings(training!)).get('regularize')).toBe(
    'cmr(p=linear(0.5, 1, from=0 epochs, to=10 steps)), l2(linear(0.02, 0.01, from=0 epochs, to=10 steps))',
  );
  const rows = timetableText(makeTimetable(training!, pools, 15)).split('\n');
  expect(rows[2]).toMatch(/^step +epoch +lr +sparsity +cmr p +l2$/);
  expect(rows.find((row) => row.startsWith('  10'))).toMatch(/100\.00% +0\.01$/);
});

it.each([
  ['regularize = cmr(p=0%)', '`p` expects a percent above 0% and up to 100% or a schedule, found the percent 0%'],
  [
    'regularize = cmr(p=linear(0%, 50%, to=1 epoch))',
    '`start` expects a percent above 0% and up to 100%, found the percent 0%',
  ],
  [
    'regularize = cmr(p=linear(10%, 50%, to=1 epoch), until=sparsity(50%))',
    '`until` ties p to the sparsity, but p has a schedule of its own',
  ],
  ['regularize = cmr(p=50%, until=sparsity(70%))', '`cmr` lasts until sparsity 70%, the weights of `rnn` end at 60%'],
  ['regularize = cmr(p=linear(10%, 50%, to=3 epochs))', 'the schedule ends at 3 epochs, the run after 2 epochs'],
  ['regularize = l2(linear(0.1, 0.2, to=3 epochs))', 'the schedule ends at 3 epochs, the run after 2 epochs'],
  ['regularize = l2(0)', '`weight` expects a number above 0 or a schedule, found the number 0'],
  ['lr = decay(1.0, by=1/2, after=2 epochs)', 'the rate first falls after 2 epochs, the run ends after 2 epochs'],
])('%s is refused', (lines, message) => {
  expect(checkText(text(lines)).all.map((d) => d.message)).toEqual([message]);
});
