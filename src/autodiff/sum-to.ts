/** Undoes broadcasting in a gradient. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { type Shape, sameShape } from '../tensor/shape.js';

/** `v` summed over every axis along which `shape` was repeated, so that the result has `shape`. */
export function sumTo(g: Builder, v: Value, shape: Shape): Value {
  const from = g.shape(v);
  if (sameShape(from, shape)) return v;
  const lead = from.length - shape.length;
  const axes = from.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  return g.reshape(g.sum(v, axes), shape);
}
