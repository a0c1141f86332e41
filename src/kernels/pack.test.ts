import { describe, expect, it } from 'vitest';
import { type Block, single } from '../tensor/blocks.js';
import { fillUniform, streamKey, uniformAt } from '../tensor/random.js';
import type { RegionLayout, SparseSection } from './calls.js';
import { keptBlocks, packRegion, unpackRegion, unpackSparse } from './pack.js';
import type { MatrixRef, SparseRef } from './planner.js';
import { padded, panelsOf, regionBytes } from './regions.js';

const sizes = [1, 2, 3, 4, 5, 7, 8, 13, 16, 29, 31, 32, 33, 61, 64, 97, 650];
const pairs = sizes.flatMap((rows, i) => [[rows, sizes[(i * 7 + 3) % sizes.length]!] as const]);

function tensor(elements: number, purpose: string): Float32Array {
  const values = new Float32Array(elements);
  fillUniform(values, 1, streamKey(7, purpose));
  return values;
}
const matrixOf = (rows: number, columns: number, offset = 0): MatrixRef => ({ tensor: 't', offset, rows, columns });
const sparseOf = (rows: number, columns: number, block: Block = single): SparseRef => ({
  ...matrixOf(rows, columns),
  block,
});

describe('packing', () => {
  it.each(pairs)('gives %i x %i back from every layout, in exactly the predicted bytes', (rows, columns) => {
    const values = tensor(rows * columns + 5, `${rows}x${columns}`);
    const matrix = matrixOf(rows, columns, 5);
    const layouts: RegionLayout[] = [
      { kind: 'panels', matrix },
      { kind: 'rows', matrix },
      { kind: 'columns', matrix, padded: padded(rows) },
    ];
    for (const layout of layouts) {
      const bytes = packRegion(layout, values);
      expect(bytes.length).toBe(regionBytes(layout));
      expect(unpackRegion(layout, bytes)).toEqual(values.subarray(5));
    }
  });

  it.each(pairs)('gives a sparse %i x %i back at several densities', (rows, columns) => {
    const key = streamKey(3, `sparse ${rows}x${columns}`);
    for (const density of [0, 0.05, 0.5, 1]) {
      const values = tensor(rows * columns, 'v').map((v, i) => (uniformAt(key, i) < density ? v : 0));
      const nonzeros = values.reduce((n, v) => n + (v === 0 ? 0 : 1), 0);
      const kept = Math.min(rows * columns, nonzeros + 3);
      const layout = (section: SparseSection): RegionLayout => ({
        kind: 'sparse',
        section,
        matrix: sparseOf(rows, columns),
        kept,
      });
      const starts = packRegion(layout('starts'), values);
      const indices = packRegion(layout('indices'), values);
      const packed = packRegion(layout('values'), values);
      expect(starts.length + indices.length + packed.length).toBe(4 * (rows + 1) + 6 * kept);
      const back = unpackSparse(sparseOf(rows, columns), kept, { starts, indices, values: packed });
      expect(back).toEqual(values);
    }
  });

  it.each<readonly [Block, number, number]>([
    [[4, 1], 8, 3],
    [[1, 4], 3, 8],
    [[8, 4], 16, 12],
    [[16, 1], 32, 5],
    [[3, 5], 9, 20],
  ])('gives blocks of %j in %i x %i back, in exactly the predicted bytes', (block, rows, columns) => {
    const [height, width] = block;
    const blocks = (rows * columns) / (height * width);
    for (const stored of [0, 1, Math.ceil(blocks / 2), blocks]) {
      const values = tensor(rows * columns, 'v').map((v, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const index = Math.floor(row / height) * (columns / width) + Math.floor(column / width);
        return (index * 7) % blocks < stored ? v : 0;
      });
      const kept = stored * height * width;
      const layout = (section: SparseSection): RegionLayout => ({
        kind: 'sparse',
        section,
        matrix: sparseOf(rows, columns, block),
        kept,
      });
      const pack = (section: SparseSection): Uint8Array => packRegion(layout(section), values);
      const [starts, indices, packed] = [pack('starts'), pack('indices'), pack('values')];
      expect(starts.length + indices.length + packed.length).toBe(4 * (rows / height + 1) + 2 * stored + 4 * kept);
      expect(unpackSparse(sparseOf(rows, columns, block), kept, { starts, indices, values: packed })).toEqual(values);
    }
  });

  it('lays blocks row by row, the values of each column after column', () => {
    const values = Float32Array.from([0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const pack = (section: SparseSection): Uint8Array =>
      packRegion({ kind: 'sparse', section, matrix: sparseOf(4, 4, [2, 2]), kept: 12 }, values);
    expect([...new Uint32Array(pack('starts').buffer)]).toEqual([0, 1, 3]);
    expect([...new Uint16Array(pack('indices').buffer)]).toEqual([1, 0, 1]);
    expect([...new Float32Array(pack('values').buffer)]).toEqual([1, 3, 2, 4, 5, 9, 6, 10, 7, 11, 8, 12]);
  });

  it('lays panels k-major: 5x2 is a panel of 4 rows and one of 4 with zeros', () => {
    const values = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const bytes = packRegion({ kind: 'panels', matrix: matrixOf(5, 2) }, values);
    const floats = [...new Float32Array(bytes.buffer)];
    expect(floats).toEqual([1, 3, 5, 7, 9, 0, 0, 0, 2, 4, 6, 8, 10, 0, 0, 0]);
  });

  it('cuts 2600 rows into panels', () => {
    const heights = panelsOf(2600, 10).map((panel) => panel.height);
    expect(heights).toEqual([...new Array<number>(81).fill(32), 8]);
    expect(panelsOf(61, 3).map(({ row, height, start }) => [row, height, start])).toEqual([
      [0, 32, 0],
      [32, 32, 96],
    ]);
    expect(panelsOf(27, 3).map((panel) => panel.height)).toEqual([16, 8, 4]);
  });

  it('keeps zeros at the lowest free positions when fewer are nonzero', () => {
    expect([...keptBlocks([0, 0, 5, 0, 6], 4)]).toEqual([0, 1, 2, 4]);
    expect(() => keptBlocks([1, 2, 3], 2)).toThrow('3 nonzeros');
  });

  it('uses 32-bit indices only above 65,535 columns', () => {
    const bytes = (columns: number) =>
      regionBytes({ kind: 'sparse', section: 'indices', matrix: sparseOf(1, columns), kept: 3 });
    expect([bytes(65_535), bytes(65_536)]).toEqual([6, 12]);
  });
});

describe('slices', () => {
  it('lie row for row of a slice in turns, then what longer rows have more', () => {
    // 8 rows of 1 or 2 entries and one of 3, which is left over: row r has its entries at columns 0, 1, ...
    const counts = [2, 1, 1, 3, 1, 1, 2, 1, 1];
    const values = Float32Array.from(counts.flatMap((n, row) => [0, 1, 2].map((k) => (k < n ? 10 * row + k + 1 : 0))));
    const matrix = { tensor: 'S', offset: 0, rows: 9, columns: 3, block: single };
    const read = (section: 'order' | 'counts' | 'indices' | 'values'): number[] => {
      const bytes = packRegion({ kind: 'sparse', section, matrix, kept: 13, sliced: true }, values);
      return [...(section === 'values' ? new Float32Array(bytes.buffer) : new Uint16Array(bytes.buffer))];
    };
    expect(read('order')).toEqual([1, 2, 4, 5, 7, 8, 0, 6, 3]);
    expect(read('counts')).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 3]);
    expect(read('values')).toEqual([11, 21, 41, 51, 71, 81, 1, 61, 2, 62, 31, 32, 33]);
    expect(read('indices')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 2]);
  });
});
