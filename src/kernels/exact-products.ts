/**
 * Integer products bit by bit: sums of codes are exact, each meets its scale and that of its vector, and is added to y,
 * run by run ascending. One place says so for matrices, for matrices along an axis, and for what is stored sparsely.
 */
import { defined } from '../support/assert.js';
import { area } from '../tensor/blocks.js';
import { type Runs, runAt } from '../tensor/grid.js';
import type { CallOf } from './calls.js';
import type { RegionValues } from './memory.js';
import type { quantized, Vectors } from './quantize.js';

const { fround } = Math;

/** Codes of one vector, and their scale. */
export type Codes = ReturnType<typeof quantized>;

interface Grid {
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  readonly runs: Runs;
}

/** What a sum of codes adds to `total`. */
const added = (total: number, sum: number, scale: number, x: Codes): number =>
  fround(total + fround(fround(sum) * fround(scale * x.scale)));

/** y[row] for one vector: `start` plus the row's runs. */
function rowOf({ codes, scales, runs }: Grid, row: number, x: Codes, start: number): number {
  const columns = x.codes.length;
  // One scale of a whole tensor is one run in every row.
  const run = Math.min(runs.run, columns);
  let total = start;
  for (let first = 0; first < columns; first += run) {
    const [begin, end] = [row * columns, Math.min(first + run, columns)];
    let sum = 0;
    for (let k = first; k < end; k++) sum += codes[begin + k]! * x.codes[k]!;
    total = added(total, sum, scales[runAt(runs, begin + first)]!, x);
  }
  return total;
}

/** y = W x or y += W x for every vector of (before, columns, after), y as (before, rows, after). */
export function exactAlong(
  grid: Grid,
  { rows, before, after, mode }: Vectors & { readonly rows: number; readonly mode: 'set' | 'add' },
  vectors: readonly Codes[],
  y: Float32Array,
): void {
  for (let i = 0; i < before * after; i++) {
    const first = Math.floor(i / after) * rows * after + (i % after);
    for (let row = 0; row < rows; row++) {
      const at = first + row * after;
      y[at] = rowOf(grid, row, defined(vectors[i], `vector ${i}`), mode === 'add' ? y[at]! : 0);
    }
  }
}

/** y += S x: every row of blocks run by run of its stored values; its rows take part in each of its runs. */
export function exactSparse(
  { values, block }: CallOf<'sparse'>,
  weights: RegionValues,
  x: Codes,
  y: Float32Array,
): void {
  const { codes, scales, per, stored } = weights.sparseGrid(values);
  const [[height, width], each] = [block, area(block)];
  const blocksOf = (row: number): readonly [number, number] => [stored.starts[row]!, stored.starts[row + 1]!];
  for (let row = 0; row + 1 < stored.starts.length; row++) {
    const [from, to] = blocksOf(row).map((index) => index * each) as [number, number];
    for (let value = from; value < to; ) {
      const run = per.kind === 'group' ? per.values : to - from;
      const end = per.kind === 'group' ? Math.min(to, value + run - (value % run)) : to;
      const sums = new Array<number>(height).fill(0);
      const first = value;
      for (; value < end; value++) {
        const column = stored.indices[Math.floor(value / each)]! * width + Math.floor((value % each) / height);
        sums[value % height]! += codes[value]! * x.codes[column]!;
      }
      sums.forEach((sum, i) => {
        const own = row * height + i;
        const scale = per.kind === 'tensor' ? 0 : per.kind === 'row' ? own : Math.floor(first / run);
        y[own] = added(y[own]!, sum, scales[scale]!, x);
      });
    }
  }
}
