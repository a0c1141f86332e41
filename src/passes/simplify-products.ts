/** Rules for `matmul` and `concat`: transposes into flags, shared matrices flattened, neighbours joined again. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { sameShape, size } from '../tensor/shape.js';
import { constantOf, madeBy, type Rule } from './rule.js';

/** What is transposed when `v` only swaps the last two axes. */
function unswapped(b: Builder, v: Value): Value | undefined {
  const op = madeBy(b, v, 'transpose');
  if (op === undefined) return undefined;
  const last = op.shape.length - 1;
  const swaps = op.attrs.permutation.every((p, i) => p === (i === last ? last - 1 : i === last - 1 ? last : i));
  return swaps ? op.inputs[0]! : undefined;
}

const transposeIntoFlags: Rule<'matmul'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  const { transposeA, transposeB } = op.attrs;
  const [left, right] = [unswapped(b, x), unswapped(b, y)];
  if (left === undefined && right === undefined) return undefined;
  return b.matmul(left ?? x, right ?? y, {
    transposeA: transposeA !== (left !== undefined),
    transposeB: transposeB !== (right !== undefined),
  });
};

const productWithZeros: Rule<'matmul'> = (b, op) =>
  op.inputs.some((v) => constantOf(b, v) === 0) ? b.constant(0, op.shape) : undefined;

/** A batch of products with one shared right matrix is one product of all rows. */
const flattenRows: Rule<'matmul'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  const shared = b.shape(y);
  if (op.shape.length === 2 || size(shared.slice(0, -2)) !== 1) return undefined;
  const { transposeA, transposeB } = op.attrs;
  if (transposeA && size(b.shape(x).slice(0, -2)) !== 1) return undefined;
  const rows = b.shape(x);
  const flat = b.reshape(x, [size(rows.slice(0, -1)), rows.at(-1)!]);
  const product = b.matmul(flat, b.reshape(y, shared.slice(-2)), { transposeA, transposeB });
  return b.reshape(product, op.shape);
};

/** Whether two neighbouring parts of a concat make one slice or one constant. */
function joins(b: Builder, axis: number, x: Value, y: Value): boolean {
  const [left, right] = [b.ops[x]!, b.ops[y]!];
  if (left.kind === 'constant' && right.kind === 'constant') return Object.is(left.attrs.value, right.attrs.value);
  if (left.kind !== 'slice' || right.kind !== 'slice' || left.inputs[0] !== right.inputs[0]) return false;
  if (left.attrs.axis !== axis || right.attrs.axis !== axis) return false;
  return left.attrs.start + left.shape[axis]! === right.attrs.start;
}

/** The one part that a run of joining parts makes. */
function joined(b: Builder, axis: number, run: readonly Value[]): Value {
  if (run.length === 1) return run[0]!;
  const first = b.ops[run[0]!]!;
  const extent = run.reduce((n, v) => n + b.shape(v)[axis]!, 0);
  if (first.kind === 'slice') return b.slice(first.inputs[0]!, axis, first.attrs.start, extent);
  const shape = first.shape.map((d, i) => (i === axis ? extent : d));
  return b.constant(constantOf(b, run[0]!)!, shape);
}

/** Slices that lie side by side in one tensor, and equal constants, become one part. */
const joinNeighbours: Rule<'concat'> = (b, op) => {
  const { axis } = op.attrs;
  const runs: Value[][] = [];
  op.inputs.forEach((part, at) => {
    if (at > 0 && joins(b, axis, op.inputs[at - 1]!, part)) runs.at(-1)!.push(part);
    else runs.push([part]);
  });
  if (runs.length === op.inputs.length) return undefined;
  return b.concat(
    runs.map((run) => joined(b, axis, run)),
    axis,
  );
};

/** concat(reshape(a), reshape(b), ...) along the first axis, where all keep their rows whole: reshape(concat). */
const reshapeAfter: Rule<'concat'> = (b, op) => {
  if (op.attrs.axis !== 0) return undefined;
  const inner = op.inputs.map((v) => madeBy(b, v, 'reshape')?.inputs[0]);
  const [first] = inner;
  if (first === undefined || b.shape(first).length === 0) return undefined;
  const row = b.shape(first).slice(1);
  const alike = inner.every((v) => v !== undefined && b.shape(v).length > 0 && sameShape(b.shape(v).slice(1), row));
  return alike ? b.reshape(b.concat(inner as readonly Value[], 0), op.shape) : undefined;
};

/** concat(transpose(a), transpose(b), ...) by one permutation: transpose(concat). */
const transposeAfter: Rule<'concat'> = (b, op) => {
  const inner = op.inputs.map((v) => madeBy(b, v, 'transpose'));
  const by = inner[0]?.attrs.permutation;
  if (by === undefined || !inner.every((t) => t?.attrs.permutation.every((p, i) => p === by[i]))) return undefined;
  return b.transpose(
    b.concat(
      inner.map((t) => t!.inputs[0]!),
      by[op.attrs.axis]!,
    ),
    by,
  );
};

/** Rules per kind, tried in order. */
export const productRules = {
  matmul: [productWithZeros, transposeIntoFlags, flattenRows],
  concat: [joinNeighbours, reshapeAfter, transposeAfter],
} as const;
