import { expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import type { Optimizer } from '../model/model.js';
import { globalNorm, lowerOptimizer } from './optimizer.js';
import { nextName } from './training-graph.js';

const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', clip: 1, weightDecay: 0.1 },
  { kind: 'momentum', momentum: 0.9, clip: 1, weightDecay: 0 },
  { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: undefined, weightDecay: 0 },
  { kind: 'adagrad', epsilon: 1e-10, clip: 1, weightDecay: 0 },
  { kind: 'rmsprop', rho: 0.99, epsilon: 1e-8, momentum: 0.9, clip: undefined, weightDecay: 0 },
  { kind: 'adadelta', rho: 0.9, epsilon: 1e-6, clip: 1, weightDecay: 0.1 },
];

/** Moments from before the pruning still push a weight; it must stay at zero, and the moments must let go of it. */
it.each(optimizers)('a weight that has just been pruned stays zero under $kind', (optimizer) => {
  const g = new Builder();
  const [value, raw, mask] = ['w', 'gradient', 'mask'].map((name) => g.input(name, [2])) as [number, number, number];
  const gradient = g.mul(raw, mask);
  const trainable = { name: 'w', shape: [2], value, gradient, mask, turn: undefined, decays: true };
  const update = lowerOptimizer(g, optimizer, [trainable], { norm: globalNorm(g, [gradient]), scale: 1 });
  const graph = g.finish(update.outputs);
  const vector = (...data: number[]) => ({ shape: [2], data: Float64Array.from(data) });
  const scalar = (x: number) => ({ shape: [], data: Float64Array.of(x) });
  const moments = Object.fromEntries(update.carried.map(({ name }) => [name, vector(0.5, 0.5)]));
  const feed = { w: vector(1, 0), gradient: vector(0.3, 0.3), mask: vector(1, 0), lr: scalar(0.1), step: scalar(5) };
  const next = evaluate(graph, { ...feed, ...moments });
  // Of either sign: -1 times a mask of 0 is -0.
  expect(Math.abs(next[nextName('w')]!.data[1]!)).toBe(0);
  expect(next[nextName('w')]!.data[0]).not.toBe(1);
  for (const { name } of update.carried) expect(Math.abs(next[nextName(name)]!.data[1]!)).toBe(0);
});

/** w = 1 under the gradients 0.5 and -0.25 at a rate of 0.1: the laws worked by hand. */
const worked: readonly (readonly [optimizer: Optimizer, wanted: readonly number[]])[] = [
  // Velocities 0.5 and 0.2.
  [{ kind: 'momentum', momentum: 0.9, clip: undefined, weightDecay: 0 }, [0.95, 0.93]],
  // Roots of sums 0.5 and 0.559017.
  [{ kind: 'adagrad', epsilon: 0, clip: undefined, weightDecay: 0 }, [0.9, 0.9447213595]],
  // Means of squares 0.125 and 0.09375: 0.5 / 0.353553 and -0.25 / 0.306186.
  [{ kind: 'rmsprop', rho: 0.5, epsilon: 0, momentum: 0, clip: undefined, weightDecay: 0 }, [0.8585786438, 0.9402283]],
  // Velocities 1.414214 and 0.707107 - 0.816497.
  [
    { kind: 'rmsprop', rho: 0.5, epsilon: 0, momentum: 0.5, clip: undefined, weightDecay: 0 },
    [0.8585786438, 0.8695176],
  ],
  // Changes 0.1 / 0.367423 * 0.5 = 0.136083 and -0.107712.
  [{ kind: 'adadelta', rho: 0.5, epsilon: 0.01, clip: undefined, weightDecay: 0 }, [0.9863917237, 0.9971629647]],
];

it.each(worked)('two updates of %o', (optimizer, wanted) => {
  const g = new Builder();
  const [value, gradient] = ['w', 'gradient'].map((name) => g.input(name, [1])) as [number, number];
  const trainable = { name: 'w', shape: [1], value, gradient, mask: undefined, turn: undefined, decays: true };
  const update = lowerOptimizer(g, optimizer, [trainable], { norm: globalNorm(g, [gradient]), scale: 1 });
  const graph = g.finish(update.outputs);
  const one = (x: number, shape: readonly number[] = [1]) => ({ shape, data: Float64Array.of(x) });
  let now: Record<string, ReturnType<typeof one>> = { w: one(1) };
  for (const { name } of update.carried) now[name] = one(0);
  [0.5, -0.25].forEach((slope, i) => {
    const next = evaluate(graph, { ...now, gradient: one(slope), lr: one(0.1, []), step: one(i + 1, []) });
    now = Object.fromEntries(Object.keys(now).map((name) => [name, one(next[nextName(name)]!.data[0]!)]));
    expect(now['w']!.data[0]).toBeCloseTo(wanted[i]!, 6);
  });
});

it.each(optimizers)('gradients of a scaled loss make the same step under $kind', (optimizer) => {
  const scale = 1 / 20;
  const step = (given: readonly number[], by: number): Float64Array => {
    const g = new Builder();
    const [value, gradient] = ['w', 'gradient'].map((name) => g.input(name, [2])) as [number, number];
    const trainable = { name: 'w', shape: [2], value, gradient, mask: undefined, turn: undefined, decays: true };
    const norm = globalNorm(g, [gradient], by);
    const update = lowerOptimizer(g, optimizer, [trainable], { norm, scale: by });
    const vector = (data: readonly number[]) => ({ shape: [2], data: Float64Array.from(data) });
    const scalar = (x: number) => ({ shape: [], data: Float64Array.of(x) });
    const moments = Object.fromEntries(update.carried.map(({ name }) => [name, vector([0.5, 0.25])]));
    const feed = { w: vector([1, -2]), gradient: vector(given), lr: scalar(0.1), step: scalar(5), ...moments };
    return evaluate(g.finish({ ...update.outputs, norm }), feed)[nextName('w')]!.data as Float64Array;
  };
  const gradient = [3, -4];
  const expected = step(gradient, 1);
  const found = step(
    gradient.map((x) => x / scale),
    scale,
  );
  found.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i]!, 12);
  });
});
