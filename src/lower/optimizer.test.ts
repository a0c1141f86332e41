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
];

/** Moments from before the pruning still push a weight; it must stay at zero, and the moments must let go of it. */
it.each(optimizers)('a weight that has just been pruned stays zero under $kind', (optimizer) => {
  const g = new Builder();
  const [value, raw, mask] = ['w', 'gradient', 'mask'].map((name) => g.input(name, [2])) as [number, number, number];
  const gradient = g.mul(raw, mask);
  const trainable = { name: 'w', shape: [2], value, gradient, mask, turn: undefined, decays: true };
  const update = lowerOptimizer(g, optimizer, [trainable], globalNorm(g, [gradient]));
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
