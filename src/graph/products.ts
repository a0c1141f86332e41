/** How much arithmetic a graph's matrix products are: what the speed of an engine is told in. */
import { size } from '../tensor/shape.js';
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
