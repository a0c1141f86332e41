/** C statements for weights in other formats than float32: which kernel reads them, and which scales it is given. */
import type { CallOf, ColumnsWithin, RegionId, RegionLayout } from '../../kernels/calls.js';
import type { Buffer } from '../../kernels/planner.js';
import { valueCount } from '../../kernels/regions.js';
import { invariant } from '../../support/assert.js';
import { runsOf, runsPerRow } from '../../tensor/grid.js';
import type { IntegerFormat, NumberFormat } from '../../tensor/number-format.js';
import type { Places, Program } from './program.js';

/** What a statement is written from. */
export interface Scope {
  readonly program: Program;
  readonly pointers: Places;
  /** A region as a C expression. */
  readonly weight: (id: RegionId) => string;
  readonly layout: (id: RegionId) => RegionLayout;
  readonly format: (id: RegionId) => NumberFormat;
}

interface Stored {
  readonly values: RegionId;
  readonly scales: RegionId | undefined;
}

/** Values that share a scale in a row of `columns`. */
const runIn = ({ per }: IntegerFormat, columns: number): number => runsOf(per, columns, columns).run;

/** A dense product, of a whole matrix or some of its columns. */
interface Product {
  readonly w: RegionId;
  readonly scales?: RegionId | undefined;
  readonly rows: number | string;
  readonly columns: number;
  readonly within?: ColumnsWithin | undefined;
}

/** Columns of the stored matrix, and the first that is meant. */
const columnsOf = ({ columns, within = { first: 0, columns } }: Product): string =>
  `${within.columns}, ${within.first}`;

/** A product by the kernel of the format. */
export function gemvStatement(product: Product, vectors: string, scope: Scope): string {
  const { rows, columns } = product;
  return `${denseKernel(product, '', scope)}(${denseArguments(product, scope)}, ${rows}, ${columns}, ${vectors});`;
}

/** `gemv_add`; `gemv_add_float16`; `integer_add_int8`; `integer_add_steps_int8`. */
export function denseKernel({ w }: Product, ending: '' | '_steps', { layout, format }: Scope): string {
  const { word } = format(w);
  const name = `${layout(w).kind === 'quads' ? 'integer_add' : 'gemv_add'}${ending}`;
  return word === 'float32' ? name : `${name}_${word}`;
}

/** Weights, their scales, and which columns are meant. */
export function denseArguments(product: Product, { weight, layout, format: formatOf }: Scope): string {
  const { w, scales, columns, within } = product;
  const format = formatOf(w);
  if (format.kind === 'float' || scales === undefined) return `${weight(w)}, ${columnsOf(product)}`;
  if (layout(w).kind === 'quads')
    return `${weight(w)}, ${weight(scales)}, ${format.per.kind === 'tensor' ? 0 : 1}, ${runIn(format, columns)}`;
  const run = runIn(format, within?.columns ?? columns);
  return `${weight(w)}, ${weight(scales)}, ${format.per.kind === 'tensor' ? 0 : 1}, ${run}, ${columnsOf(product)}`;
}

/** The products of a matrix with many vectors of codes. */
export function integerGemm(
  { w, scales, rows, columns, before, after, t, y }: CallOf<'gemm'>,
  codes: Buffer,
  { weight, pointers, format: formatOf }: Scope,
): string {
  const format = formatOf(w);
  invariant(format.kind === 'integer' && scales !== undefined, 'codes have scales');
  const step = format.per.kind === 'tensor' ? 0 : 1;
  const sizes = [step, runIn(format, columns), before, rows, columns, after].join(', ');
  const at = [codes, ...(t === undefined ? [] : [t])].map((buffer) => pointers.at(buffer));
  const vectors = `${at[0]}, ${at[1] ?? 'NULL'}, ${pointers.at(y)}`;
  return `integer_gemm_${format.word}(${weight(w)}, ${weight(scales)}, ${sizes}, ${vectors});`;
}

export interface Decoded {
  readonly statements: readonly string[];
  /** Where the float32 values lie. */
  readonly at: string;
}

/** A whole matrix in float32: where it lies, or where it is decoded to. */
export function decoded({ values, scales, to }: Stored & { readonly to: Buffer | undefined }, scope: Scope): Decoded {
  if (to === undefined) return { statements: [], at: scope.weight(values) };
  const layout = scope.layout(values);
  const at = scope.pointers.at(to);
  const count = valueCount(layout);
  const format = scope.format(values);
  const decode = `decode_${format.word}(${scope.weight(values)}, 0, ${count}, ${at});`;
  if (format.kind === 'float' || scales === undefined) return { statements: [decode], at };
  return { statements: [decode, scaleStatement(layout, format, { at, scales: scope.weight(scales) })], at };
}

function scaleStatement(
  layout: RegionLayout,
  format: IntegerFormat,
  { at, scales }: { at: string; scales: string },
): string {
  const { rows, columns } = layout.matrix;
  const run = runIn(format, columns);
  if (format.per.kind === 'tensor')
    return `scale_runs(${at}, ${valueCount(layout)}, ${scales}, 0, ${valueCount(layout)});`;
  if (layout.kind === 'columns') return `scale_columns(${at}, ${columns}, ${layout.padded}, ${scales}, ${run});`;
  return `scale_rows(${at}, ${rows}, ${columns}, ${scales}, ${run});`;
}

/** One row of a table. */
export function rowStatements(
  { table, scales, width, id }: { table: RegionId; scales: RegionId | undefined; width: number; id: string },
  to: string,
  { weight, format: formatOf }: Scope,
): readonly string[] {
  const format = formatOf(table);
  if (format.word === 'float32') return [`copy(${weight(table)} + (size_t)${id} * ${width}, ${to}, ${width});`];
  const decode = `decode_${format.word}(${weight(table)}, (size_t)${id} * ${width}, ${width}, ${to});`;
  if (format.kind === 'float' || scales === undefined) return [decode];
  const run = runIn(format, width);
  const runs = runsPerRow({ row: width, run });
  const first = format.per.kind === 'tensor' ? '' : ` + (size_t)${id} * ${runs}`;
  return [decode, `scale_runs(${to}, ${width}, ${weight(scales)}${first}, 0, ${run});`];
}

/** Scales, how many each row of blocks has (0: one for all), and the length of a run. */
export function scaleArguments(values: RegionId, scales: RegionId | undefined, scope: Scope): string {
  const format = scope.format(values);
  if (format.kind === 'float' || scales === undefined) return '';
  const { columns } = scope.layout(values).matrix;
  const run = runIn(format, columns);
  const each = format.per.kind === 'tensor' ? 0 : runsPerRow({ row: columns, run });
  return `${scope.weight(scales)}, ${each}, ${run}, `;
}

/** Scales, how many each row has (0: none of its own), and the length of a run of stored values (0: no runs). */
export function sparseScales(values: RegionId, scales: RegionId | undefined, scope: Scope): string {
  const format = scope.format(values);
  if (format.kind === 'float' || scales === undefined) return '';
  const { per } = format;
  return `${scope.weight(scales)}, ${per.kind === 'row' ? 1 : 0}, ${per.kind === 'group' ? per.values : 0}, `;
}
