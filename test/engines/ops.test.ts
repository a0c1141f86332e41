/** Every op kind on every engine equals the oracle. */
import { describe, expect, test } from 'vitest';
import { evaluate, type Feed } from '../../src/graph/evaluate.js';
import type { Graph, OpKind } from '../../src/graph/ops.js';
import { onnxOps } from '../../src/targets/onnx/onnx-ops.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { shippedEngines } from '../support/shipped-engines.js';
import { opCases } from './op-cases.js';

/** Largest difference relative to the larger of 1 and the expected value. */
function worst(found: Tensor, expected: { readonly data: Float64Array }): number {
  let result = 0;
  expected.data.forEach((value, i) => {
    const difference = Math.abs(found.data[i]! - value) / Math.max(1, Math.abs(value));
    result = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(result, difference);
  });
  return result;
}

async function check(name: string, graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<void> {
  const engine = shippedEngines.find((e) => e.name === name)!;
  const session = await engine.load(graph, { threads: 2, carries: new Map() });
  try {
    const outputs = await session.run(feeds);
    const expected = evaluate(graph, feeds as Feed);
    expect(Object.keys(outputs)).toEqual(Object.keys(graph.outputs));
    for (const [output, value] of Object.entries(expected)) {
      expect(outputs[output]!.shape).toEqual([...value.shape]);
      expect(worst(outputs[output]!, value)).toBeLessThan(2e-5);
    }
  } finally {
    await session.close();
  }
}

test.each(shippedEngines.map((e) => [e.name, e] as const))(
  'values on a grid are the same bits, %s',
  async (_, engine) => {
    for (const { name, graph, feeds } of opCases.filter((c) => c.kind.startsWith('snap'))) {
      const session = await engine.load(graph, { threads: 2, carries: new Map() });
      const outputs = await session.run(feeds);
      await session.close();
      const expected = Array.from(evaluate(graph, feeds as Feed)['y']!.data, Math.fround);
      expect([name, Array.from(outputs['y']!.data, (x) => x + 0)]).toEqual([name, expected]);
    }
  },
);

test('every op kind has a case', () => {
  const covered = new Set<OpKind>(opCases.map((c) => c.kind));
  expect(Object.keys(onnxOps).filter((kind) => !covered.has(kind as OpKind))).toEqual([]);
});

for (const engine of shippedEngines) {
  describe(engine.name, () => {
    test.each(opCases.map((c) => [c.name, c] as const))('%s', async (_, { graph, feeds }) => {
      await check(engine.name, graph, feeds);
    });
  });
}
