import { describe, expect, it } from 'vitest';
import { bitsAt, streamKey } from '../tensor/random.js';
import { bucketLengths } from './buckets.js';

/** Steps of all sequences when each is padded to the smallest bucket that holds it. */
const padded = (lengths: readonly number[], buckets: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + buckets.find((b) => b >= length)!, 0);

/** The best of all choices. */
function cheapest(lengths: readonly number[], count: number): number {
  const distinct = [...new Set(lengths)].sort((a, b) => a - b);
  let best = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** (distinct.length - 1); set++) {
    const chosen = distinct.filter((_, i) => i === distinct.length - 1 || (set >> i) & 1);
    if (chosen.length <= count) best = Math.min(best, padded(lengths, chosen));
  }
  return best;
}

describe('bucketLengths', () => {
  it('by hand', () => {
    // {2, 2, 3} and {9, 10}: one step of padding for each 2, one for the 9. Of three buckets the 9 alone is padded.
    expect(bucketLengths([10, 2, 3, 9, 2], 2)).toEqual([3, 10]);
    expect(bucketLengths([10, 2, 3, 9, 2], 1)).toEqual([10]);
    expect(bucketLengths([10, 2, 3, 9, 2], 3)).toEqual([2, 3, 10]);
    expect(bucketLengths([10, 2, 3, 9, 2], 9)).toEqual([2, 3, 9, 10]);
    expect(bucketLengths([7], 4)).toEqual([7]);
  });

  it('pads as little as the best choice of that many buckets', () => {
    for (let round = 0; round < 60; round++) {
      const key = streamKey(round, 'lengths');
      const lengths = Array.from({ length: 1 + (bitsAt(key, 0) % 30) }, (_, i) => 1 + (bitsAt(key, i + 1) % 9));
      for (const count of [1, 2, 3, 5]) {
        const buckets = bucketLengths(lengths, count);
        expect(buckets.length).toBeLessThanOrEqual(count);
        expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
        expect(buckets.at(-1)).toBe(Math.max(...lengths));
        expect(padded(lengths, buckets)).toBe(cheapest(lengths, count));
      }
    }
  });
});
