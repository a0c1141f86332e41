/**
 * Layout and size of every weight as it is stored: the one place where sizes are decided. They depend on shapes and
 * kept counts only, never on which entries are kept. Bytes are in `pack.ts`, offsets in the inference plan.
 */
import { area } from '../tensor/blocks.js';
import { packedBytes } from '../tensor/code-packing.js';
import { float32, formatText, type IntegerFormat, type NumberFormat } from '../tensor/number-format.js';
import type { RegionLayout, ScaledLayout } from './calls.js';
import { filledColumns } from './quads.js';
import { frequenciesOf } from './spectra.js';

export type ElementType = 'float32' | 'uint8' | 'int8' | 'uint16' | 'uint32';

/** Rows of a panel, largest first; the last is what rows are padded to. */
export const panelHeights = [32, 16, 8, 4] as const;

/** `value` rounded up to a multiple of `unit`. */
export const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** Floats of a row that vectors of 4 run over. */
export const padded = (floats: number): number => roundUp(floats, 4);

/** Number format of a layout's values. */
export const formatOf = (layout: RegionLayout): NumberFormat =>
  layout.kind === 'scales' ? float32 : (layout.format ?? float32);

/** Whether the columns of a matrix from `first` on can be had by themselves: no run with a scale of its own is cut. */
export const beginsRun = (format: NumberFormat, first: number): boolean =>
  format.kind === 'float' || format.per.kind !== 'group' || first % format.per.values === 0;

/** Rows of panels are padded to this: what the kernels of a format load at once. */
export const panelUnit = (format: NumberFormat): 4 | 8 => (format.word === 'float32' ? 4 : 8);

/** One panel of a packed matrix: rows `row` to `row + height`, in the values behind `start`. */
export interface Panel {
  readonly row: number;
  readonly height: number;
  /** In floats from the start of the region. */
  readonly start: number;
}

/** The panels of a matrix, top to bottom: as many of 32 rows as fit, then at most one each of 16, 8 and 4. */
export function panelsOf(rows: number, columns: number, unit: 4 | 8 = 4): readonly Panel[] {
  const result: Panel[] = [];
  const end = roundUp(rows, unit);
  let row = 0;
  for (const height of panelHeights) {
    for (; row + height <= end; row += height) result.push({ row, height, start: row * columns });
  }
  return result;
}

/** Numbers of columns of blocks are 16 bits wide where they fit. */
export const indexType = (columns: number): 'uint16' | 'uint32' => (columns <= 65_535 ? 'uint16' : 'uint32');

/** Rows, columns and counts of slices have one width. */
export const sliceIndexType = (rows: number, columns: number): 'uint16' | 'uint32' =>
  indexType(Math.max(rows, columns));

export const elementBytes: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  uint32: 4,
};

/** What the values of a format are stored in; codes of less than 8 bits share bytes. */
const valueTypes: Readonly<Record<NumberFormat['word'], ElementType>> = {
  float32: 'float32',
  float16: 'uint16',
  bfloat16: 'uint16',
  int8: 'int8',
  int4: 'uint8',
  int3: 'uint8',
};

/** Type of a layout's elements. */
export function elementType(layout: RegionLayout): ElementType {
  if (layout.kind !== 'sparse' || layout.section === 'values') return valueTypes[formatOf(layout).word];
  const { rows, columns, block } = layout.matrix;
  if (layout.sliced) return sliceIndexType(rows, columns);
  return layout.section === 'starts' ? 'uint32' : indexType(columns / block[1]);
}

/** Number of a layout's elements, zeros of padded rows included. */
export function elementCount(layout: RegionLayout): number {
  const count = valueCount(layout);
  const { word } = formatOf(layout);
  const packed = (word === 'int4' || word === 'int3') && elementType(layout) === 'uint8';
  return packed ? packedBytes(word, count) : count;
}

/** Runs with a scale of their own in a row of `columns` values; undefined where all of a tensor has one. */
const scaleRuns = ({ per }: IntegerFormat, columns: number): number | undefined => {
  if (per.kind === 'tensor') return undefined;
  return per.kind === 'row' ? 1 : Math.ceil(columns / per.values);
};

/** Number of the scales of a layout. */
function scaleCount(values: ScaledLayout, format: IntegerFormat): number {
  const { rows, columns } = values.matrix;
  const runs = scaleRuns(format, columns);
  if (runs === undefined) return 1;
  switch (values.kind) {
    case 'panels':
    case 'quads':
      return roundUp(rows, panelUnit(format)) * runs;
    case 'rows':
      return rows * runs;
    case 'columns':
      return values.padded * runs;
    case 'sparse':
      return format.per.kind === 'group' ? Math.ceil(values.kept / format.per.values) : rows;
  }
}

/** Number of a layout's values, or of its scales or indices. */
export function valueCount(layout: RegionLayout): number {
  const { rows, columns } = layout.matrix;
  switch (layout.kind) {
    case 'scales':
      return scaleCount(layout.values, layout.format);
    case 'panels':
      return roundUp(rows, panelUnit(formatOf(layout))) * columns;
    case 'quads':
      return roundUp(rows, panelUnit(formatOf(layout))) * filledColumns(formatOf(layout), columns);
    case 'rows':
    case 'spectra':
      return rows * columns;
    case 'roots':
      return 2 * frequenciesOf(layout.block);
    case 'columns':
      return columns * layout.padded;
    case 'sparse': {
      const { section, matrix, kept } = layout;
      if (section === 'starts') return rows / matrix.block[0] + 1;
      if (section === 'order' || section === 'counts') return rows;
      return section === 'indices' ? kept / area(matrix.block) : kept;
    }
  }
}

/**
 * Bytes a region's start is aligned to: 64 for what is read in vectors; its element's size for scales, roots and sparse
 * arrays, whose length is only known when training ends, so that no padding depends on it.
 */
export const regionAlignment = (layout: RegionLayout): number =>
  ['sparse', 'scales', 'roots'].includes(layout.kind) ? elementBytes[elementType(layout)] : 64;

/** `panels`, `sparse values`, `rows in int8(per=row)`: a layout in words. */
export function formOf(layout: RegionLayout): string {
  const form = layout.kind === 'sparse' ? `sparse ${layout.section}${layout.sliced ? ' of slices' : ''}` : layout.kind;
  const format = formatOf(layout);
  return format.word === 'float32' ? form : `${form} in ${formatText(format)}`;
}

/** Bytes a region takes in the blob, up to the next one of its alignment. */
export const regionBytes = (layout: RegionLayout): number =>
  roundUp(elementCount(layout) * elementBytes[elementType(layout)], regionAlignment(layout));

/** Bytes of a bias or table of `elements` floats that is stored as it is. */
export const plainBytes = (elements: number): number => roundUp(4 * elements, 64);
