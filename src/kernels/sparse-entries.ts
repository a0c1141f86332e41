/** The stored entries of one row of a sparse matrix in blocks, for the kernels that go through them one by one. */
import { area, type Block } from '../tensor/blocks.js';
import type { SparseBlocks } from './pack.js';

export interface Entry {
  readonly value: number;
  readonly column: number;
}

/** Columns ascending; zeros inside a stored block are entries too. */
export function* entriesOf({ starts, indices, values }: SparseBlocks, block: Block, row: number): Iterable<Entry> {
  const [height, width] = block;
  const first = row % height;
  const blockRow = (row - first) / height;
  for (let k = starts[blockRow]!; k < starts[blockRow + 1]!; k++) {
    for (let column = 0; column < width; column++) {
      const value = values[k * area(block) + column * height + first]!;
      yield { value, column: indices[k]! * width + column };
    }
  }
}
