/** Random graphs with gradients, for the tests that compare a graph before and after passes. */
import { differentiate } from '../autodiff/differentiate.js';
import { Builder } from '../graph/builder.js';
import type { Feed } from '../graph/evaluate.js';
import type { Graph, Value } from '../graph/ops.js';
import { bitsAt, fillUniform, streamKey } from '../tensor/random.js';
import { broadcastShape, type Shape, size } from '../tensor/shape.js';

/** A graph, and values for its inputs. */
export interface Sample {
  readonly graph: Graph;
  readonly feed: Feed;
}

/** Whole numbers below a limit, a fixed sequence per seed. */
function dice(seed: number): (limit: number) => number {
  const key = streamKey(seed, 'random graph');
  let at = 0;
  return (limit) => bitsAt(key, at++) % limit;
}

const extents = [1, 1, 2, 3, 5, 7];
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** One random op on values made so far, or undefined when the drawn kind does not fit the drawn operands. */
type Step = (g: Builder, x: Value, y: Value, roll: (limit: number) => number) => Value | undefined;

const onAxis =
  (step: (g: Builder, x: Value, axis: number, roll: (limit: number) => number) => Value): Step =>
  (g, x, _y, roll) => {
    const rank = g.shape(x).length;
    return rank === 0 ? undefined : step(g, x, roll(rank), roll);
  };

/** x as a matrix (rows, columns) by merging all axes but the last. */
const asMatrix = (g: Builder, x: Value): Value => g.reshape(x, [size(g.shape(x).slice(0, -1)), g.shape(x).at(-1) ?? 1]);

const fits = (g: Builder, x: Value, y: Value): boolean => {
  const shape = broadcastShape(g.shape(x), g.shape(y));
  return shape !== undefined && size(shape) <= 400;
};

const matmul: Step = (g, x, y, roll) => {
  if (g.shape(x).length === 3 && g.shape(y).length === 2 && g.shape(x)[2] === g.shape(y)[0]) return g.matmul(x, y);
  const [a, b] = [asMatrix(g, x), asMatrix(g, y)];
  for (const flags of [roll(4), 0, 1, 2, 3]) {
    const [transposeA, transposeB] = [(flags & 1) === 1, (flags & 2) === 2];
    if (g.shape(a)[transposeA ? 0 : 1] === g.shape(b)[transposeB ? 1 : 0])
      return g.tanh(g.matmul(a, b, { transposeA, transposeB }));
  }
  return undefined;
};

const steps: readonly Step[] = [
  (g, x, y) => (fits(g, x, y) ? g.add(x, y) : undefined),
  (g, x, y) => (fits(g, x, y) ? g.add(y, x) : undefined),
  (g, x, y) => (fits(g, x, y) ? g.sub(x, y) : undefined),
  (g, x, y) => (fits(g, x, y) ? g.tanh(g.mul(x, y)) : undefined),
  (g, x, y) => (fits(g, x, y) ? g.div(x, g.add(g.constant(2), g.mul(y, y))) : undefined),
  (g, x, _y, roll) => g.mul(x, g.constant([0, 1, -1, 0.5, 2][roll(5)]!, roll(2) === 0 ? [] : g.shape(x))),
  (g, x, _y, roll) => g.add(g.constant(roll(2)), x),
  (g, x) => g.neg(x),
  (g, x) => g.sigmoid(x),
  matmul,
  matmul,
  (g, x) => g.reshape(x, [size(g.shape(x))]),
  (g, x) => asMatrix(g, x),
  (g, x, _y, roll) => {
    const axes = range(g.shape(x).length);
    const by = roll(Math.max(1, axes.length));
    return g.transpose(x, roll(2) === 0 ? [...axes].reverse() : [...axes.slice(by), ...axes.slice(0, by)]);
  },
  (g, x, _y, roll) => (size(g.shape(x)) > 100 ? undefined : g.broadcast(x, [1 + roll(3), ...g.shape(x)])),
  onAxis((g, x, axis, roll) => {
    const start = roll(g.shape(x)[axis]!);
    return g.slice(x, axis, start, 1 + roll(g.shape(x)[axis]! - start));
  }),
  // All slices along an axis, each used: what an unrolled layer does.
  onAxis((g, x, axis, roll) => {
    const parts = g.split(x, axis, g.shape(x)[axis]!);
    const used = parts.map((part) => (roll(4) === 0 ? part : g.tanh(part)));
    return roll(2) === 0 ? g.concat(used, axis) : used.reduce((s, t) => g.add(s, t));
  }),
  onAxis((g, x, axis, roll) => g.pad(x, axis, roll(3), g.shape(x)[axis]! + 2 + roll(2))),
  onAxis((g, x, axis) => g.concat([x, g.tanh(x), x], axis)),
  onAxis((g, x, axis, roll) => g.sum(x, [axis], roll(2) === 0)),
  onAxis((g, x) => g.softmax(x)),
  (g, x, _y, roll) => (g.shape(x).length > 3 ? undefined : g.mul(g.sum(x, undefined, roll(2) === 0), g.constant(0.1))),
];

/** About `length` ops over four inputs; the outputs are a loss, two other values and the gradients by the inputs. */
export function randomSample(seed: number, length: number): Sample {
  const roll = dice(seed);
  const g = new Builder();
  const pick = <T>(items: readonly T[]): T => items[roll(items.length)]!;
  const shapes: Shape[] = range(4).map((i) => range(i === 3 ? 3 : 2).map(() => pick(extents)));
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const values = [...inputs];
  while (values.length < length) {
    const made = pick(steps)(g, pick(values), pick(values.slice(-8)), roll);
    if (made !== undefined && size(g.shape(made)) <= 600 && g.shape(made).length <= 5) values.push(made);
  }
  const loss = values.slice(-6).reduce((total, v) => g.add(total, g.sum(v)), g.constant(0));
  const gradients = differentiate(g, loss, inputs);
  const outputs = { loss, some: pick(values), other: pick(values) };
  const named = inputs.map((x, i) => [`d${i}`, gradients.get(x)!] as const);
  const feed = shapes.map((shape, i) => {
    const data = new Float64Array(size(shape));
    fillUniform(data, 1, streamKey(seed, `x${i}`));
    return [`x${i}`, { shape, data }] as const;
  });
  return { graph: g.finish({ ...outputs, ...Object.fromEntries(named) }), feed: Object.fromEntries(feed) };
}
