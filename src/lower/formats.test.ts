/** Number formats from programs to graphs and plans: straight-through training, and the values that are stored. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import { RegionValues } from '../kernels/memory.js';
import { formatsOf } from '../model/formats.js';
import type { Model } from '../model/model.js';
import { summarize, totals } from '../model/summary.js';
import { gridOf, gridValues, runAt } from '../tensor/grid.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { initialWeights } from '../train/initialize.js';
import { applyMask, selectLargest } from '../train/masks.js';
import { lowerInference } from './inference.js';
import { trainedKept } from './inference-kept.js';
import { storedWeights } from './stored-weights.js';
import { lowerEvaluation, lowerTraining } from './training.js';
import { isWeight, learningRate, lossOutput, nextName, type StepGraph } from './training-graph.js';

const program = (rnn: string, rest: string): Model =>
  modelOf(`model m {
  tokens = ids(vocab=11)
  embed = embedding(tokens, 12)
  rnn = lstm(embed, 12)
  next = softmax(rnn, 11)
}
compress {
  rnn: ${rnn}
  ${rest}
}`);

/** Drawn weights, pruned to what the program keeps. */
function weightsOf(model: Model): Weights {
  const { parameters } = lowerEvaluation(model, { steps: 1, batch: 1 });
  const weights = new Map<string, FloatTensor>(initialWeights(parameters, 5));
  for (const pool of model.pools) {
    const tensors = pool.tensors.map((name) => weights.get(name)!);
    selectLargest(tensors, pool.kept, pool.block).forEach((mask, i) => {
      weights.set(pool.tensors[i]!, applyMask(tensors[i]!, mask));
    });
  }
  return weights;
}

/** All outputs of a training step of 3 steps and a batch of 2; what is zero in `pruned` stays so. */
function trained(step: StepGraph, weights: Weights, pruned = weights): ReturnType<typeof evaluate> {
  const feed: Record<string, Feed[string]> = { [learningRate]: { shape: [], data: Float64Array.of(1) } };
  for (const { name, shape, mask } of step.parameters) {
    const { data } = weights.get(name)!;
    feed[name] = { shape, data: Float64Array.from(data) };
    if (mask === undefined) continue;
    const left = pruned.get(name)!.data;
    feed[mask] = { shape, data: Float64Array.from(left, (x) => (x === 0 ? 0 : 1)) };
  }
  feed['step'] = { shape: [], data: Float64Array.of(1) };
  for (const { name, shape } of step.carried) feed[name] = { shape, data: new Float64Array(size(shape)) };
  step.data.forEach(({ name, shape }, i) => {
    feed[name] = { shape, data: Int32Array.from({ length: size(shape) }, (_, k) => (3 * k + i) % 11) };
  });
  return evaluate(step.graph, feed);
}

/** `int4(per=row)` with scales that are learned. */
const learned = (format: string): string => `${format.replace(/^(\w+)$/, '$1(per=row)').slice(0, -1)}, scales=learned)`;

/** Scales off from those of the largest magnitudes, some of them negative, as steps may leave them. */
const shaken = (weights: Weights): Weights =>
  new Map(
    [...weights].map(([name, { shape, data }]) =>
      name.endsWith('.scales')
        ? [name, { shape, data: data.map((s, i) => s * [0.4, -0.9, 1.3][i % 3]!) }]
        : [name, { shape, data }],
    ),
  );

const methods = [
  'dense',
  'lmf(r=3)',
  'hlf(j=2, k=1)',
  'kp',
  'dkp(B=3x4, C=4x6, sparsity=70%)',
  'prune(sparsity=60%)',
  'prune(sparsity=50%, block=4x2)',
  'hkp(rows=2, B=2x4, C=5x6)',
  'tt(shapes=[3x4, 4x6], ranks=2)',
  'circulant(block=5)',
];
const formats = ['int8', 'int4(per=tensor)', 'int3', 'int8(per=group(5))'];
const pairs = methods.flatMap((method) =>
  formats
    .filter((format) => !(format.includes('group') && /prune|dkp/.test(method)))
    .map((format) => [method, format] as const),
);

