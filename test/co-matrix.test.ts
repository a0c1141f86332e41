/** Co-matrix row dropout over a whole run, [D] eq. 7-8: expectation, schedule of p, evaluation, change of graphs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileEvaluation, compileTraining } from '../src/compile.js';
import { batchesOf, loadCorpus } from '../src/data/load.js';
import type { Engine, Session } from '../src/engines/engine.js';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import { UniqueBuilder } from '../src/graph/unique-builder.js';
import { lowerForward } from '../src/lower/forward.js';
import type { Model } from '../src/model/model.js';
import { size } from '../src/tensor/shape.js';
import type { Tensor, Weights } from '../src/tensor/tensor.js';
import { Feeder } from '../src/train/feeds.js';
import { residentShapes } from '../src/train/live-graph.js';
import { Pruning } from '../src/train/pruning.js';
import { train } from '../src/train/trainer.js';
import { modelOf } from './support/check-text.js';
import { prunedWeights } from './support/program-checks.js';

/** 13 * 24 * 4 = 1,248 overlay values, of which 90% cannot be pruned: 125 are left, a sparsity of 89.98%. */
const model = modelOf(`language 1
model tiny {
  tokens = ids(vocab=14)
  embed  = embedding(tokens, 11)
  rnn    = lstm(embed, 13)
  next   = softmax(rnn, 14)
}
compress { rnn: dkp(B=13x6, C=1x4, sparsity=90%) }
train {
  data       = generated(order=1, vocab=14, tokens=600, batch=2, unroll=3)
  optimizer  = adam(clip=1)
  lr         = 0.01
  epochs     = 1
  sparsity   = linear(from=0 steps, to=40 steps, every=4 steps)
  regularize = cmr(p=60%, until=sparsity(90%))
}`);
const training = model.training!;
const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 14, seed: 1 });
const batches = batchesOf(corpus, training.loader, 1);

describe('the expectation', () => {
  /** y of one linear layer under dkp for given draws. */
  const linear = modelOf(`language 1
model tiny { x = features(6)  y = dense(x, 10) }
compress { y: dkp(B=5x2, C=2x3, sparsity=50%) }`);
  const { weights } = prunedWeights(linear, 4);

  function outputs(draws: Readonly<Record<string, number>> | undefined): readonly number[] {
    const g = new UniqueBuilder();
    const rows = { steps: 2, batch: 1 };
    const mode = draws === undefined ? 'infer' : 'train';
    const forward = lowerForward(g, linear, { ...rows, mode, cmr: draws !== undefined });
    const feed: Record<string, Feed[string]> = {
      'data.x': { shape: [2, 6], data: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i + 1)) },
    };
    for (const [name, { shape, data }] of weights) feed[name] = { shape, data: Float64Array.from(data) };
    for (const { name, shape } of forward.draws)
      feed[name] = { shape, data: new Float64Array(size(shape)).fill(draws![name.split('.').at(-1)!]!) };
    return [...evaluate(g.finish({ y: forward.values.get('y')! }), feed)['y']!.data];
  }

  it('is the plain sum: y is linear in both draws, and a draw has mean 1', () => {
    const [both, one, other, none] = [
      outputs({ kp: 1, sparse: 1 }),
      outputs({ kp: 1, sparse: 0 }),
      outputs({ kp: 0, sparse: 1 }),
      outputs({ kp: 0, sparse: 0 }),
    ];
    outputs(undefined).forEach((y, i) => {
      expect(both[i]).toBeCloseTo(y, 12);
      expect(one[i]! + other[i]! - none[i]!).toBeCloseTo(y, 12);
      // What is left without both is the bias.
      expect(none[i]).toBeCloseTo(weights.get('y.bias')!.data[i % 10]!, 12);
    });
  });

  it('rows of every gate, sample and time step are drawn by themselves, once for each part', () => {
    const { draws } = compileTraining(model, true);
    expect(draws.map(({ name, shape }) => [name, shape])).toEqual([
      ['draw.rnn.kp', [6, 52]],
      ['draw.rnn.sparse', [6, 52]],
    ]);
  });
});

