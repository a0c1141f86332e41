import { describe, expect, it, vi } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import { printGraph } from '../graph/print.js';
import type { Pass } from './pass.js';
import { trainingPasses } from './passes.js';
import { randomSample, type Sample } from './random-graph.js';
import { runPasses } from './run-passes.js';

function expectSameValues({ graph, feed }: Sample, passes: readonly Pass[]): void {
  const before = evaluate(graph, feed);
  const after = evaluate(runPasses(graph, passes), feed);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, { shape, data }] of Object.entries(before)) {
    expect(after[name]!.shape, name).toEqual(shape);
    after[name]!.data.forEach((x, i) => {
      expect(Math.abs(x - data[i]!), `${name}[${i}]: ${data[i]} became ${x}`).toBeLessThan(1e-9 * (1 + Math.abs(x)));
    });
  }
}

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

// The bound only guards against hanging: the machine may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

describe('passes keep the value of every output', () => {
  const distinct = [...new Set(trainingPasses)];
  it.each(distinct.map((pass) => [pass.name, pass] as const))('%s on random graphs', (_, pass) => {
    for (const seed of seeds) expectSameValues(randomSample(seed, 12 + (seed % 30)), [pass]);
  });

  it('all in order on random graphs', () => {
    for (const seed of seeds) expectSameValues(randomSample(1000 + seed, 12 + (seed % 50)), trainingPasses);
  });

  it('and make random graphs smaller, to the same text every time', () => {
    const { graph } = randomSample(3, 40);
    const after = runPasses(graph, trainingPasses);
    expect(after.ops.length).toBeLessThan(graph.ops.length);
    expect(printGraph(runPasses(graph, trainingPasses))).toBe(printGraph(after));
  });
});