describe('straight-through training', () => {
  it.each(pairs)('%s then %s: forward on the grid, and its gradient', (method, format) => {
    const model = program(`${method} then ${format}`, `embed, next: ${format}`);
    const plain = program(method, '');
    const weights = weightsOf(model);
    const stored = storedWeights(lowerEvaluation(model, { steps: 1, batch: 1 }).parameters, weights);
    const options = { steps: 3, batch: 2, cmr: false };
    const found = trained(lowerTraining(model, options), weights);
    const expected = trained(lowerTraining(plain, options), stored, weights);
    const masked = model.pools.flatMap(({ tensors }) => tensors);
    expect(found[lossOutput]!.data[0]).toBe(expected[lossOutput]!.data[0]);
    for (const [name, { data }] of weights) {
      const [moved, wanted] = [found[nextName(name)]!.data, expected[nextName(name)]!.data];
      const grid = stored.get(name)!.data;
      let worst = 0;
      data.forEach((w, i) => {
        worst = Math.max(worst, Math.abs(moved[i]! - w - (wanted[i]! - grid[i]!)));
        if (w === 0 && masked.includes(name)) worst = Math.max(worst, Math.abs(grid[i]!), Math.abs(moved[i]!));
      });
      expect([name, worst]).toEqual([name, expect.closeTo(0, 12)]);
    }
  });

  it('is not for `train=no`, for floats and for `emit`', () => {
    for (const rule of ['int8(train=no)', 'bfloat16', 'float16', 'float32', 'lmf(r=2)']) {
      const { graph } = lowerTraining(program(rule, ''), { steps: 1, batch: 1, cmr: false });
      expect(graph.ops.some((op) => op.kind === 'snap')).toBe(false);
    }
  });

  it('of a table by rows is the grid of each row', () => {
    const model = program('dense', 'embed: int4');
    const weights = weightsOf(model);
    const stored = storedWeights(lowerEvaluation(model, { steps: 1, batch: 1 }).parameters, weights);
    const runs = { row: 12, run: 12 };
    const { data } = weights.get('embed.table')!;
    expect(stored.get('embed.table')!.data).toEqual(gridValues(gridOf(data, 7, runs), runs));
    expect(stored.get('rnn.W')).toBe(weights.get('rnn.W'));
    expect(stored.get('next.bias')).toBe(weights.get('next.bias'));
  });
});

describe('learned scales', () => {
  it.each(pairs)('%s then %s: forward on their grid, gradients by Esser et al. 2020', (method, format) => {
    const model = program(`${method} then ${learned(format)}`, `embed, next: ${learned(format)}`);
    const weights = shaken(weightsOf(model));
    const { parameters } = lowerEvaluation(model, { steps: 1, batch: 1 });
    const stored = storedWeights(parameters, weights);
    const options = { steps: 3, batch: 2, cmr: false };
    const found = trained(lowerTraining(model, options), weights);
    const dense = new Map([...stored].filter(([name]) => !name.endsWith('.scales')));
    const expected = trained(lowerTraining(program(method, ''), options), dense, weights);
    expect(found[lossOutput]!.data[0]).toBe(expected[lossOutput]!.data[0]);
    for (const { name, gridOf: grid } of parameters) {
      if (grid === undefined) continue;
      const { levels, runs, weight } = grid;
      const [values, onGrid, scales] = [weights, stored, weights].map((of, i) => of.get(i < 2 ? weight : name)!.data);
      const sums = new Float64Array(scales!.length);
      let worst = 0;
      values!.forEach((w, i) => {
        const gradient = onGrid![i]! - expected[nextName(weight)]!.data[i]!;
        const run = runAt(runs, i);
        const ratio = Math.fround(w / Math.abs(scales![run]!));
        const inside = Math.abs(ratio) <= levels;
        const code = Math.round(onGrid![i]! / Math.abs(scales![run]!));
        sums[run]! += gradient * (inside ? code - ratio : code);
        worst = Math.max(worst, Math.abs(w - found[nextName(weight)]!.data[i]! - (inside ? gradient : 0)));
      });
      const pace = 1 / Math.sqrt(runs.run * levels);
      scales!.forEach((s, run) => {
        const moved = s - found[nextName(name)]!.data[run]!;
        worst = Math.max(worst, Math.abs(moved - Math.sign(s) * pace * sums[run]!));
      });
      expect([name, worst]).toEqual([name, expect.closeTo(0, 12)]);
    }
  });

  it('start where scales of the values are, and are no parameters', () => {
    const [model, plain] = [program('dense', 'next: int4(scales=learned)'), program('dense', 'next: int4')];
    const stored = (of: Model) => storedWeights(lowerEvaluation(of, { steps: 1, batch: 1 }).parameters, weightsOf(of));
    expect(stored(model).get('next.W')).toEqual(stored(plain).get('next.W'));
    expect(stored(model).get('next.W.scales')!.shape).toEqual([11]);
    const costs = (of: Model) => totals(summarize(of)).after;
    expect(costs(model)).toEqual(costs(plain));
  });

  it('take 1 / levels of a step under optimizers that know no magnitudes', () => {
    const text = `model m {
        tokens = ids(vocab=11)
        embed = embedding(tokens, 4)
        next = softmax(embed, 11)
      }
      compress { next: int4(scales=learned) }
      train {
        data = generated(order=1, vocab=11, tokens=99, batch=2, unroll=3)
        optimizer = adam
        lr = 1
        epochs = 1
      }`;
    const step = lowerTraining(modelOf(text), { steps: 3, batch: 2, cmr: false });
    const weights = shaken(initialWeights(step.parameters, 5));
    const next = trained(step, weights);
    // The first step of adam is as long for every parameter.
    const lengths = (name: string) =>
      weights.get(name)!.data.map((w, i) => Math.abs(next[nextName(name)]!.data[i]! - w));
    for (const length of lengths('next.bias')) expect(length).toBeCloseTo(1, 3);
    for (const length of lengths('next.W.scales')) expect(length).toBeCloseTo(1 / 7, 3);
  });

  it('neither decay nor count in l2', () => {
    const model = program('dense', 'next: int4(scales=learned)');
    const { parameters } = lowerTraining(model, { steps: 1, batch: 1, cmr: false });
    expect(parameters.filter((p) => !isWeight(p)).map(({ name }) => name)).toEqual(['next.W.scales']);
  });
});

