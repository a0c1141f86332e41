/**
 * The order of a sparse matrix in slices: rows by how many entries they have, 8 of them a slice. A slice begins with as
 * many entries of each row as its shortest row has, the first of all 8 rows, then the second of all, and so on; behind
 * them row by row what the longer rows have more. Rows that are left over when 8 do not go in lie by themselves.
 * Nothing is padded, so the size is that of compressed rows.
 */
/** Rows of a slice. */
export const sliceHeight = 8;

export interface Slices {
  /** Which row each one is, by rising count, and its count. */
  readonly order: Uint32Array;
  readonly counts: Uint32Array;
  /** Column and value of every entry. */
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Compressed rows of single entries: where each row begins, and column and value of every entry. */
interface Rows {
  readonly starts: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Compressed rows in slices. */
export function slicesOf({ starts, indices, values }: Rows): Slices {
  const rows = starts.length - 1;
  const countOf = (row: number): number => starts[row + 1]! - starts[row]!;
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort((a, b) => countOf(a) - countOf(b) || a - b);
  const entries: number[] = [];
  for (let first = 0; first < rows; first += sliceHeight) {
    const slice = [...order.subarray(first, first + sliceHeight)];
    const common = slice.length === sliceHeight ? countOf(slice[0]!) : 0;
    for (let i = 0; i < common; i++) for (const row of slice) entries.push(starts[row]! + i);
    for (const row of slice) for (let i = common; i < countOf(row); i++) entries.push(starts[row]! + i);
  }
  return {
    order,
    counts: order.map(countOf),
    indices: Uint32Array.from(entries, (entry) => indices[entry]!),
    values: Float32Array.from(entries, (entry) => values[entry]!),
  };
}
