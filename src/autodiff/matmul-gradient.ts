/**
 * The gradient of a matrix product, in products with transpose flags. Where one operand is shared by a whole batch,
 * the batch is flattened into the rows of one large product instead of being summed afterwards.
 */
import type { Builder } from '../graph/builder.js';
import type { OpOf, Value } from '../graph/ops.js';
import { size } from '../tensor/shape.js';
import { sumTo } from './sum-to.js';

/** No batch axis of its own: every batch of the other operand meets the same matrix. */
const isShared = (g: Builder, v: Value): boolean => size(g.shape(v).slice(0, -2)) === 1;

/** (..., rows, columns) -> (all rows, columns). */
const flatten = (g: Builder, v: Value): Value => g.reshape(v, [size(g.shape(v).slice(0, -1)), g.shape(v).at(-1)!]);

/** Swaps the last two axes. */
function swap(g: Builder, v: Value): Value {
  const axes = g.shape(v).map((_, i) => i);
  const last = axes.length - 1;
  return g.transpose(v, [...axes.slice(0, -2), last, last - 1]);
}

/** d/dA of A B (A and B as their flags say). */
export function leftGradient(g: Builder, op: OpOf<'matmul'>, dy: Value): Value {
  const [a, b] = op.inputs as readonly [Value, Value];
  const { transposeA, transposeB } = op.attrs;
  if (isShared(g, a) && !isShared(g, b)) {
    const rows = flatten(g, swap(g, dy));
    const x = flatten(g, transposeB ? b : swap(g, b));
    const da = transposeA ? g.matmul(x, rows, { transposeA: true }) : g.matmul(rows, x, { transposeA: true });
    return g.reshape(da, g.shape(a));
  }
  const da = transposeA
    ? g.matmul(b, dy, { transposeA: transposeB, transposeB: true })
    : g.matmul(dy, b, { transposeB: !transposeB });
  return sumTo(g, da, g.shape(a));
}

/** d/dB of A B (A and B as their flags say). */
export function rightGradient(g: Builder, op: OpOf<'matmul'>, dy: Value): Value {
  const [a, b] = op.inputs as readonly [Value, Value];
  const { transposeA, transposeB } = op.attrs;
  if (isShared(g, b) && !isShared(g, a)) {
    const rows = flatten(g, dy);
    const x = flatten(g, transposeA ? swap(g, a) : a);
    const db = transposeB ? g.matmul(rows, x, { transposeA: true }) : g.matmul(x, rows, { transposeA: true });
    return g.reshape(db, g.shape(b));
  }
  const db = transposeB
    ? g.matmul(dy, a, { transposeA: true, transposeB: transposeA })
    : g.matmul(a, dy, { transposeA: !transposeA });
  return sumTo(g, db, g.shape(b));
}
