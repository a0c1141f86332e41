/** What a weight file gives for one layer, and how its matrices stand in it. */
import type { Layer } from '../model/model.js';
import { listed } from '../support/listed.js';
import { formatShape } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';

/** What a file gives for one layer. */
export interface GivenLayer {
  /** (gates, rows, columns), flat; undefined where the layer has no matrix, or its own stored tensors are given. */
  readonly matrix: Float64Array | undefined;
  /** Biases and tables, by name; a bias that the file leaves out is zero. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** The file holds the layer as this very program stores it: nothing is left to fit. */
  readonly stored: boolean;
  /** Tensors of the file that it took. */
  readonly names: readonly string[];
}
export const matrixShape = ({ shape: { family } }: Layer): readonly [number, number, number] | undefined =>
  family && [Math.max(family.gates.length, 1), family.rows, family.columns.reduce((sum, c) => sum + c, 0)];

/** Joins matrices of column blocks, (gates, rows, columns) each, side by side. */
export function besides(gates: number, rows: number, blocks: readonly Float32Array[]): Float64Array {
  const widths = blocks.map((block) => block.length / (gates * rows));
  const width = widths.reduce((sum, w) => sum + w, 0);
  const joined = new Float64Array(gates * rows * width);
  let before = 0;
  for (const [i, block] of blocks.entries()) {
    const own = widths[i]!;
    for (let row = 0; row < gates * rows; row++) {
      joined.set(block.subarray(row * own, (row + 1) * own), row * width + before);
    }
    before += own;
  }
  return joined;
}

/** Names as an error lists them. */
export const listedTensors = (weights: Weights, names: readonly string[]): string =>
  listed(names.map((name) => `\`${name}\` (${formatShape(weights.get(name)?.shape ?? [])})`)) || 'nothing';
