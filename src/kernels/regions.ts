/**
 * Layout and size of every weight as it is stored: the one place where sizes are decided. They depend on shapes and
 * kept counts only, never on which entries are kept. Bytes are in `pack.ts`, offsets in the inference plan.
 */
import { area } from '../tensor/blocks.js';
import type { RegionLayout } from './calls.js';

export type ElementType = 'float32' | 'uint16' | 'uint32';

/** Rows of a panel, largest first; the last is what rows are padded to. */
export const panelHeights = [32, 16, 8, 4] as const;

/** `value` rounded up to a multiple of `unit`. */
export const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** Floats of a row that vectors of 4 run over. */
export const padded = (floats: number): number => roundUp(floats, 4);

/** One panel of a packed matrix: rows `row` to `row + height`, in the values behind `start`. */
export interface Panel {
  readonly row: number;
  readonly height: number;
  /** In floats from the start of the region. */
  readonly start: number;
}

/** The panels of a matrix, top to bottom: as many of 32 rows as fit, then at most one each of 16, 8 and 4. */
export function panelsOf(rows: number, columns: number): readonly Panel[] {
  const result: Panel[] = [];
  const end = padded(rows);
  let row = 0;
  for (const height of panelHeights) {
    for (; row + height <= end; row += height) result.push({ row, height, start: row * columns });
  }
  return result;
}

/** Numbers of columns of blocks are 16 bits wide where they fit. */
export const indexType = (columns: number): 'uint16' | 'uint32' => (columns <= 65_535 ? 'uint16' : 'uint32');

export const elementBytes: Readonly<Record<ElementType, number>> = { float32: 4, uint16: 2, uint32: 4 };

/** Type of a layout's elements. */
export function elementType(layout: RegionLayout): ElementType {
  if (layout.kind !== 'sparse' || layout.section === 'values') return 'float32';
  const { columns, block } = layout.matrix;
  return layout.section === 'starts' ? 'uint32' : indexType(columns / block[1]);
}

/** Number of a layout's elements, zeros of padded rows included. */
export function elementCount(layout: RegionLayout): number {
  const { rows, columns } = layout.matrix;
  switch (layout.kind) {
    case 'panels':
      return padded(rows) * columns;
    case 'rows':
      return rows * columns;
    case 'columns':
      return columns * layout.padded;
    case 'sparse': {
      const { section, matrix, kept } = layout;
      if (section === 'starts') return rows / matrix.block[0] + 1;
      return section === 'indices' ? kept / area(matrix.block) : kept;
    }
  }
}

/**
 * Bytes a region's start is aligned to: 64 for what is read in vectors; its element's size for sparse arrays, whose
 * length is only known when training ends, so that no padding depends on it.
 */
export const regionAlignment = (layout: RegionLayout): number =>
  layout.kind === 'sparse' ? elementBytes[elementType(layout)] : 64;

/** Bytes a region takes in the blob, up to the next one of its alignment. */
export const regionBytes = (layout: RegionLayout): number =>
  roundUp(elementCount(layout) * elementBytes[elementType(layout)], regionAlignment(layout));

/** Bytes of a bias or table of `elements` floats that is stored as it is. */
export const plainBytes = (elements: number): number => roundUp(4 * elements, 64);
