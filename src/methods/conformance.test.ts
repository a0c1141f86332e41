/** The suite that every method passes, over odd shapes, gates and cuts between column blocks. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { finiteDifferences } from '../autodiff/finite-differences.js';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Value } from '../graph/ops.js';
import { size } from '../tensor/shape.js';
import type { Matrix, Mode, Weight } from './method.js';
import { methods } from './methods.js';
import { maskedElements, parameterCount } from './parameters.js';
import { argumentsFor, cases } from './test-cases.js';
import { draw, matrixOf, productOf, randomValues, runPlan, weightOf } from './test-support.js';

/** A graph of W x summed over column blocks; x is fed as `x0`, `x1`, ..., tensors by name. */
interface Forward {
  readonly g: Builder;
  readonly tensors: Readonly<Record<string, Value>>;
  readonly y: Value;
}

/** `claimed` rows decide between factored and multiplied out; every sample count gives the same law. */
function forward(weight: Weight, samples: number, claimed = samples, modeOf: (g: Builder) => Mode = infer): Forward {
  const g = new Builder();
  const tensors = Object.fromEntries(
    Object.entries(weight.tensors).map(([name, { shape }]) => [name, g.input(name, shape)]),
  );
  const xs = weight.matrix.columns.map((width, block) => g.input(`x${block}`, [samples, width]));
  const apply = weight.prepare(g, tensors, modeOf(g));
  const shares = xs.map((x, block) => apply(block, x, { start: 0, count: claimed }));
  return { g, tensors, y: shares.reduce((sum, share) => g.add(sum, share)) };
}
const infer = (): Mode => ({ kind: 'infer' });

/** Column blocks of x (samples, columns). */
function cut(x: Float64Array, { shape, columns }: Matrix): Float64Array[] {
  let start = 0;
  return columns.map((width) => {
    const from = start;
    start += width;
    return x.filter((_, i) => i % shape[1] >= from && i % shape[1] < from + width);
  });
}

function feedOf(weight: Weight, values: Readonly<Record<string, Float64Array>>, x: Float64Array): Feed {
  const { matrix, tensors } = weight;
  const blocks = cut(x, matrix).map((data, block) => {
    const width = matrix.columns[block]!;
    return [`x${block}`, { shape: [data.length / width, width], data }] as const;
  });
  const stored = Object.entries(values).map(([name, data]) => [name, { shape: tensors[name]!.shape, data }] as const);
  return Object.fromEntries([...blocks, ...stored]);
}

function expectNear(found: Float64Array, wanted: Float64Array, tolerance: number): void {
  expect(found).toHaveLength(wanted.length);
  const worst = found.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted[i]!) / (1 + Math.abs(wanted[i]!))), 0);
  expect(worst).toBeLessThan(tolerance);
}

const samples = 3;
const manySamples = 10_000_000;

test('every method has its arguments here', () => {
  expect(Object.keys(argumentsFor)).toEqual(methods.map((m) => m.name));
  for (const { weight } of cases) {
    const masked = Object.values(weight.tensors).some((t) => t.masked);
    expect(masked).toBe(methods.find((m) => m.name === weight.method)?.sparse);
  }
});

describe.each(cases)('$title', ({ weight }) => {
  const { gates, shape } = weight.matrix;
  const [m, n] = shape;
  const values = randomValues(weight);
  const w = weight.reconstruct(values);
  const x = draw(samples * n, 'x');
  const y = productOf(w, x, n);

  test('tensors have a leading gate axis, and the counts are their sizes', () => {
    expect(w).toHaveLength(gates * m * n);
    const specs = Object.values(weight.tensors);
    for (const { shape: own } of specs) expect(own[0]).toBe(gates);
    const all = specs.reduce((sum, t) => sum + size(t.shape), 0);
    expect(parameterCount(weight, maskedElements(weight))).toBe(all);
    expect(weight.rank).toBeGreaterThanOrEqual(1);
    expect(weight.rank).toBeLessThanOrEqual(Math.min(m, n));
  });

  test.each([samples, manySamples])('forward is reconstruct(W) x, as for %i rows', (claimed) => {
    const built = forward(weight, samples, claimed);
    const graph = built.g.finish({ y: built.y });
    expectNear(evaluate(graph, feedOf(weight, values, x))['y']!.data, y, 1e-10);
  });

  test('the plan adds reconstruct(W) x to what y holds', () => {
    const start = draw(gates * m, 'start');
    const one = x.slice(0, n);
    const wanted = productOf(w, one, n).map((v, i) => v + start[i]!);
    expectNear(runPlan(weight, values, one, start), wanted, 1e-10);
  });
});

/** Variance of W's elements when its tensors are drawn from (-bound, bound), for each share that W is made of. */
const variances: Readonly<Record<string, (spread: (tensor: string) => number, weight: Weight) => readonly number[]>> = {
  dense: (of) => [of('W')],
  prune: (of) => [of('W')],
  lmf: (of, { tensors }) => [tensors['V']!.shape[1]! * of('U') * of('V')],
  hlf: (of, { tensors }) => [of('A'), tensors['C']!.shape[1]! * of('B') * of('C')],
  kp: (of, { tensors }) => [Object.keys(tensors).reduce((all, name) => all * of(name), 1)],
  dkp: (of) => [of('B') * of('C'), of('S')],
  hkp: (of) => [of('A'), of('B') * of('C')],
  circulant: (of) => [of('V')],
  tt: (of, { tensors }) => [
    Object.entries(tensors).reduce((all, [name, { shape }]) => all * of(name) * shape.at(-1)!, 1),
  ],
};

