/** Keeps the blocks of largest magnitude. Shared by the sparse methods. */
import { area, type Block, blockMagnitudes, single, spreadBlocks } from '../tensor/blocks.js';

/**
 * `values`, in rows of `columns`, with all but `kept` of them set to zero: those blocks stay whose magnitudes add up
 * to most, of equal ones the first.
 */
export function keepLargest(
  values: Float64Array,
  kept: number,
  columns = values.length,
  block: Block = single,
): Float64Array {
  const magnitudes = blockMagnitudes(values, columns, block);
  const stays = largestMagnitudes(magnitudes, Math.min(kept / area(block), magnitudes.length));
  const mask = spreadBlocks(stays, columns, block);
  return values.map((v, i) => (mask[i] === 0 ? 0 : v));
}

/** 1 for each of the `count` largest, of equal ones the first; else 0. */
export function largestMagnitudes(magnitudes: Float64Array, count: number): Float32Array {
  const result = new Float32Array(magnitudes.length);
  if (count <= 0) return result;
  const sorted = magnitudes.slice().sort();
  const threshold = sorted[magnitudes.length - count]!;
  let ties = count;
  for (const v of sorted) if (v > threshold) ties--;
  magnitudes.forEach((v, i) => {
    if (v > threshold || (v === threshold && ties-- > 0)) result[i] = 1;
  });
  return result;
}
