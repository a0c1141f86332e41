import { describe, expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { OpKind, Value } from '../graph/ops.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { type Shape, size } from '../tensor/shape.js';
import type { DoubleTensor, IntTensor } from '../tensor/tensor.js';
import { differentiate } from './differentiate.js';
import { finiteDifferences } from './finite-differences.js';
import { gradients } from './gradients.js';

function draw(shape: Shape, purpose: string, center = 0): DoubleTensor {
  const data = new Float64Array(size(shape));
  fillUniform(data, 0.9, streamKey(7, purpose));
  return { shape, data: data.map((x) => x + center) };
}

const ids = (...data: number[]): IntTensor => ({ shape: [data.length], data: Int32Array.from(data) });

interface Case {
  readonly title: string;
  readonly kinds: readonly OpKind[];
  readonly shapes: readonly Shape[];
  readonly build: (g: Builder, xs: readonly Value[], ids: Value) => Value;
  /** Middle of the range the operands are drawn from. */
  readonly center?: number;
}

/** The weighted sum of what `build` writes, differentiated by every operand, against central differences. */
function check({ shapes, build, center = 0 }: Case): void {
  const g = new Builder();
  const xs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const y = build(g, xs, g.input('ids', [5], 'int32'));
  const loss = g.sum(g.mul(y, g.input('weights', g.shape(y))));
  const found = differentiate(g, loss, xs);
  const graph = g.finish({
    loss,
    ...Object.fromEntries(xs.map((x, i) => [`d${i}`, found.get(x)!])),
  });
  const feed: Feed = {
    ids: ids(3, 0, 3, 1, 2),
    weights: draw(g.shape(y), 'weights'),
    ...Object.fromEntries(shapes.map((shape, i) => [`x${i}`, draw(shape, `x${i}`, center)])),
  };
  const values = evaluate(graph, feed);
  shapes.forEach((shape, i) => {
    expect(values[`d${i}`]!.shape).toEqual(shape);
    const numeric = finiteDifferences(graph, 'loss', feed, `x${i}`);
    values[`d${i}`]!.data.forEach((d, at) => {
      expect(Math.abs(d - numeric[at]!), `x${i}[${at}]: ${d} against ${numeric[at]}`).toBeLessThan(
        1e-7 * (1 + Math.abs(d)),
      );
    });
  });
}

const binaries = ['add', 'sub', 'mul', 'div', 'max'] as const;
const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], [5]],
  [[], [7]],
  [
    [3, 1],
    [1, 5],
  ],
  [
    [2, 1, 3],
    [5, 1],
  ],
  [[1], [1, 1]],
];
const unaries = ['neg', 'exp', 'tanh', 'sigmoid', 'relu', 'abs', 'softmax', 'log', 'sqrt'] as const;
const products: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 5],
    [5, 7],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3, 5],
    [2, 5, 7],
  ],
  [
    [2, 3, 5],
    [5, 7],
  ],
  [
    [3, 5],
    [2, 5, 7],
  ],
  [
    [3, 5],
    [1, 5, 7],
  ],
  [
    [2, 1, 3, 5],
    [11, 5, 2],
  ],
  [
    [1, 3, 5],
    [11, 5, 2],
  ],
];
const flipped = (shape: Shape, flip: boolean): Shape =>
  flip ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

const cases: readonly Case[] = [
  ...binaries.flatMap((kind) =>
    broadcasts.map(([a, b]) => ({
      title: `${kind} of [${a}] and [${b}]`,
      kinds: [kind],
      shapes: [a, b],
      center: kind === 'div' ? 1.5 : 0,
      build: (g: Builder, xs: readonly Value[]) => g[kind](xs[0]!, xs[1]!),
    })),
  ),
  ...unaries.flatMap((kind) =>
    [[1], [3, 7], [2, 3, 5]].map((shape) => ({
      title: `${kind} of [${shape}]`,
      kinds: [kind],
      shapes: [shape],
      center: kind === 'log' || kind === 'sqrt' ? 1.5 : 0,
      build: (g: Builder, xs: readonly Value[]) => g[kind](xs[0]!),
    })),
  ),
  ...products.flatMap(([a, b]) =>
    [0, 1, 2, 3].map((flags) => {
      const [transposeA, transposeB] = [(flags & 1) === 1, (flags & 2) === 2];
      return {
        title: `matmul of [${a}] and [${b}], flags ${flags}`,
        kinds: ['matmul'] as const,
        shapes: [flipped(a, transposeA), flipped(b, transposeB)],
        build: (g: Builder, xs: readonly Value[]) => g.matmul(xs[0]!, xs[1]!, { transposeA, transposeB }),
      };
    }),
  ),
  {
    title: 'step and sign are flat',
    kinds: ['step', 'sign'],
    shapes: [[7]],
    build: (g, [x]) => g.add(g.step(x!), g.mul(g.sign(x!), x!)),
  },
  { title: 'reshape', kinds: ['reshape'], shapes: [[3, 4]], build: (g, [x]) => g.reshape(x!, [2, 1, 6]) },
  { title: 'transpose', kinds: ['transpose'], shapes: [[2, 3, 5]], build: (g, [x]) => g.transpose(x!, [2, 0, 1]) },
  { title: 'broadcast', kinds: ['broadcast'], shapes: [[3, 1]], build: (g, [x]) => g.broadcast(x!, [2, 3, 5]) },
  {
    title: 'concat with a repeated part',
    kinds: ['concat'],
    shapes: [
      [3, 1],
      [3, 4],
    ],
    build: (g, [x, y]) => g.concat([x!, y!, x!], 1),
  },
  {
    title: 'slice',
    kinds: ['slice', 'add'],
    shapes: [[3, 7]],
    build: (g, [x]) => g.add(g.slice(x!, 1, 0, 3), g.slice(x!, 1, 2, 3)),
  },
  { title: 'pad', kinds: ['pad'], shapes: [[3, 2]], build: (g, [x]) => g.pad(x!, 0, 2, 11) },
  { title: 'sum over all', kinds: ['sum'], shapes: [[3, 1, 2]], build: (g, [x]) => g.sum(x!) },
  { title: 'sum over some', kinds: ['sum'], shapes: [[3, 5, 2]], build: (g, [x]) => g.sum(x!, [2, 0]) },
  { title: 'sum that keeps', kinds: ['sum'], shapes: [[3, 5, 2]], build: (g, [x]) => g.sum(x!, [1], true) },
  { title: 'gather of repeated rows', kinds: ['gather'], shapes: [[4, 3]], build: (g, [x], i) => g.gather(x!, i) },
  { title: 'scatter', kinds: ['scatter'], shapes: [[5, 3]], build: (g, [x], i) => g.scatter(i, x!, 4) },
  {
    title: 'crossEntropy',
    kinds: ['crossEntropy', 'input'],
    shapes: [[5, 7]],
    build: (g, [x], i) => g.crossEntropy(x!, i),
  },
  {
    title: 'crossEntropyGradient by dy',
    kinds: ['crossEntropyGradient', 'constant'],
    shapes: [[5]],
    build: (g, [dy], i) => g.crossEntropyGradient(g.broadcast(g.constant(0.3), [5, 4]), i, dy!),
  },
];

