/** Tensors in the pieces that a session stores them in, and back. Pure. */
import type { CarriedForm } from '../../passes/carried-families.js';
import { pieceShapes } from '../../passes/carried-pieces.js';
import { type Shape, sameShape, size } from '../../tensor/shape.js';
import type { FloatTensor } from '../../tensor/tensor.js';

/** Whether tensors of both forms lie alike; undefined is a tensor as it is. */
export function sameForm(a: CarriedForm | undefined, b: CarriedForm | undefined): boolean {
  if (a?.kind !== 'columns' || b?.kind !== 'columns') return a?.kind === b?.kind;
  return sameShape(a.counts, b.counts);
}

/** Rows and columns that are turned at once, so that both sides stay in the first cache. */
const tile = 32;

/** (rows, columns) -> (columns, rows). */
function turn(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile) {
      const [bottom, right] = [Math.min(rows, top + tile), Math.min(columns, left + tile)];
      for (let r = top; r < bottom; r++)
        for (let c = left; c < right; c++) result[c * rows + r] = data[r * columns + c]!;
    }
  return result;
}

/** Copies of the pieces of a tensor. */
export function toPieces(form: CarriedForm, { shape, data }: FloatTensor): readonly FloatTensor[] {
  const shapes = pieceShapes(form, shape);
  const columns = shape.at(-1)!;
  if (form.kind === 'turned') return [{ shape: shapes[0]!, data: turn(data, shape.at(-2)!, columns) }];
  let start = 0;
  return shapes.map((piece, i) => {
    const count = form.counts[i]!;
    const values = new Float32Array(size(piece));
    for (let row = 0; row * columns < data.length; row++) {
      const from = row * columns + start;
      values.set(data.subarray(from, from + count), row * count);
    }
    start += count;
    return { shape: piece, data: values };
  });
}

/** The tensor that lies in these pieces. */
export function fromPieces(form: CarriedForm, pieces: readonly FloatTensor[]): FloatTensor {
  const { shape: first, data } = pieces[0]!;
  if (form.kind === 'turned') {
    const [columns, rows] = first.slice(-2) as [number, number];
    return { shape: [...first.slice(0, -2), rows, columns], data: turn(data, columns, rows) };
  }
  const columns = form.counts.reduce((sum, count) => sum + count, 0);
  const shape: Shape = [...first.slice(0, -1), columns];
  const whole = new Float32Array(size(shape));
  let start = 0;
  for (const [i, { data: values }] of pieces.entries()) {
    const count = form.counts[i]!;
    for (let row = 0; row * columns < whole.length; row++)
      whole.set(values.subarray(row * count, (row + 1) * count), row * columns + start);
    start += count;
  }
  return { shape, data: whole };
}
