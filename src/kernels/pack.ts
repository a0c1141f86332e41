/** From the values of a tensor to the bytes of a region, little-endian, and back. Sizes come from `regions.ts`. */
import { invariant } from '../support/assert.js';
import { area, type Block, blockMagnitudes, placesOf } from '../tensor/blocks.js';
import { packCodes } from '../tensor/code-packing.js';
import { runsPerRow } from '../tensor/grid.js';
import { type IntegerFormat, isFloat32 } from '../tensor/number-format.js';
import type { RegionLayout } from './calls.js';
import type { SparseRef } from './planner.js';
import { filledColumns, placeInPanel } from './quads.js';
import {
  elementBytes,
  elementCount,
  elementType,
  formatOf,
  panelsOf,
  panelUnit,
  regionBytes,
  valueCount,
} from './regions.js';
import { slicesOf } from './slices.js';
import { rootsOf, storedSpectra } from './spectra.js';
import { type Part, partGrid, type SparseValues, smallFloatBits, sparseGrid } from './stored-values.js';

type Elements = Float32Array | Int8Array | Uint8Array | Uint16Array | Uint32Array;

/**
 * The bytes of a region from the values of its whole tensor, and their scales where these are learned; the padding
 * behind the elements is zero.
 */
export function packRegion(layout: RegionLayout, values: Float32Array, learned?: Float32Array): Uint8Array {
  const { tensor, offset, rows, columns } = layout.matrix;
  invariant(offset + rows * columns <= values.length, `${tensor} has ${values.length} values`);
  const elements = elementsOf(layout, values, learned);
  invariant(elements.length === elementCount(layout), `${tensor} packs to ${elements.length} elements`);
  const bytes = new Uint8Array(regionBytes(layout));
  bytes.set(littleEndian(elements));
  return bytes;
}

/** The (rows, columns) matrix that a region holds; not for sparse sections. */
export function unpackRegion(layout: RegionLayout, bytes: Uint8Array): Float32Array {
  invariant(layout.kind !== 'sparse' && isFloat32(formatOf(layout)), 'only float32 matrices are unpacked');
  const { rows, columns } = layout.matrix;
  const packed = readElements(layout, bytes);
  const result = new Float32Array(rows * columns);
  forEachElement(layout, (from, to) => {
    result[from] = packed[to]!;
  });
  return result;
}

/** The (rows, columns) matrix of the three sections of a sparse one. */
export function unpackSparse(
  matrix: SparseRef,
  kept: number,
  bytes: { readonly starts: Uint8Array; readonly indices: Uint8Array; readonly values: Uint8Array },
): Float32Array {
  const read = (section: 'starts' | 'indices' | 'values') =>
    readElements({ kind: 'sparse', section, matrix, kept }, bytes[section]);
  const [starts, indices, values] = [read('starts'), read('indices'), read('values')];
  const result = new Float32Array(matrix.rows * matrix.columns);
  const { rows, columns, block } = matrix;
  let next = 0;
  for (let row = 0; row < rows / block[0]; row++)
    for (let k = starts[row]!; k < starts[row + 1]!; k++)
      for (const place of placesOf(row * (columns / block[1]) + indices[k]!, columns, block))
        result[place] = values[next++]!;
  return result;
}

/**
 * Blocks of a matrix that are stored, ascending: those that are not all zero, topped up by the lowest others to `kept`
 * (what is kept may happen to be zero). `magnitudes` has one number for each block, 0 where it is all zero.
 */
export function keptBlocks(magnitudes: ArrayLike<number>, kept: number): Uint32Array {
  const count = magnitudes.length;
  let nonzeros = 0;
  for (let i = 0; i < count; i++) if (magnitudes[i] !== 0) nonzeros++;
  invariant(nonzeros <= kept && kept <= count, `${nonzeros} nonzeros of ${count}, ${kept} kept`);
  const blocks = new Uint32Array(kept);
  let zeros = kept - nonzeros;
  let next = 0;
  for (let i = 0; i < count; i++) {
    if (magnitudes[i] === 0 && zeros-- <= 0) continue;
    blocks[next++] = i;
  }
  return blocks;
}

function elementsOf(layout: RegionLayout, whole: Float32Array, learned: Float32Array | undefined): Elements {
  if (layout.kind === 'scales') return scalesOf(layout, whole, learned);
  if (layout.kind === 'sparse') return sparseElements(layout, whole, learned);
  if (layout.kind === 'roots') return rootsOf(layout.block);
  const format = formatOf(layout);
  const part = partOf(layout);
  const matrix = whole.subarray(part.offset, part.offset + part.count);
  if (layout.kind === 'spectra') return storedSpectra(matrix, layout.matrix.rows, layout.block);
  if (format.kind === 'integer')
    return packedCodes(format, arranged(layout, partGrid(whole, part, format, learned).codes));
  if (format.word === 'float32') return arranged(layout, matrix);
  return arranged(layout, smallFloatBits(part.tensor, matrix, format));
}

type SparseLayout = Extract<RegionLayout, { readonly kind: 'sparse' }>;
type ScalesLayout = Extract<RegionLayout, { readonly kind: 'scales' }>;

const partOf = ({ matrix: { tensor, offset, rows, columns } }: RegionLayout): Part => ({
  tensor,
  offset,
  count: rows * columns,
  row: columns,
});

/** Codes as their type has them: whole bytes as they are, smaller ones packed. */
const packedCodes = ({ word }: IntegerFormat, codes: Int8Array): Elements =>
  word === 'int8' ? codes : packCodes(word, codes);

