/**
 * Running error bounds of sums of products in float32 (Wilkinson): each addition is off by at most u times what it
 * gives, each product by u times itself unless it is fused. Valid for kernels that add in ascending order, in one
 * chain or in 2 or 4 interleaved ones, whether they start from y or add it at the end.
 */
import type { Sum, Sums } from './sums.js';

/** Half the distance of float32 numbers around 1. */
export const unitRoundoff = 2 ** -24;

/** Smallest normal float32: ARMv7 NEON flushes what is smaller to zero, once per operation. */
export const flushed = 2 ** -126;

/** Weights, exact in float32, and the values they meet with their error bounds. */
export interface Operands {
  readonly factors: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly errors: ArrayLike<number>;
}

/** What the sums are added to. */
export interface Start {
  readonly values: ArrayLike<number>;
  readonly errors: ArrayLike<number>;
}

/** Interleaved chains that a kernel may add in. */
const chainCounts = [1, 2, 4] as const;

/** The error bound of every sum. */
export function sumErrors(operands: Operands, sums: Sums, start?: Start): Float64Array {
  return new Float64Array(sums.count).map((_, element) => {
    const value = start?.values[element] ?? 0;
    const error = start?.errors[element] ?? 0;
    const sum = sums.at(element);
    return Math.max(...chainCounts.map((chains) => chainedError(operands, sum, { value, error }, chains)));
  });
}

/** One sum in `chains` chains, chain 0 from `start` or `start` added last, whichever is worse at each addition. */
function chainedError(
  { factors, values, errors }: Operands,
  sum: Sum,
  start: { readonly value: number; readonly error: number },
  chains: number,
): number {
  let total = start.error;
  let magnitude = Math.abs(start.value);
  for (let chain = 0; chain < chains; chain++) {
    const from = chain === 0 ? start.value : 0;
    let partial = 0;
    let error = chain === 0 ? start.error : 0;
    for (let k = chain; k < sum.terms; k += chains) {
      const at = sum.value + k * sum.stride;
      const factor = factors[sum.factor + k]!;
      const term = factor * values[at]!;
      const pushed = Math.abs(factor) * errors[at]!;
      partial += term;
      error += pushed + unitRoundoff * (Math.abs(term) + pushed) + flushed;
      error += unitRoundoff * (Math.max(Math.abs(partial), Math.abs(from + partial)) + error) + flushed;
    }
    total += chain === 0 ? error - start.error : error;
    magnitude += Math.abs(partial);
  }
  // Joining the chains and y, and what double arithmetic leaves out above.
  return total + (chains === 1 ? 1 : chains) * unitRoundoff * (magnitude + total) + 2 ** -40 * magnitude;
}
