/**
 * Tables of which a step reads few rows. Where a gradient that is scattered into such a table is only squared, for the
 * norm, and taken off the table, both are done with the distinct rows that are there: no tensor of the table's size is
 * made, and where the table is written in place nothing else of it is touched.
 */
import type { Op, OpOf, Value } from '../../graph/ops.js';
import { sameShape } from '../../tensor/shape.js';
import { asColumn, type Distinct, distinctOf } from './onnx-distinct.js';
import { scatteredRows } from './onnx-per-id.js';
import { type OnnxWriter, tensorType } from './onnx-writer.js';

/** The scattered gradient and its factor, where `table - gradient * factor` touches few rows of the table. */
interface RowUpdate {
  readonly table: Value;
  readonly gradient: Value;
  /** A scalar. */
  readonly factor: Value;
  /** Value of gradient * factor, read by nothing else. */
  readonly change: Value;
}

/** A table of rows into which at most half as many are scattered. */
function isSparse(w: OnnxWriter, op: Op): boolean {
  if (op.kind !== 'scatter' || op.shape.length !== 2) return false;
  return 2 * w.shape(op.inputs[0]!)[0]! <= op.shape[0]!;
}

/** What `op` would be as an update of rows; who else reads the gradient is not looked at. */
export function rowUpdateOf(w: OnnxWriter, op: OpOf<'sub'>): RowUpdate | undefined {
  const [table, change] = op.inputs as [Value, Value];
  const product = w.onlyReader(change, 'mul');
  if (product === undefined || !sameShape(w.shape(table), op.shape)) return undefined;
  const [a, b] = product.inputs as [Value, Value];
  const [gradient, factor] = w.op(a).kind === 'scatter' ? [a, b] : [b, a];
  const fits = isSparse(w, w.op(gradient)) && sameShape(w.shape(gradient), op.shape) && w.shape(factor).length === 0;
  return fits ? { table, gradient, factor, change } : undefined;
}

/** Gradients and changes of all updates of rows; `squared` are the values that are squared and added up. */
export function findRowUpdates(w: OnnxWriter, ops: readonly Op[], squared: readonly Value[]): readonly Value[] {
  return ops.flatMap((op, value) => {
    const update = w.uses.live[value] && op.kind === 'sub' ? rowUpdateOf(w, op) : undefined;
    if (update === undefined) return [];
    // A square reads it twice.
    const reads = 1 + 2 * squared.filter((v) => v === update.gradient).length;
    return w.uses.counts[update.gradient] === reads ? [update.gradient, update.change] : [];
  });
}

/** Ids up to which a product adds rows up faster than a scatter, which works in one thread, value by value. */
const fewIds = 2048;

interface Rows {
  /** Their distinct ids, ascending (U). */
  readonly ids: string;
  /** Sums of what is scattered into each (U, width). */
  readonly values: string;
}

/** Sums of rows by a product with a matrix (U, n) of ones and zeros. */
function sumByProduct(w: OnnxWriter, { all, ids }: Distinct, updates: Value): string {
  const column = asColumn(w, ids);
  const row = w.temporary('Reshape', [all, w.integers([1, -1])]);
  const same = w.temporary('Cast', [w.temporary('Equal', [column, row])], { to: tensorType.float });
  return w.temporary('Gemm', [same, w.name(updates)]);
}

function sumByScatter(w: OnnxWriter, { ids, places }: Distinct, updates: Value): string {
  const width = w.integers([w.shape(updates)[1]!]);
  const shape = w.temporary('Concat', [w.temporary('Shape', [ids]), width], { axis: 0 });
  const zeros = w.temporary('ConstantOfShape', [shape], { value: { element: 0 } });
  const at = w.temporary('Expand', [asColumn(w, places), w.integers(w.shape(updates))]);
  return w.temporary('ScatterElements', [zeros, at, w.name(updates)], { axis: 0, reduction: 'add' });
}

/** The rows of a scattered gradient that are not zero. */
function rowsOf(w: OnnxWriter, gradient: Value): Rows {
  const found = scatteredRows(w, gradient);
  if (found !== undefined) return found;
  const [ids, updates] = w.op(gradient).inputs as readonly [Value, Value];
  const distinct = distinctOf(w, ids);
  const sum = w.shape(updates)[0]! <= fewIds ? sumByProduct : sumByScatter;
  return { ids: distinct.ids, values: w.once(`rows ${gradient}`, () => sum(w, distinct, updates)) };
}

/** The rows of a gradient that is not written as a whole, or the whole: both have the same squares. */
export const squaredName = (w: OnnxWriter, value: Value): string =>
  w.isNamed(value) ? w.name(value) : rowsOf(w, value).values;

/** table - gradient * factor, row by row; no id comes twice, so that no two threads write one row. */
export function writeRowUpdate(w: OnnxWriter, { table, gradient, factor }: RowUpdate, value: Value): void {
  const { ids, values } = rowsOf(w, gradient);
  const before = w.temporary('Gather', [w.name(table), ids], { axis: 0 });
  const change = w.temporary('Mul', [values, w.name(factor)]);
  const output = w.rowsOnly(value);
  if (output === undefined) {
    const after = w.temporary('Sub', [before, change]);
    w.node('ScatterND', [w.name(table), asColumn(w, ids), after], w.claim(value));
    return;
  }
  const found = { output, ids: `${output}#ids`, rows: `${output}#rows` };
  w.node('Cast', [ids], found.ids, { to: tensorType.int32 });
  w.node('Sub', [before, change], found.rows);
  w.rowOutputs.push(found);
}
