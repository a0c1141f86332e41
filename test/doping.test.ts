/** The forms of dkp ([D] eq. 2a, 2b) and block coordinate descent ([D] 3.2) over steps and whole runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileEvaluation, compileTraining } from '../src/compile.js';
import { loadCorpus } from '../src/data/load.js';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import { lowerTraining } from '../src/lower/training.js';
import type { StepGraph } from '../src/lower/training-graph.js';
import type { Model } from '../src/model/model.js';
import { signatureOf } from '../src/targets/signature.js';
import type { Tensor, Weights } from '../src/tensor/tensor.js';
import { foldScales } from '../src/train/folding.js';
import { openEvaluator } from '../src/train/split-evaluator.js';
import { remains, stopAfter } from '../src/train/test-runs.js';
import { oracleEngine } from '../src/train/test-support.js';
import { train } from '../src/train/trainer.js';
import { modelOf } from './support/check-text.js';
import { prunedWeights, runStep, trainingDistances, trainingFeeds } from './support/program-checks.js';
import { shippedEngines } from './support/shipped-engines.js';

interface Recipe {
  readonly rule?: string;
  readonly lines?: string;
}

const tiny = ({ rule = 'B=4x3, C=2x5, sparsity=60%, form=2b, penalty=0.01', lines = '' }: Recipe = {}): Model =>
  modelOf(`language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 9)
}
compress { rnn: dkp(${rule}) }
train {
  data     = generated(order=1, vocab=9, tokens=130, batch=2, unroll=3)
  epochs   = 2
  sparsity = cubic(from=4 steps, to=30 steps, every=5 steps)
  ${lines}
}`);

const doubles = (feeds: Readonly<Record<string, Tensor>>): Feed =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) =>
      data instanceof Int32Array ? [name, { shape, data }] : [name, { shape, data: Float64Array.from(data) }],
    ),
  );

const stepOf = (model: Model, cmr = false) => lowerTraining(model, { steps: 3, batch: 2, cmr });

describe('the forms', () => {
  const penalties = { '1': 0, '2a': 0.01 * 1.3, '2b': 0.01 * (1.3 + 1 / 0.8) };
  const written = { '1': '', '2a': ', form=2a, penalty=0.01', '2b': ', form=2b, penalty=0.01' };

  it.each(['2a', '2b'] as const)('form=%s is form 1 of the folded weights, and the penalty', (form) => {
    const lossOf = (key: keyof typeof written, fold: boolean): number => {
      const model = tiny({ rule: `B=4x3, C=2x5, sparsity=60%${written[key]}` });
      const step = stepOf(model);
      const pruned = prunedWeights(model, 2);
      const feeds = trainingFeeds(model, step, pruned);
      if (fold) {
        const other = stepOf(tiny({ rule: `B=4x3, C=2x5, sparsity=60%${written[form]}` }));
        const scales: Weights = new Map([
          ['rnn.alpha', { shape: [], data: Float32Array.of(0.8) }],
          ['rnn.beta', { shape: [], data: Float32Array.of(-1.3) }],
        ]);
        for (const [name, tensor] of foldScales(other.parameters, new Map([...pruned.weights, ...scales])))
          feeds[name] = tensor;
      }
      return evaluate(step.graph, doubles(feeds))['loss']!.data[0]!;
    };
    expect(lossOf(form, false)).toBeCloseTo(lossOf('1', true) + penalties[form], 5);
    expect(Math.abs(lossOf(form, false) - lossOf('1', false))).toBeGreaterThan(1e-3);
  });

  it('alpha, beta and all that they weigh have the gradients that finite differences give, scalars at their pace', () => {
    // Four gates of 8 x (7 + 8) values; the penalties of trainingFeeds' alpha and beta count in full.
    const pace = 1 / Math.sqrt(4 * 8 * 15);
    const penaltySlope: Readonly<Record<string, (scale: number) => number>> = {
      'rnn.alpha': (scale) => (-0.01 * Math.sign(scale)) / scale ** 2,
      'rnn.beta': (scale) => 0.01 * Math.sign(scale),
    };
    const model = tiny({ lines: 'regularize = l2(0.01)' });
    const step = stepOf(model);
    const feed = doubles({
      ...trainingFeeds(model, step, prunedWeights(model, 2)),
      lr: { shape: [], data: Float32Array.of(1) },
    });
    for (const name of ['rnn.alpha', 'rnn.beta', 'rnn.B', 'rnn.C', 'rnn.S']) {
      const given = feed[name]!;
      // Plain descent at a rate of 1: what is taken off is the gradient.
      const found = evaluate(step.graph, feed)[`${name}.next`]!.data.map((v, i) => given.data[i]! - v);
      const at = (i: number, by: number): number => {
        const data = Float64Array.from(given.data, (v, j) => (i === j ? v + by : v));
        return evaluate(step.graph, { ...feed, [name]: { shape: given.shape, data } })['loss']!.data[0]!;
      };
      const kept = [...given.data.keys()].filter((i) => given.data[i] !== 0).slice(0, 12);
      for (const i of kept) {
        const slope = (at(i, 1e-5) - at(i, -1e-5)) / 2e-5;
        const penalty = penaltySlope[name]?.(given.data[i]!);
        expect(found[i]).toBeCloseTo(penalty === undefined ? slope : pace * (slope - penalty) + penalty, 6);
      }
      expect(kept.some((i) => Math.abs(found[i]!) > 1e-4)).toBe(true);
    }
  });

  it('give a layer one pair of scalars, whichever parts of it the rule selects', () => {
    const split = modelOf(`language 1
model tiny { x = features(6)  y = lstm(x, 8) }
compress { y.input, y.recurrent: dkp(sparsity=50%, form=2b) }`);
    const { parameters } = stepOf(tinyWithLoss(split));
    expect(parameters.filter((p) => p.penalty !== undefined).map((p) => p.name)).toEqual(['y.alpha', 'y.beta']);
    expect(parameters.flatMap((p) => (p.scaledBy === undefined ? [] : [[p.name, p.scaledBy]]))).toEqual([
      ['y.input.B', 'y.alpha'],
      ['y.input.S', 'y.beta'],
      ['y.recurrent.B', 'y.alpha'],
      ['y.recurrent.S', 'y.beta'],
    ]);
  });

  it('are not in evaluation, and the signature of the training graph says what to fold', () => {
    expect(compileEvaluation(tiny()).parameters.map((p) => p.name)).toEqual(
      compileEvaluation(tiny({ rule: 'B=4x3, C=2x5, sparsity=60%' })).parameters.map((p) => p.name),
    );
    const { inputs } = signatureOf(compileTraining(tiny(), false), new Map());
    expect(inputs.find(({ name }) => name === 'rnn.S')).toMatchObject({ role: 'parameter', scaledBy: 'rnn.beta' });
    expect(inputs.find(({ name }) => name === 'rnn.alpha')).toMatchObject({ role: 'scale', shape: [] });
  });
});

/** With a classifier behind its output, so that it can be trained. */
function tinyWithLoss(model: Model): Model {
  const head = tiny().layers.find(({ name }) => name === 'next')!;
  return { ...model, layers: [...model.layers, { ...head, inputs: ['y'] }], outputs: ['next'] };
}

