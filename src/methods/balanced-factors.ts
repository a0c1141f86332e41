/** How factors of a product are drawn at the start, so that none of them outruns the others. */
import { size } from '../tensor/shape.js';

/**
 * Half-widths of the uniform draws of factors with `counts` values each, whose product varies as a dense weight drawn
 * from +-a: the product of their variances and of the number of `terms` that a value of W sums is a^2 / 3. All have the
 * same expected norm, which gradient descent then keeps even (Du, Hu and Lee 2018): a step moves each by a like share
 * of itself. Equally wide draws would let a factor of 8 values beside one of 10,000 move 1,250 times as fast.
 */
export function balancedBounds(counts: readonly number[], terms = 1): readonly ((a: number) => number)[] {
  const norms = (a: number): number => (((a * a) / 3 / terms) * size(counts)) ** (1 / counts.length);
  return counts.map((count) => (a) => Math.sqrt((3 * norms(a)) / count));
}
