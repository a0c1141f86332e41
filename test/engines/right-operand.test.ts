/** One buffer as the right operand of two products, in two shapes: each engine must pack it twice. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../src/graph/builder.js';
import { evaluate } from '../../src/graph/evaluate.js';
import { shippedEngines } from '../support/shipped-engines.js';

describe.each(shippedEngines.map((e) => [e.name, e] as const))('%s', (_, engine) => {
  it('multiplies by a matrix and by its reshape', async () => {
    const g = new Builder();
    const x = g.input('x', [40, 32]);
    const a = g.input('a', [3, 40]);
    const b = g.input('b', [5, 160]);
    const graph = g.finish({ wide: g.matmul(b, g.reshape(x, [160, 8])), narrow: g.matmul(a, x) });
    const filled = (shape: readonly number[], seed: number) => ({
      shape,
      data: Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => Math.sin(seed + 0.37 * i)),
    });
    const feeds = { x: filled([40, 32], 1), a: filled([3, 40], 2), b: filled([5, 160], 3) };
    const expected = evaluate(
      graph,
      Object.fromEntries(Object.entries(feeds).map(([k, t]) => [k, { ...t, data: Float64Array.from(t.data) }])),
    );
    const session = await engine.load(graph, { threads: 1, carries: new Map() });
    const results = await session.run(feeds);
    for (const [name, { data }] of Object.entries(expected)) {
      data.forEach((value, i) => {
        expect(results[name]!.data[i]).toBeCloseTo(value, 4);
      });
    }
    await session.close();
  });
});