const optimizers = [
  'sgd(clip=0.1, weight_decay=0.01)',
  'momentum(0.9)',
  'adam(clip=0.1)',
  'adamw(weight_decay=0.1)',
  'adagrad(clip=0.1)',
  'rmsprop(momentum=0.5)',
  'adadelta(weight_decay=0.01)',
];

describe.each(optimizers)('turns under %s', (optimizer) => {
  const model = tiny({ lines: `optimizer = ${optimizer}\n  alternate = bcd(every=7 steps)` });
  const structure = /rnn\.(B|C|alpha)\b/;
  const overlay = /rnn\.(S|beta)\b/;

  it.each(['structure', 'overlay'])('only %s moves, in every engine', async (part) => {
    const step = compileTraining(model, false);
    const feeds = trainingFeeds(model, step, prunedWeights(model, 2));
    for (const name of ['structure', 'overlay'])
      feeds[`turn.${name}`] = { shape: [], data: Float32Array.of(name === part ? 1 : 0) };
    const frozen = part === 'structure' ? overlay : structure;
    for (const engine of shippedEngines) {
      const found = await runStep(engine, step.graph, feeds);
      for (const [output, values] of Object.entries(found)) {
        const name = output.slice(0, -'.next'.length);
        // A layer is called `next` too.
        if (!(name in feeds) || name.startsWith('state.')) continue;
        const masked = /S\b/.test(name) ? feeds['mask.rnn.S']!.data : undefined;
        const before = [...feeds[name]!.data].map((v, i) => (masked?.[i] === 0 ? 0 : v));
        const same = Array.from(values).every((v, i) => v === before[i]);
        expect([engine.name, name, same]).toEqual([engine.name, name, frozen.test(name)]);
      }
    }
  });

  it('agree with the oracle', async () => {
    for (const { by, share } of await trainingDistances(model, prunedWeights(model, 5), false, shippedEngines))
      expect([by, share < 1]).toEqual([by, true]);
  });
});

