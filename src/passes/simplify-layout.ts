/** Rules of layout: composed reshapes, transposes, slices and pads, and broadcasts that are summed away. */
import type { OpKind, Value } from '../graph/ops.js';
import { type Shape, sameShape, size } from '../tensor/shape.js';
import { constantOf, madeBy, type Rule } from './rule.js';

const inputOf = (op: { readonly inputs: readonly Value[] }): Value => op.inputs[0]!;

/** A layout op of a constant is that constant in the op's shape; for `pad` only of zeros. */
const ofConstant: Rule<OpKind> = (b, op) => {
  const c = constantOf(b, inputOf(op));
  return c === undefined ? undefined : b.constant(c, op.shape);
};

const padOfZeros: Rule<'pad'> = (b, op) => (constantOf(b, inputOf(op)) === 0 ? b.constant(0, op.shape) : undefined);

const reshapeTwice: Rule<'reshape'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'reshape');
  if (inner !== undefined) return b.reshape(inputOf(inner), op.shape);
  return sameShape(b.shape(inputOf(op)), op.shape) ? inputOf(op) : undefined;
};

const transposeTwice: Rule<'transpose'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'transpose');
  if (inner === undefined) return undefined;
  return b.transpose(
    inputOf(inner),
    op.attrs.permutation.map((p) => inner.attrs.permutation[p]!),
  );
};

/** Moving only axes of one element moves nothing. */
const transposeNothing: Rule<'transpose'> = (b, op) => {
  const from = b.shape(inputOf(op));
  const moved = op.attrs.permutation.filter((p) => from[p] !== 1);
  return moved.every((p, i) => i === 0 || moved[i - 1]! < p) ? b.reshape(inputOf(op), op.shape) : undefined;
};

const broadcastTwice: Rule<'broadcast'> = (b, op) => {
  if (sameShape(b.shape(inputOf(op)), op.shape)) return inputOf(op);
  const inner = madeBy(b, inputOf(op), 'broadcast');
  return inner === undefined ? undefined : b.broadcast(inputOf(inner), op.shape);
};

const sliceOfSlice: Rule<'slice'> = (b, op) => {
  const { axis, start } = op.attrs;
  const inner = madeBy(b, inputOf(op), 'slice');
  if (inner === undefined || inner.attrs.axis !== axis) return undefined;
  return b.slice(inputOf(inner), axis, inner.attrs.start + start, op.shape[axis]!);
};

/** A slice that lies within one part. */
const sliceOfConcat: Rule<'slice'> = (b, op) => {
  const { axis, start } = op.attrs;
  const inner = madeBy(b, inputOf(op), 'concat');
  if (inner === undefined || inner.attrs.axis !== axis) return undefined;
  let begin = 0;
  for (const part of inner.inputs) {
    const end = begin + b.shape(part)[axis]!;
    if (start < end) {
      return start + op.shape[axis]! <= end ? b.slice(part, axis, start - begin, op.shape[axis]!) : undefined;
    }
    begin = end;
  }
  return undefined;
};

/** A slice that lies within what was padded, or within the zeros. */
const sliceOfPad: Rule<'slice'> = (b, op) => {
  const { axis, start } = op.attrs;
  const inner = madeBy(b, inputOf(op), 'pad');
  if (inner === undefined || inner.attrs.axis !== axis) return undefined;
  const end = start + op.shape[axis]!;
  const first = inner.attrs.before;
  const last = first + b.shape(inputOf(inner))[axis]!;
  if (start >= first && end <= last) return b.slice(inputOf(inner), axis, start - first, op.shape[axis]!);
  return end <= first || start >= last ? b.constant(0, op.shape) : undefined;
};

const sliceOfBroadcast: Rule<'slice'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'broadcast');
  if (inner === undefined) return undefined;
  const from = b.shape(inputOf(inner));
  const axis = op.attrs.axis - (inner.shape.length - from.length);
  return axis < 0 || from[axis] === 1 ? b.broadcast(inputOf(inner), op.shape) : undefined;
};

const padTwice: Rule<'pad'> = (b, op) => {
  const { axis, before } = op.attrs;
  const inner = madeBy(b, inputOf(op), 'pad');
  if (inner === undefined || inner.attrs.axis !== axis) return undefined;
  return b.pad(inputOf(inner), axis, before + inner.attrs.before, op.shape[axis]!);
};

/** The shape of a tensor of rank `rank` with axes of 1 in front. */
const widened = (shape: Shape, rank: number): Shape => [...new Array<number>(rank - shape.length).fill(1), ...shape];

const sumOfConstant: Rule<'sum'> = (b, op) => {
  const c = constantOf(b, inputOf(op));
  return c === undefined ? undefined : b.constant(c * (size(b.shape(inputOf(op))) / size(op.shape)), op.shape);
};

/** Axes of one element need no adding. */
const sumOfOne: Rule<'sum'> = (b, op) => {
  const from = b.shape(inputOf(op));
  const axes = op.attrs.axes.filter((axis) => from[axis] !== 1);
  if (axes.length === op.attrs.axes.length) return undefined;
  return b.reshape(b.sum(inputOf(op), axes, op.attrs.keep), op.shape);
};

/** A sum over repeated elements is a product with their number. */
const sumOfBroadcast: Rule<'sum'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'broadcast');
  if (inner === undefined) return undefined;
  const from = widened(b.shape(inputOf(inner)), inner.shape.length);
  const repeated = op.attrs.axes.filter((axis) => from[axis] === 1);
  if (repeated.length === 0) return undefined;
  const lead = from.length - b.shape(inputOf(inner)).length;
  const rest = op.attrs.axes.filter((axis) => from[axis] !== 1).map((axis) => axis - lead);
  const times = repeated.reduce((n, axis) => n * inner.shape[axis]!, 1);
  const total = b.mul(b.sum(inputOf(inner), rest), b.constant(times));
  const summed = (shape: Shape): Shape => shape.map((d, axis) => (op.attrs.axes.includes(axis) ? 1 : d));
  return b.reshape(b.broadcast(b.reshape(total, summed(from)), summed(inner.shape)), op.shape);
};

const sumOfPad: Rule<'sum'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'pad');
  if (inner === undefined || !op.attrs.axes.includes(inner.attrs.axis)) return undefined;
  return b.sum(inputOf(inner), op.attrs.axes, op.attrs.keep);
};

const sumTwice: Rule<'sum'> = (b, op) => {
  const inner = madeBy(b, inputOf(op), 'sum');
  if (inner === undefined || inner.attrs.keep !== op.attrs.keep) return undefined;
  const left = b.shape(inputOf(inner)).flatMap((_, i) => (inner.attrs.axes.includes(i) ? [] : [i]));
  const outer = op.attrs.keep ? op.attrs.axes : op.attrs.axes.map((axis) => left[axis]!);
  const axes = [...new Set([...inner.attrs.axes, ...outer])].sort((x, y) => x - y);
  return b.sum(inputOf(inner), axes, op.attrs.keep);
};

/** Rules per kind, tried in order. `concat` and `matmul` have files of their own. */
export const layoutRules = {
  reshape: [ofConstant, reshapeTwice],
  transpose: [ofConstant, transposeTwice, transposeNothing],
  broadcast: [ofConstant, broadcastTwice],
  slice: [ofConstant, sliceOfSlice, sliceOfConcat, sliceOfPad, sliceOfBroadcast],
  pad: [padOfZeros, padTwice],
  sum: [sumOfConstant, sumOfOne, sumOfBroadcast, sumOfPad, sumTwice],
} as const;
