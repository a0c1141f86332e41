/**
 * A row-major matrix as equal tiles, the blocks that are pruned and stored together. Blocks are numbered row by row;
 * their sides divide those of the matrix. Says which values a block holds, never which blocks stay.
 */

/** Rows and columns of a block. */
export type Block = readonly [rows: number, columns: number];

/** Blocks of single values. */
export const single: Block = [1, 1];

/** Values of one block. */
export const area = ([rows, columns]: Block): number => rows * columns;

export const isSingle = (block: Block): boolean => area(block) === 1;

/** Calls `visit` with every element's place and its block, row-major, for `count` values in rows of `columns`. */
function eachElement(
  count: number,
  columns: number,
  [height, width]: Block,
  visit: (place: number, block: number) => void,
): void {
  const across = columns / width;
  for (let row = 0; row * columns < count; row++) {
    const first = Math.floor(row / height) * across;
    for (let column = 0; column < columns; column++) visit(row * columns + column, first + Math.floor(column / width));
  }
}

/** Sum of the magnitudes in every block: what pruning it takes away. */
export function blockMagnitudes(values: ArrayLike<number>, columns: number, block: Block): Float64Array {
  const sums = new Float64Array(values.length / area(block));
  eachElement(values.length, columns, block, (place, at) => {
    sums[at]! += Math.abs(values[place]!);
  });
  return sums;
}

/** The matrix in which every element has what its block has. */
export function spreadBlocks(ofBlock: Float32Array, columns: number, block: Block): Float32Array {
  const result = new Float32Array(ofBlock.length * area(block));
  eachElement(result.length, columns, block, (place, at) => {
    result[place] = ofBlock[at]!;
  });
  return result;
}

/** Places of a block's values in the matrix, column after column. */
export function placesOf(index: number, columns: number, [height, width]: Block): readonly number[] {
  const across = columns / width;
  const first = Math.floor(index / across) * height * columns + (index % across) * width;
  return Array.from({ length: height * width }, (_, k) => first + (k % height) * columns + Math.floor(k / height));
}

/** Number of blocks with a value other than zero. */
export const nonzeroBlocks = (values: Float32Array, columns: number, block: Block): number =>
  blockMagnitudes(values, columns, block).reduce((count, sum) => count + (sum > 0 ? 1 : 0), 0);