describe('a run of form 2b in turns', () => {
  const model = tiny({ lines: 'optimizer = adam\n lr = 0.02\n alternate = bcd(every=7 steps, first=overlay)' });
  const training = model.training!;
  const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 });
  const graphs = {
    step: () => compileTraining(model, false),
    coMatrix: undefined,
    evaluation: () => compileEvaluation(model),
  };
  const runIn = (folder: string, engine: string, more: object = {}) =>
    train({
      ...{ training, pools: model.pools, graphs, threads: 1, corpus, folder, resume: true },
      engine: engine === 'oracle' ? oracleEngine() : findEngine(engine)!,
      identity: { program: 'p', compiler: '0' },
      ...more,
    });
  const inFolder = async (act: (folder: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'rnnc-turns-'));
    try {
      await act(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each(['onnxruntime', 'tfjs-wasm'])('goes on bit by bit on %s, and keeps folded weights', async (engine) =>
    inFolder(async (folder) => {
      const whole = await runIn(join(folder, 'whole'), engine);
      const parts = join(folder, 'parts');
      for (const steps of [5, 9, 20]) await runIn(parts, engine, stopAfter(steps));
      expect((await runIn(parts, engine)).finished).toBe(true);
      expect(remains(parts)).toEqual(remains(join(folder, 'whole')));
      const weights = whole.weights!;
      expect([...weights.keys()].filter((name) => name.startsWith('rnn.')).sort()).toEqual([
        'rnn.B',
        'rnn.C',
        'rnn.S',
        'rnn.bias',
      ]);
      expect(weights.get('rnn.S')!.data.filter((v) => v !== 0)).toHaveLength(model.pools[0]!.kept);
      const graphOf = (steps: number): StepGraph => compileEvaluation(model, steps);
      const request = { corpus, loader: model.training!.loader, graphOf, engine: findEngine(engine)!, threads: 1 };
      const evaluator = await openEvaluator(request);
      evaluator.setWeights(weights);
      expect(await evaluator.score('test')).toEqual(whole.test);
      await evaluator.close();
    }),
  );

  it('gives the same weights on every engine', async () =>
    inFolder(async (folder) => {
      const results: Weights[] = [];
      for (const engine of ['oracle', 'onnxruntime', 'tfjs-wasm']) {
        const { weights } = await runIn(join(folder, engine), engine);
        results.push(weights!);
      }
      const [wanted, ...others] = results;
      for (const other of others)
        for (const [name, { data }] of wanted!) {
          const distances = other.get(name)!.data.map((v, i) => Math.abs(v - data[i]!));
          expect(Math.max(...distances)).toBeLessThan(1e-3);
        }
    }));
});
