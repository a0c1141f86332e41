/** The part of a layer's dense matrix that one stored weight covers: some gates of some column blocks. */
import type { Layer, Unit } from '../model/model.js';
import { defined } from '../support/assert.js';
import { matrixShape } from './given-shapes.js';

/** (gates, rows, columns) of the unit, flat; with `layout=stacked` the same values are one matrix. */
export function unitMatrix(layer: Layer, { gates, blocks }: Unit, matrix: Float64Array): Float64Array {
  const [, rows, width] = defined(matrixShape(layer), 'the shape of a matrix');
  const { columns } = defined(layer.shape.family, 'a family of matrices');
  const starts = columns.map((_, i) => columns.slice(0, i).reduce((sum, c) => sum + c, 0));
  const own = blocks.reduce((sum, block) => sum + columns[block]!, 0);
  const values = new Float64Array(gates.length * rows * own);
  let at = 0;
  for (const gate of gates) {
    for (let row = 0; row < rows; row++) {
      const line = (gate * rows + row) * width;
      for (const block of blocks) {
        const [from, count] = [line + starts[block]!, columns[block]!];
        values.set(matrix.subarray(from, from + count), at);
        at += count;
      }
    }
  }
  return values;
}