describe('differentiate', () => {
  it.each(cases.map((c) => [c.title, c] as const))('agrees with finite differences: %s', (_, c) => check(c));

  it('has a case for every op kind', () => {
    const covered = new Set<string>(['snap', 'snapTo', 'snapSlope', ...cases.flatMap((c) => c.kinds)]);
    expect(Object.keys(gradients).filter((kind) => !covered.has(kind))).toEqual([]);
  });

  it('passes straight through snap: forward on the grid, the gradient of what it stands in for', () => {
    const g = new Builder();
    const x = g.input('x', [2, 3]);
    const snapped = g.snap(x, 3, 3);
    const dx = differentiate(g, g.sum(g.mul(snapped, g.mul(snapped, g.constant(0.5)))), [x]).get(x)!;
    const data = Float64Array.of(3, -1.4, 0.4, 6, 5, -2.9);
    const values = evaluate(g.finish({ dx, snapped }), { x: { shape: [2, 3], data } });
    // By hand: scales 1 and 2; the derivative of y^2 / 2 is y, at the grid's y.
    expect([...values['snapped']!.data]).toEqual([3, -1, 0, 6, 4, -2]);
    expect([...values['dx']!.data]).toEqual([3, -1, 0, 6, 4, -2]);
  });

  it('gives zeros for a value the loss does not depend on', () => {
    const g = new Builder();
    const [x, z] = [g.input('x', [2]), g.input('z', [3])];
    const found = differentiate(g, g.sum(x), [x, z]);
    const { d } = evaluate(g.finish({ d: found.get(z)! }), { x: draw([2], 'x'), z: draw([3], 'z') });
    expect(d).toEqual({ shape: [3], data: new Float64Array(3) });
  });

  it('writes nothing for operands that lead to no wanted value', () => {
    const g = new Builder();
    const [x, data] = [g.input('x', [2, 3]), g.input('data', [3, 5])];
    const loss = g.sum(g.matmul(x, g.tanh(data)));
    const before = g.ops.length;
    differentiate(g, loss, [x]);
    expect(g.ops.slice(before).map((op) => op.kind)).toEqual(['constant', 'reshape', 'broadcast', 'matmul']);
  });

  it('differentiates by a value in the middle and by one before it', () => {
    const g = new Builder();
    const x = g.input('x', []);
    const middle = g.mul(x, x);
    const found = differentiate(g, g.mul(middle, middle), [x, middle]);
    const values = evaluate(g.finish({ dx: found.get(x)!, dm: found.get(middle)! }), {
      x: { shape: [], data: Float64Array.of(3) },
    });
    expect([values['dx']!.data[0], values['dm']!.data[0]]).toEqual([108, 18]);
  });

  it('writes products with flags instead of transposes', () => {
    const g = new Builder();
    const [x, w] = [g.input('x', [3, 5]), g.input('w', [7, 5])];
    differentiate(g, g.sum(g.matmul(x, w, { transposeB: true })), [x, w]);
    const products = g.ops.filter((op) => op.kind === 'matmul').map((op) => op.attrs);
    expect(products.slice(1)).toEqual([
      { transposeA: false, transposeB: false },
      { transposeA: true, transposeB: false },
    ]);
    expect(g.ops.some((op) => op.kind === 'transpose')).toBe(false);
  });

  it('refuses a loss of several elements and a second derivative of crossEntropy', () => {
    const g = new Builder();
    const x = g.input('x', [5, 4]);
    expect(() => differentiate(g, x, [x])).toThrow(/loss of shape 5x4/);
    const first = differentiate(g, g.sum(g.crossEntropy(x, g.input('ids', [5], 'int32'))), [x]).get(x)!;
    expect(() => differentiate(g, g.sum(first), [x])).toThrow(/second derivative/);
  });
});
