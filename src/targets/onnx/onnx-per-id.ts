/**
 * Writes what `distinct-ids.ts` finds: rows that depend on an id alone with one row for each distinct id, sums over
 * equal ids, and the products that are made of both.
 */
import type { Op, OpOf, Value } from '../../graph/ops.js';
import { asColumn, distinctOf, sumOf } from './onnx-distinct.js';
import { worthTurning } from './onnx-products.js';
import type { OnnxWriter } from './onnx-writer.js';
import { innerAxis, type OfIds, otherSide, type Side } from './rows-per-id.js';
import { ofScatter } from './sums-per-id.js';

/** Rows (U, width), one for each distinct id, whichever axis of the value belongs to ids. */
const distinctRows = (w: OnnxWriter, value: Value): string => w.once(`per id ${value}`, () => writeRows(w, value));

function writeRows(w: OnnxWriter, value: Value): string {
  const op = w.op(value);
  const { ids, axis, operand } = w.distinct.perId.get(value)!;
  if (operand === 'table') return w.temporary('Gather', [w.name(op.inputs[0]!), distinctOf(w, ids).ids], { axis: 0 });
  const rows = distinctRows(w, op.inputs[operand]!);
  const other = op.inputs[otherSide(operand)]!;
  if (op.kind === 'matmul') return multiplied(w, op, operand, rows);
  const added = axis === 0 ? w.name(other) : w.temporary('Reshape', [w.name(other), w.integers([1, -1])]);
  return w.temporary('Add', [rows, added]);
}

/** Rows in the place of an operand, times the other one; what they make is rows again. */
function multiplied(w: OnnxWriter, op: OpOf<'matmul'>, side: Side, rows: string): string {
  const other = otherSide(side);
  const turned = innerAxis(op, other) === 1;
  return w.temporary('Gemm', [rows, w.name(op.inputs[other]!)], turned ? { transB: 1 } : {});
}

/** Sums over equal ids (U, width). */
export function sumsOf(w: OnnxWriter, value: Value, wanted: OfIds): string {
  const made = w.distinct.sums.get(value);
  if (made === undefined) return sumOf(w, value, wanted);
  return w.once(`sums ${value}`, () => {
    const op = w.op(value);
    if (op.kind === 'matmul') {
      const axis = otherSide(innerAxis(op, made.axis));
      return multiplied(w, op, made.axis, sumsOf(w, made.of[0]!, { ids: made.ids, axis }));
    }
    return w.temporary(
      'Add',
      made.of.map((part) => sumsOf(w, part, made)),
    );
  });
}

/** A product over ids: of sums over equal ones with the rows that these have in common. */
function writeContracted(w: OnnxWriter, op: OpOf<'matmul'>, side: Side, value: Value): void {
  const perId = op.inputs[side]!;
  const { ids } = w.distinct.perId.get(perId)!;
  const rows = distinctRows(w, perId);
  const sums = sumsOf(w, op.inputs[otherSide(side)]!, { ids, axis: innerAxis(op, otherSide(side)) });
  const [left, right] = side === 0 ? [rows, sums] : [sums, rows];
  if (!worthTurning(op.shape)) w.node('Gemm', [left, right], w.claim(value), { transA: 1 });
  else w.node('Gemm', [w.temporary('Transpose', [left], { perm: [1, 0] }), right], w.claim(value));
}

/** A row for every id of one that something reads so. */
function writeWhole(w: OnnxWriter, value: Value): void {
  const { ids, axis } = w.distinct.perId.get(value)!;
  const operands = [distinctRows(w, value), distinctOf(w, ids).places];
  if (axis === 0) w.node('Gather', operands, w.claim(value), { axis: 0 });
  else w.node('Transpose', [w.temporary('Gather', operands, { axis: 0 })], w.claim(value), { perm: [1, 0] });
}

/** The distinct ids of a scatter and what it puts there, when it reads sums. */
export function scatteredRows(
  w: OnnxWriter,
  value: Value,
): { readonly ids: string; readonly values: string } | undefined {
  if (!w.distinct.scattered.has(value)) return undefined;
  const op = w.op(value) as OpOf<'scatter'>;
  const wanted = ofScatter(op);
  return { ids: distinctOf(w, wanted.ids).ids, values: sumsOf(w, op.inputs[1]!, wanted) };
}

/** A whole table of which the rows of distinct ids are not zero. */
function writeScattered(w: OnnxWriter, op: OpOf<'scatter'>, value: Value): void {
  const { ids, values } = scatteredRows(w, value)!;
  const zeros = w.temporary('ConstantOfShape', [w.integers(op.shape)], { value: { element: 0 } });
  w.node('ScatterND', [zeros, asColumn(w, ids), values], w.claim(value));
}

/** Writes an op in its form for distinct ids; false when it has none. */
export function writePerId(w: OnnxWriter, op: Op, value: Value): boolean {
  const { perId, whole, sums, contracted, scattered } = w.distinct;
  const rows = perId.get(value);
  const side = contracted.get(value);
  if (op.kind === 'matmul' && side !== undefined) writeContracted(w, op, side, value);
  else if (op.kind === 'scatter' && scattered.has(value)) writeScattered(w, op, value);
  else if (rows?.operand === 'table') return !whole.has(value);
  else if (rows !== undefined && whole.has(value)) writeWhole(w, value);
  else return rows !== undefined || sums.has(value);
  return true;
}
