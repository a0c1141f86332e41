/**
 * One gradient per op kind, as ops again. Each row gives, per operand, how its share of the gradient is written, or
 * undefined where there is none (ids, and steps that are flat almost everywhere); nothing is written unless asked.
 */
import type { Builder } from '../graph/builder.js';
import type { OpKind, OpOf, Value } from '../graph/ops.js';
import { invariant } from '../support/assert.js';
import { leftGradient, rightGradient } from './matmul-gradient.js';
import { sumTo } from './sum-to.js';

/** What a gradient may be written from: the op, its result `y` and the gradient of the loss by its result. */
export interface Site<K extends OpKind> {
  readonly g: Builder;
  readonly op: OpOf<K>;
  readonly y: Value;
  readonly dy: Value;
}

/** Writes the gradient by one operand, in the operand's shape. */
export type Share = (() => Value) | undefined;

/** Shares of the operands of one op, in order. */
export type Gradient<K extends OpKind> = (site: Site<K>) => readonly Share[];

/** Shares of a broadcasting elementwise op, summed back to the operands' shapes. */
const elementwise =
  <K extends OpKind>(
    left: (site: Site<K>, a: Value, b: Value) => Value,
    right: (site: Site<K>, a: Value, b: Value) => Value,
  ): Gradient<K> =>
  (site) => {
    const [a, b] = site.op.inputs as readonly [Value, Value];
    const { g } = site;
    return [() => sumTo(g, left(site, a, b), g.shape(a)), () => sumTo(g, right(site, a, b), g.shape(b))];
  };

/** Share of an op with one operand `x`. */
const single =
  <K extends OpKind>(share: (site: Site<K>, x: Value) => Value): Gradient<K> =>
  (site) => [() => share(site, site.op.inputs[0]!)];

const none = (): readonly Share[] => [];
const flat = (): readonly Share[] => [undefined];

function concat({ g, op, dy }: Site<'concat'>): readonly Share[] {
  const { axis } = op.attrs;
  let end = 0;
  return op.inputs.map((part) => {
    const extent = g.shape(part)[axis]!;
    const start = end;
    end += extent;
    return () => g.slice(dy, axis, start, extent);
  });
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((from, to) => {
    result[from] = to;
  });
  return result;
}

function sum({ g, op, dy }: Site<'sum'>, x: Value): Value {
  const from = g.shape(x);
  const kept = from.map((d, i) => (op.attrs.axes.includes(i) ? 1 : d));
  return g.broadcast(g.reshape(dy, kept), from);
}

function softmax({ g, op, y, dy }: Site<'softmax'>): Value {
  const product = g.mul(dy, y);
  return g.sub(product, g.mul(y, g.sum(product, [op.shape.length - 1], true)));
}

function crossEntropyGradient({ g, op, dy }: Site<'crossEntropyGradient'>): readonly Share[] {
  const [logits, ids, scale] = op.inputs as readonly [Value, Value, Value];
  const unsupported = (): Value => {
    invariant(false, 'the second derivative of crossEntropy by its logits is not defined');
  };
  const ones = (): Value => g.constant(1, g.shape(scale));
  return [unsupported, undefined, () => g.sum(g.mul(dy, g.crossEntropyGradient(logits, ids, ones())), [1])];
}

/** Every run of `run` values of a row added up: (rows, columns) -> (rows, runs of a row). */
function runSums(g: Builder, x: Value, run: number): Value {
  const [rows, columns] = g.shape(x) as readonly [number, number];
  const runs = Math.ceil(columns / run);
  return g.sum(g.reshape(g.pad(x, 1, 0, runs * run), [rows, runs, run]), [2]);
}

/** Esser et al. 2020, eq. 3 and 5: what lies behind an end of the grid passes its gradient to the scale alone. */
function snapTo({ g, op, dy }: Site<'snapTo'>): readonly Share[] {
  const [x, scales] = op.inputs as readonly [Value, Value];
  const { levels, run } = op.attrs;
  const slope = (): Value => g.snapSlope(x, scales, levels, run);
  // Rounding moves x / s by at most a half; the ends of a grid are 3 or more.
  const inside = (): Value => g.sub(g.constant(1), g.step(g.sub(g.abs(slope()), g.constant(1))));
  return [() => g.mul(dy, inside()), () => runSums(g, g.mul(dy, slope()), run)];
}

/** The gradient of every op. At a kink the derivative is that of the flat side; equal operands of max count as b. */
export const gradients: { readonly [K in OpKind]: Gradient<K> } = {
  input: none,
  constant: none,
  matmul: ({ g, op, dy }) => [() => leftGradient(g, op, dy), () => rightGradient(g, op, dy)],
  add: elementwise(
    ({ dy }) => dy,
    ({ dy }) => dy,
  ),
  sub: elementwise(
    ({ dy }) => dy,
    ({ g, dy }) => g.neg(dy),
  ),
  mul: elementwise(
    ({ g, dy }, _a, b) => g.mul(dy, b),
    ({ g, dy }, a) => g.mul(dy, a),
  ),
  div: elementwise(
    ({ g, dy }, _a, b) => g.div(dy, b),
    ({ g, y, dy }, _a, b) => g.neg(g.div(g.mul(dy, y), b)),
  ),
  max: elementwise(
    ({ g, dy }, a, b) => g.mul(dy, g.step(g.sub(a, b))),
    ({ g, dy }, a, b) => g.mul(dy, g.sub(g.constant(1), g.step(g.sub(a, b)))),
  ),
  neg: single(({ g, dy }) => g.neg(dy)),
  exp: single(({ g, y, dy }) => g.mul(dy, y)),
  log: single(({ g, dy }, x) => g.div(dy, x)),
  sqrt: single(({ g, y, dy }) => g.div(g.mul(dy, g.constant(0.5)), y)),
  abs: single(({ g, dy }, x) => g.mul(dy, g.sign(x))),
  tanh: single(({ g, y, dy }) => g.mul(dy, g.sub(g.constant(1), g.mul(y, y)))),
  sigmoid: single(({ g, y, dy }) => g.mul(dy, g.mul(y, g.sub(g.constant(1), y)))),
  relu: single(({ g, y, dy }) => g.mul(dy, g.step(y))),
  step: flat,
  sign: flat,
  snap: single(({ dy }) => dy),
  snapTo,
  snapSlope: () => [undefined, undefined],
  reshape: single(({ g, dy }, x) => g.reshape(dy, g.shape(x))),
  transpose: single(({ g, op, dy }) => g.transpose(dy, inverse(op.attrs.permutation))),
  broadcast: single(({ g, dy }, x) => sumTo(g, dy, g.shape(x))),
  concat,
  slice: single(({ g, op, dy }, x) => g.pad(dy, op.attrs.axis, op.attrs.start, g.shape(x)[op.attrs.axis]!)),
  pad: single(({ g, op, dy }, x) => g.slice(dy, op.attrs.axis, op.attrs.before, g.shape(x)[op.attrs.axis]!)),
  sum: single(sum),
  gather: ({ g, op, dy }) => [() => g.scatter(op.inputs[1]!, dy, g.shape(op.inputs[0]!)[0]!), undefined],
  scatter: ({ g, op, dy }) => [undefined, () => g.gather(dy, op.inputs[0]!)],
  softmax: single(softmax),
  crossEntropy: ({ g, op, dy }) => [() => g.crossEntropyGradient(op.inputs[0]!, op.inputs[1]!, dy), undefined],
  crossEntropyGradient,
};
