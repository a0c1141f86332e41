/**
 * How codes lie for integer products, the same for every processor. A panel of rows is stored run by run (all columns
 * that share a scale), a run in groups of columns that vectors work on, filled up with zeros. In int8 a group is a
 * quad: 4 columns of every row, row after row. In int4 it is two quads whose codes take turns: each byte holds a code
 * of the first quad in its low half, and the code of the second in the same row and place in its high half.
 */
import { type Runs, runsOf } from '../tensor/grid.js';
import type { IntegerFormat, NumberFormat } from '../tensor/number-format.js';

/** Columns of a product whose sums of 127 * 127 each fit into 32 bits. */
const mostColumns = 131_072;

/** Whether a product with weights of `columns` values in a row is one of integers. */
export const takesIntegers = (format: IntegerFormat, columns: number): boolean =>
  format.arithmetic === 'integer' && format.word !== 'int3' && columns <= mostColumns;

/** Columns that a run is filled up to a multiple of. */
export const groupColumns = ({ word }: NumberFormat): 4 | 8 => (word === 'int4' ? 8 : 4);

const runsIn = (format: NumberFormat, columns: number): Runs =>
  runsOf(format.kind === 'integer' ? format.per : { kind: 'row' }, columns, columns);

/** Columns of a matrix with every run filled up. */
export function filledColumns(format: NumberFormat, columns: number): number {
  const unit = groupColumns(format);
  const { run } = runsIn(format, columns);
  const fill = (count: number): number => Math.ceil(count / unit) * unit;
  return Math.floor(columns / run) * fill(run) + fill(columns % run);
}

/** Place of a value in a panel of `height` rows, in values. */
export function placeInPanel(
  format: NumberFormat,
  columns: number,
  height: number,
  { row, column }: { readonly row: number; readonly column: number },
): number {
  const { run } = runsIn(format, columns);
  const nth = Math.floor(column / run);
  const inRow = nth * filledColumns(format, run) + (column - nth * run);
  const quad = (group: number): number => (group * height + row) * 4 + (inRow % 4);
  if (format.word !== 'int4') return quad(Math.floor(inRow / 4));
  return 2 * quad(Math.floor(inRow / 8)) + (Math.floor(inRow / 4) % 2);
}
