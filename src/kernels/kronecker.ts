/** The two products of a Kronecker call, slow and obvious; with magnitudes instead of values they bound its error. */
import type { CallOf } from './calls.js';

/** The intermediate product of a Kronecker call, rows not padded: B X or X C^T. */
export function kronIntermediate(
  { bShape, cShape, order }: CallOf<'kron'>,
  b: ArrayLike<number>,
  c: ArrayLike<number>,
  x: ArrayLike<number>,
): Float64Array {
  const [b0, b1] = bShape;
  const [c0, c1] = cShape;
  const [rows, columns] = order === 'b-first' ? [b0, c1] : [b1, c0];
  const t = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      if (order === 'b-first') for (let k = 0; k < b1; k++) sum += b[i * b1 + k]! * x[k * c1 + j]!;
      else for (let k = 0; k < c1; k++) sum += x[i * c1 + k]! * c[j * c1 + k]!;
      t[i * columns + j] = sum;
    }
  return t;
}

/** What a Kronecker call adds to y, from its intermediate product: T C^T or B T. */
export function kronResult(
  { bShape, cShape, order }: CallOf<'kron'>,
  b: ArrayLike<number>,
  c: ArrayLike<number>,
  t: ArrayLike<number>,
): Float64Array {
  const [b0, b1] = bShape;
  const [c0, c1] = cShape;
  const y = new Float64Array(b0 * c0);
  for (let i = 0; i < b0; i++)
    for (let j = 0; j < c0; j++) {
      let sum = 0;
      if (order === 'b-first') for (let k = 0; k < c1; k++) sum += t[i * c1 + k]! * c[j * c1 + k]!;
      else for (let k = 0; k < b1; k++) sum += b[i * b1 + k]! * t[k * c0 + j]!;
      y[i * c0 + j] = sum;
    }
  return y;
}