test.each(cases)('the start of $title varies as a dense weight', ({ weight }) => {
  const a = 0.05;
  const spread = (tensor: string): number => weight.tensors[tensor]!.bound(a) ** 2 / 3;
  for (const variance of variances[weight.method]!(spread, weight)) expect(variance).toBeCloseTo(a ** 2 / 3, 12);
});

const differentiable = cases.filter(({ weight }) => size(weight.matrix.shape) * weight.matrix.gates <= 240);

describe.each(differentiable)('autodiff of $title', ({ weight }) => {
  test.each([samples, manySamples])('is what finite differences give, as for %i rows', (claimed) => {
    const { g, tensors, y } = forward(weight, samples, claimed);
    const direction = g.input('direction', g.shape(y));
    const loss = g.sum(g.mul(direction, g.tanh(y)));
    const wanted = { ...tensors, x0: g.ops.findIndex((op) => op.kind === 'input' && op.attrs.name === 'x0') };
    const found = differentiate(g, loss, Object.values(wanted));
    const outputs = Object.entries(wanted).map(([name, v]) => [`d ${name}`, found.get(v)!] as const);
    const graph = g.finish({ loss, ...Object.fromEntries(outputs) });
    const feed: Feed = {
      ...feedOf(weight, randomValues(weight), draw(samples * weight.matrix.shape[1], 'x')),
      direction: { shape: g.shape(y), data: draw(size(g.shape(y)), 'direction') },
    };
    const gradients = evaluate(graph, feed);
    for (const name of Object.keys(wanted)) {
      expectNear(gradients[`d ${name}`]!.data, finiteDifferences(graph, 'loss', feed, name), 1e-7);
    }
  });
});

describe.each([
  { title: 'multiplied out', count: 4, matrix: matrixOf(4, 12, 7, 13) },
  { title: 'factored', count: 700, matrix: matrixOf(4, 24, 16, 19) },
])('co-matrix dropout, $title', ({ count, matrix }) => {
  const weight = weightOf('dkp', { sparsity: { percent: 50 } }, matrix);
  const [m, n] = matrix.shape;
  const rows = matrix.gates * m;
  const values = randomValues(weight);
  const x = draw(count * n, 'cmr x');
  const zero = { B: values['B']!.map(() => 0), C: values['C']!, S: values['S']! };
  const sparse = productOf(weight.reconstruct(zero), x, n);
  const structured = productOf(weight.reconstruct({ ...values, S: values['S']!.map(() => 0) }), x, n);

  /** y of a graph whose draws cover one more row in front, so that the slice matters. */
  function run(keep: Readonly<Record<string, Float64Array>>): Float64Array {
    const shape = [count + 1, rows];
    const mode = (g: Builder): Mode => ({ kind: 'train', draw: (name) => g.input(`draw ${name}`, shape) });
    const g = new Builder();
    const tensors = Object.fromEntries(Object.entries(weight.tensors).map(([k, t]) => [k, g.input(k, t.shape)]));
    const apply = weight.prepare(g, tensors, mode(g));
    const shares = matrix.columns.map((width, block) =>
      apply(block, g.input(`x${block}`, [count, width]), { start: 1, count }),
    );
    const y = shares.reduce((sum, share) => g.add(sum, share));
    const draws = Object.entries(keep).map(([name, data]) => [`draw ${name}`, { shape, data }] as const);
    const feed = { ...feedOf(weight, values, x), ...Object.fromEntries(draws) };
    return evaluate(g.finish({ y }), feed)['y']!.data;
  }
  const keepOf = (purpose: string): Float64Array => draw((count + 1) * rows, purpose).map((v) => (v < 0 ? 0 : 2));

  test('draws a factor for every row of B (x) C and of S ([D] eq. 8)', () => {
    const keep = { kp: keepOf('kp'), sparse: keepOf('sparse') };
    const wanted = structured.map((v, i) => keep.kp[rows + i]! * v + keep.sparse[rows + i]! * sparse[i]!);
    expectNear(run(keep), wanted, 1e-10);
  });

  test('with all rows kept is the plain product', () => {
    const ones = new Float64Array((count + 1) * rows).fill(1);
    expectNear(run({ kp: ones, sparse: ones }), productOf(weight.reconstruct(values), x, n), 1e-10);
  });
});

test('the factored forms differ from the multiplied-out ones', () => {
  for (const name of ['lmf', 'hlf', 'kp', 'hkp', 'tt']) {
    const weight = weightOf(name, name === 'kp' ? {} : argumentsFor[name]!(12, 20)!, matrixOf(4, 12, 20));
    const few = forward(weight, samples).g.ops.length;
    const many = forward(weight, samples, manySamples).g.ops.length;
    expect(many).not.toBe(few);
  }
});

const exact = cases.filter(({ weight }) =>
  ['dense', 'prune', 'lmf', 'kp', 'hkp', 'tt', 'circulant'].includes(weight.method),
);

test.each(exact)('fit of $title finds what it was made of', ({ weight }) => {
  const w = weight.reconstruct(randomValues(weight, 'fit'));
  const kept = w.reduce((count, v) => count + (v === 0 ? 0 : 1), 0);
  const fitted = weight.fit(w, kept);
  expect(fitted.kind).toBe('fitted');
  if (fitted.kind === 'fitted') expectNear(weight.reconstruct(fitted.values), w, 1e-9);
});