/** The format of a rule, rounded when training is over. */
const untrained = (format: string): string =>
  format.startsWith('int') ? `${format.replace(/^(\w+)$/, '$1(per=row)').slice(0, -1)}, train=no)` : format;

/** What evaluation is fed are the values that the emitted program has. */
function expectEmitted(model: Model, weights: Weights, format: string): void {
  const stored = storedWeights(lowerEvaluation(model, { steps: 1, batch: 1 }).parameters, weights);
  const kept = trainedKept(model, weights);
  const plan = lowerInference(model, { keptOf: (tensor) => kept.get(tensor), formatOf: formatsOf(model) });
  const layouts = plan.regions.map(({ layout }) => layout);
  const values = new RegionValues(layouts, (path) => weights.get(path)!.data);
  const plainValues = new RegionValues(
    layouts.map((layout) =>
      layout.kind === 'scales' || layout.kind === 'spectra' || layout.kind === 'roots'
        ? layout
        : { ...layout, format: { kind: 'float', word: 'float32' } as const },
    ),
    (path) => stored.get(path)!.data,
  );
  layouts.forEach((layout, id) => {
    if (layout.kind === 'scales' || (layout.kind === 'sparse' && layout.section !== 'values')) return;
    const of = (from: RegionValues): Float32Array =>
      layout.kind === 'sparse' ? from.sparse(id).values : from.matrix(id);
    expect([format, layout.matrix.tensor, of(values)]).toEqual([format, layout.matrix.tensor, of(plainValues)]);
  });
}

describe('stored values', () => {
  const everyFormat = [
    'float16',
    'bfloat16',
    ...formats,
    'int4(per=group(7))',
    'int8(per=tensor)',
    'int3(per=group(3))',
  ];
  it.each(methods)('%s: what is evaluated is what the emitted program has', (method) => {
    for (const format of everyFormat) {
      const model = program(`${method} then ${untrained(format)}`, `embed, next: ${untrained(format)}`);
      expectEmitted(model, weightsOf(model), format);
    }
  });

  it.each(methods)('%s on learned scales: what is evaluated is what the emitted program has', (method) => {
    const sparse = /prune|dkp/.test(method);
    for (const format of everyFormat.filter((f) => f.startsWith('int') && !(sparse && f.includes('group')))) {
      const model = program(`${method} then ${learned(format)}`, `embed, next: ${learned(format)}`);
      expectEmitted(model, shaken(weightsOf(model)), format);
    }
  });

  it.each([
    ['one tensor', 'rnn', 'prune(sparsity=60%)'],
    ['blocks', 'rnn', 'prune(sparsity=50%, block=4x2)'],
    ['one ranking over several tensors', 'rnn.input, rnn.recurrent', 'prune(sparsity=40%)'],
    ['an overlay', 'rnn', 'dkp(B=3x4, C=4x6, sparsity=70%)'],
  ])('of pruned values that are zero by chance, %s', (_, selector, method) => {
    for (const format of ['int8(per=group(5))', 'int4(per=group(7))', 'int3(per=row)', 'float16']) {
      const model = modelOf(`model m {
        tokens = ids(vocab=11)
        embed = embedding(tokens, 12)
        rnn = lstm(embed, 12)
        next = softmax(rnn, 11)
      }
      compress { ${selector}: ${method} then ${untrained(format)} }`);
      const pruned = model.pools.flatMap(({ tensors }) => tensors);
      const weights = new Map(
        [...weightsOf(model)].map(([name, { shape, data }]): [string, FloatTensor] => {
          const zero = (i: number): boolean => pruned.includes(name) && i % 96 > 70;
          return [name, { shape, data: data.map((value, i) => (zero(i) ? 0 : value)) }];
        }),
      );
      expectEmitted(model, weights, format);
    }
  });

  it('refuse what a format cannot hold, by name and place', () => {
    const model = program('float16', '');
    const weights = new Map(weightsOf(model));
    const w = weights.get('rnn.W')!;
    weights.set('rnn.W', { shape: w.shape, data: w.data.map((x, i) => (i === 7 ? 70_000 : x)) });
    const { parameters } = lowerEvaluation(model, { steps: 1, batch: 1 });
    expect(() => storedWeights(parameters, weights)).toThrow(
      'rnn.W holds 70000 at index 7, the largest float16 is 65504',
    );
  });
});
