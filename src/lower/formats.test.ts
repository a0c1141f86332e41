/** Number formats from programs to graphs and plans: straight-through training, and the values that are stored. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import { RegionValues } from '../kernels/memory.js';
import { formatsOf } from '../model/formats.js';
import type { Model } from '../model/model.js';
import { gridOf, gridValues } from '../tensor/grid.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { initialWeights } from '../train/initialize.js';
import { applyMask, selectLargest } from '../train/masks.js';
import { lowerInference } from './inference.js';
import { trainedKept } from './inference-kept.js';
import { storedWeights } from './stored-weights.js';
import { lowerEvaluation, lowerTraining } from './training.js';
import { learningRate, lossOutput, nextName, type StepGraph } from './training-graph.js';

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
  for (const { name, shape } of step.carried) feed[name] = { shape, data: new Float64Array(size(shape)) };
  step.data.forEach(({ name, shape }, i) => {
    feed[name] = { shape, data: Int32Array.from({ length: size(shape) }, (_, k) => (3 * k + i) % 11) };
  });
  return evaluate(step.graph, feed);
}

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
      layout.kind === 'scales' ? layout : { ...layout, format: { kind: 'float', word: 'float32' } as const },
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
