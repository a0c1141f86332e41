import { describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import type { Graph, OpKind, Value } from '../graph/ops.js';
import { UniqueBuilder } from '../graph/unique-builder.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import { graphInputs } from './drop-unused.js';
import { joinProducts } from './join-products.js';
import type { Pass } from './pass.js';
import { reuseProducts } from './reuse-products.js';
import { runPasses } from './run-passes.js';

const countOf = (graph: Graph, kind: OpKind): number => graph.ops.filter((op) => op.kind === kind).length;

function expectSame(graph: Graph, pass: Pass): Graph {
  const tensors = graphInputs(graph).map(({ attrs, shape }) => {
    const data = new Float64Array(size(shape));
    fillUniform(data, 1, streamKey(5, attrs.name));
    return [attrs.name, { shape, data }] as const;
  });
  const feed = Object.fromEntries(tensors);
  const after = runPasses(graph, [pass]);
  const found = evaluate(after, feed);
  for (const [name, { data }] of Object.entries(evaluate(graph, feed))) {
    data.forEach((x, i) => {
      expect(found[name]!.data[i]).toBeCloseTo(x, 12);
    });
  }
  return after;
}

/** y = sigmoid(a) tanh(b) with its gradients: the derivative of a gate. */
function gate(): Graph {
  const g = new Builder();
  const [a, b] = ['a', 'b'].map((name) => g.input(name, [3, 5])) as [Value, Value];
  const y = g.mul(g.sigmoid(a), g.tanh(b));
  const found = differentiate(g, g.sum(g.mul(y, g.input('dy', [3, 5]))), [a, b]);
  return g.finish({ y, da: found.get(a)!, db: found.get(b)! });
}

describe('reuse-products', () => {
  it('makes the derivative of a gate of its value: i - (i g) g and (1 - i) (i g)', () => {
    const before = runPasses(gate(), []);
    const after = expectSame(before, reuseProducts);
    // i g and its product with dy (the loss); (i g) g and its product with dy; (1 - i) (i g) and its product with dy.
    expect(countOf(after, 'mul')).toBeLessThan(countOf(before, 'mul'));
    const outputs = ['da', 'db'].map((name) => after.ops[after.outputs[name]!]!);
    for (const op of outputs) expect(op.kind).toBe('mul');
  });

  it('multiplies last what waits longest for other products', () => {
    const g = new Builder();
    const [x, y, late] = ['x', 'y', 'late'].map((name) => g.input(name, [4, 4])) as [Value, Value, Value];
    const product = g.mul(g.mul(g.matmul(g.matmul(late, late), late), x), y);
    const after = expectSame(g.finish({ product }), reuseProducts);
    const last = after.ops[after.outputs['product']!]!;
    expect(last.inputs.map((i) => after.ops[i]!.kind)).toEqual(['mul', 'matmul']);
  });

  it('leaves a product alone that something else reads, and products that broadcast', () => {
    const g = new Builder();
    const [x, y] = ['x', 'y'].map((name) => g.input(name, [2, 3])) as [Value, Value];
    const scale = g.input('scale', [3]);
    const inner = g.mul(x, y);
    const graph = g.finish({ inner, outer: g.mul(inner, y), scaled: g.mul(g.mul(x, scale), y) });
    expect(countOf(expectSame(graph, reuseProducts), 'mul')).toBe(4);
  });
});

describe('join-products', () => {
  const joined = (axis: number, transposeA: boolean, transposeB: boolean): Graph => {
    // Asking twice for an input gives the same one.
    const g = new UniqueBuilder();
    const shapeOf = (rows: number, columns: number, turned: boolean) => (turned ? [columns, rows] : [rows, columns]);
    const parts = [2, 3].map((extent, i) => {
      const [m, n] = axis === 1 ? [7, extent] : [extent, 7];
      const a = g.input(axis === 1 ? 'shared' : `a${i}`, shapeOf(m, 1, transposeA));
      const b = g.input(axis === 1 ? `b${i}` : 'shared', shapeOf(1, n, transposeB));
      return { a, b };
    });
    const shared = axis === 1 ? parts[0]!.a : parts[0]!.b;
    const products = parts.map(({ a, b }) =>
      g.matmul(axis === 1 ? shared : a, axis === 1 ? b : shared, { transposeA, transposeB }),
    );
    return g.finish({ y: g.concat(products, axis) });
  };
  const flags = [false, true].flatMap((a) => [false, true].map((b) => [a, b] as const));

  it.each(flags.flatMap(([a, b]) => [0, 1].map((axis) => [axis, a, b] as const)))(
    'is one product, along %i, operands turned: %s %s',
    (axis, a, b) => {
      expect(countOf(expectSame(joined(axis, a, b), joinProducts), 'matmul')).toBe(1);
    },
  );

  it('does not copy more than it saves, and leaves products that something else reads', () => {
    const g = new Builder();
    const [a, b, c] = [
      ['a', [2, 9]],
      ['b', [9, 3]],
      ['c', [9, 4]],
    ].map(([name, shape]) => g.input(name as string, shape as number[])) as [Value, Value, Value];
    const [first, second] = [g.matmul(a, b), g.matmul(a, c)];
    expect(countOf(expectSame(g.finish({ y: g.concat([first, second], 1) }), joinProducts), 'matmul')).toBe(2);
    const thin = new Builder();
    const [u, v] = [thin.input('u', [6, 1]), thin.input('v', [1, 6])];
    const [p, q] = [thin.matmul(u, v), thin.matmul(u, thin.tanh(v))];
    const graph = thin.finish({ y: thin.concat([p, q], 1), p });
    expect(countOf(expectSame(graph, joinProducts), 'matmul')).toBe(2);
  });
});