describe('p', () => {
  const pruning = new Pruning(model.pools, training, batches.count);
  const step = compileTraining(model, true);
  const feeder = new Feeder(step, {
    batches,
    seed: 1,
    rateAt: () => 1,
    keepAt: (layer, time) => pruning.keepAt(layer, time),
    turnAt: (_, time) => ({ on: true, updates: time + 1 }),
  });

  it('rises linearly in the sparsity, to 1 where the count is the one of `until`', () => {
    expect(pruning.keepAt('rnn', 0)).toBeCloseTo(0.6, 12);
    for (const time of [4, 19, 39]) {
      const sparsity = pruning.sparsityAt(time);
      expect(pruning.keepAt('rnn', time)).toBeCloseTo(0.6 + (0.4 * sparsity) / 0.9, 12);
      expect(pruning.keepAt('rnn', time)).toBeLessThan(1);
    }
    expect(pruning.keepAt('rnn', 40)).toBe(1);
  });

  it('is the share of rows kept, and what is kept is divided by it', () => {
    for (const time of [0, 20, 36]) {
      const p = pruning.keepAt('rnn', time);
      const values = ['draw.rnn.kp', 'draw.rnn.sparse'].map((name) => [...feeder.feedsAt(time)[name]!.data]);
      expect(values[0]).not.toEqual(values[1]);
      expect(new Set(values.flat())).toEqual(new Set([0, Math.fround(1 / p)]));
      const kept = values.flat().filter((v) => v !== 0).length / 624;
      // Five standard deviations.
      expect(Math.abs(kept - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 624));
    }
    expect(new Set(feeder.feedsAt(40)['draw.rnn.kp']!.data)).toEqual(new Set([1]));
  });
});

it('evaluation draws nothing', () => {
  const { draws, graph } = compileEvaluation(model);
  expect(draws).toEqual([]);
  expect(graph.ops.filter((op) => op.kind === 'input' && op.attrs.name.startsWith('draw.'))).toEqual([]);
});

/** An engine that notes what every training session ends with and what the next one is given. */
function watched(engine: Engine, residents: readonly string[]): { engine: Engine; ends: Weights[]; starts: Weights[] } {
  const [ends, starts]: [Map<string, Tensor>[], Map<string, Tensor>[]] = [[], []];
  const load: Engine['load'] = async (graph, options) => {
    const session = await engine.load(graph, options);
    if (!('loss' in graph.outputs)) return session;
    const start = new Map<string, Tensor>();
    let ran = false;
    starts.push(start);
    const watch: Session = {
      set: (name, tensor) => {
        if (!ran) start.set(name, { ...tensor, data: tensor.data.slice() } as Tensor);
        session.set(name, tensor);
      },
      get: (name) => session.get(name),
      adopt: (from, inputs) => session.adopt(from, inputs),
      run: (feeds) => {
        ran = true;
        return session.run(feeds);
      },
      close: async () => {
        const end = new Map<string, Tensor>();
        for (const name of residents) end.set(name, await session.get(name));
        ends.push(end);
        await session.close();
      },
    };
    return watch;
  };
  return { engine: { ...engine, load }, ends: ends as Weights[], starts: starts as Weights[] };
}

async function trainWatched(of: Model): Promise<ReturnType<typeof watched>> {
  const engine = findEngine('onnxruntime')!;
  expect((await engine.available()).available).toBe(true);
  const watch = watched(engine, [...residentShapes(compileTraining(of, true)).keys()]);
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-cmr-'));
  try {
    const graphs = {
      step: () => compileTraining(of, false),
      coMatrix: () => compileTraining(of, true),
      evaluation: () => compileEvaluation(of),
    };
    const identity = { program: 'p', compiler: '0' };
    const { pools } = of;
    const settings = { training, pools, graphs, engine: watch.engine, threads: 1, corpus, folder, identity };
    expect((await train({ ...settings, resume: false })).finished).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return watch;
}

it('the graph without draws takes over every tensor bit by bit', async () => {
  const { ends, starts } = await trainWatched(model);
  expect(starts).toHaveLength(2);
  const [end, start] = [ends[0]!, starts[1]!];
  expect([...start.keys()].sort()).toEqual([...end.keys()].sort());
  for (const [name, { data }] of end) expect([name, [...start.get(name)!.data]]).toEqual([name, [...data]]);
  // Something was learned and pruned before: the comparison is not of zeros.
  expect([...end.get('rnn.S')!.data].filter((v) => v !== 0)).toHaveLength(125);
  expect(end.get('moment.rnn.B.second')!.data.some((v) => v > 0)).toBe(true);
  expect(end.get('state.rnn.h')!.data.some((v) => v !== 0)).toBe(true);
});
