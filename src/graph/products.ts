/** What a graph's matrix products are: how much arithmetic, which is what the speed of an engine is told in; shapes. */
import { type Shape, size } from '../tensor/shape.js';
import type { Graph } from './ops.js';

/** Multiplications and additions of all matrix products, two for each pair of values that meet. */
export function productOperations({ ops }: Graph): number {
  let total = 0;
  for (const op of ops) {
    if (op.kind !== 'matmul') continue;
    const a = ops[op.inputs[0]!]!.shape;
    const inner = op.attrs.transposeA ? a.at(-2)! : a.at(-1)!;
    total += 2 * size(op.shape) * inner;
  }
  return total;
}

/**
 * Whether a matrix is so much higher than wide that A^T B of this shape is better made as (B^T A)^T: for each few
 * columns of its right operand a kernel walks through all of the left one, so the smaller one should stand there.
 */
export const isTall = ([rows, columns]: Shape): boolean => rows! >= 8 * columns!;
