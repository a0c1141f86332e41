/**
 * concat(a k1, b k2, ...) is concat(a, b, ...) times concat(k1, k2, ...), where the factors are the same rows of
 * several tensors: the rows of these tensors side by side, put together once for all time steps.
 */
import type { Builder } from '../graph/builder.js';
import type { OpOf, Value } from '../graph/ops.js';
import { sameShape } from '../tensor/shape.js';
import { joinConcats } from './concats.js';
import type { Pass } from './pass.js';
import { madeBy } from './rule.js';

/** A product of two operands of its own shape, one of which is rows of some tensor. */
interface Scaled {
  readonly value: Value;
  readonly rows: OpOf<'slice'>;
}

function scaledBy(b: Builder, v: Value): Scaled | undefined {
  const product = madeBy(b, v, 'mul');
  if (product?.inputs.every((i) => sameShape(b.shape(i), product.shape)) !== true) return undefined;
  const [x, y] = product.inputs as [Value, Value];
  const sides = [
    { value: x, rows: madeBy(b, y, 'slice') },
    { value: y, rows: madeBy(b, x, 'slice') },
  ];
  // Of two, the tensor that was made first: what arrives from behind is not the factor.
  return sides
    .filter((side): side is Scaled => side.rows?.attrs.axis === 0)
    .sort((s, t) => s.rows.inputs[0]! - t.rows.inputs[0]!)[0];
}

/** The concat with its factors taken out, or undefined where they are not the same rows of tensors of equal length. */
function joined(b: Builder, op: OpOf<'concat'>): Value | undefined {
  const parts = op.inputs.map((v) => scaledBy(b, v));
  const [first] = parts;
  if (first === undefined) return undefined;
  const { start } = first.rows.attrs;
  const length = b.shape(first.rows.inputs[0]!)[0];
  const alike = parts.every(
    (p) => p !== undefined && p.rows.attrs.start === start && b.shape(p.rows.inputs[0]!)[0] === length,
  );
  if (!alike) return undefined;
  const tables = parts.map((p) => p!.rows.inputs[0]!);
  const values = parts.map((p) => p!.value);
  const factor = b.slice(b.concat(tables, op.attrs.axis), 0, start, op.shape[0]!);
  return b.mul(b.concat(values, op.attrs.axis), factor);
}

export const joinFactors: Pass = {
  name: 'join-factors',
  why: 'the gradients of the gates are one product of a step, not one for each gate',
  run: (graph) => joinConcats(graph, ({ attrs }) => attrs.axis > 0, joined),
};