/** Elements of a matrix in the order of a layout; zeros where rows are padded. */
function arranged<A extends Float32Array | Int8Array | Uint16Array>(layout: RegionLayout, matrix: A): A {
  if (layout.kind === 'rows') return matrix;
  const packed = new (matrix.constructor as new (length: number) => A)(valueCount(layout));
  forEachElement(layout, (from, to) => {
    packed[to] = matrix[from]!;
  });
  return packed;
}

/** The stored values of a sparse matrix, by the layout of any of its sections. */
export function sparseValues(
  layout: SparseLayout,
  whole: Float32Array,
): SparseValues & { readonly stored: SparseBlocks } {
  const { tensor, rows, columns, block } = layout.matrix;
  const stored = sparseBlocks(whole, columns, block, layout.kept);
  const owners = new Uint32Array(layout.kept / area(block));
  for (let row = 0; row < rows / block[0]; row++) owners.fill(row, stored.starts[row]!, stored.starts[row + 1]!);
  const rowOf = (index: number): number => owners[Math.floor(index / area(block))]! * block[0] + (index % block[0]);
  return { tensor, rows, values: stored.values, rowOf, stored };
}

const none = new Uint32Array(0);
const noSlices = { order: none, counts: none };

function sparseElements(layout: SparseLayout, whole: Float32Array, learned: Float32Array | undefined): Elements {
  const { stored, ...sparse } = sparseValues(layout, whole);
  const { section } = layout;
  if (section !== 'values') {
    const elements = (layout.sliced ? { ...stored, ...slicesOf(stored) } : { ...noSlices, ...stored })[section];
    return elementType(layout) === 'uint16' ? Uint16Array.from(elements) : elements;
  }
  if (layout.sliced) return slicesOf(stored).values;
  const format = formatOf(layout);
  if (format.kind === 'integer') return packedCodes(format, sparseGrid(sparse, format, learned).codes);
  return format.word === 'float32' ? stored.values : smallFloatBits(sparse.tensor, stored.values, format);
}

/** Scales in the order in which the kernels of their values meet them. */
function scalesOf(
  { values: layout, format }: ScalesLayout,
  whole: Float32Array,
  learned: Float32Array | undefined,
): Float32Array {
  if (layout.kind === 'sparse') return sparseGrid(sparseValues(layout, whole), format, learned).scales;
  const { scales, runs } = partGrid(whole, partOf(layout), format, learned);
  if (format.per.kind === 'tensor' || layout.kind === 'rows') return scales;
  const each = runsPerRow(runs);
  const { rows } = layout.matrix;
  // The scales are a matrix (rows, runs) that lies as the values do.
  const matrix = { tensor: '', offset: 0, rows, columns: each };
  const order: RegionLayout = layout.kind === 'quads' ? { kind: 'panels', matrix, format } : { ...layout, matrix };
  return arranged(order, scales);
}

/** The stored blocks of a sparse matrix, one row of blocks after the other. */
export interface SparseBlocks {
  /** Where each row of blocks begins, in blocks. */
  readonly starts: Uint32Array;
  /** Which column of blocks. */
  readonly indices: Uint32Array;
  /** Block by block, each column after column. */
  readonly values: Float32Array;
}

/** Compressed rows of blocks of a matrix with `kept` stored values, columns ascending. */
export function sparseBlocks(matrix: Float32Array, columns: number, block: Block, kept: number): SparseBlocks {
  const across = columns / block[1];
  const down = matrix.length / columns / block[0];
  const stored = keptBlocks(blockMagnitudes(matrix, columns, block), kept / area(block));
  const starts = new Uint32Array(down + 1);
  for (const index of stored) starts[Math.floor(index / across) + 1]! += 1;
  for (let row = 0; row < down; row++) starts[row + 1]! += starts[row]!;
  const values = new Float32Array(kept);
  let next = 0;
  for (const index of stored) for (const place of placesOf(index, columns, block)) values[next++] = matrix[place]!;
  return { starts, indices: stored.map((index) => index % across), values };
}

/** Calls `visit` with the place of every matrix element, row-major, and in the packed elements. */
function forEachElement(layout: RegionLayout, visit: (from: number, to: number) => void): void {
  const { rows, columns } = layout.matrix;
  if (layout.kind === 'panels') {
    for (const { row, height, start } of panelsOf(rows, columns, panelUnit(formatOf(layout))))
      for (let r = 0; r < Math.min(height, rows - row); r++)
        for (let k = 0; k < columns; k++) visit((row + r) * columns + k, start + k * height + r);
    return;
  }
  if (layout.kind === 'quads') {
    const format = formatOf(layout);
    for (const { row, height, start } of panelsOf(rows, filledColumns(format, columns), panelUnit(format)))
      for (let r = 0; r < Math.min(height, rows - row); r++)
        for (let k = 0; k < columns; k++)
          visit((row + r) * columns + k, start + placeInPanel(format, columns, height, { row: r, column: k }));
    return;
  }
  const [rowStride, columnStride] = layout.kind === 'columns' ? [1, layout.padded] : [columns, 1];
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < columns; k++) visit(r * columns + k, r * rowStride + k * columnStride);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The elements' bytes; each element reversed on a big-endian host. */
function littleEndian(elements: Elements): Uint8Array {
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  if (hostIsLittleEndian) return bytes;
  const size = elements.BYTES_PER_ELEMENT;
  return bytes.map((_, i) => bytes[i - (i % size) + (size - 1 - (i % size))]!);
}

function readElements(layout: RegionLayout, bytes: Uint8Array): Elements {
  const type = elementType(layout);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = elementCount(layout);
  const at = (i: number): number => i * elementBytes[type];
  if (type === 'float32') return new Float32Array(count).map((_, i) => view.getFloat32(at(i), true));
  if (type === 'uint16') return new Uint16Array(count).map((_, i) => view.getUint16(at(i), true));
  return new Uint32Array(count).map((_, i) => view.getUint32(at(i), true));
}
