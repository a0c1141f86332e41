import { describe, expect, it } from 'vitest';
import { runLengths, sequenceLengths } from './run-lengths.js';

/** Sizes of the blocks of a run. */
function blocksOf(block: number, length: number): number[] {
  const sizes = [];
  for (let left = length; left > 0; left -= block) sizes.push(Math.min(left, block));
  return sizes;
}
const sizesOf = (block: number, lengths: readonly number[]): number[] =>
  [...new Set(lengths.flatMap((length) => blocksOf(block, length)))].sort((a, b) => a - b);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const blocks = upTo(16);

describe('runs of one sequence', () => {
  it.for(blocks)('meet blocks of every size, 1 to %i', (block) => {
    for (const least of [1, 8]) {
      const { whole, parts } = runLengths({ steps: block }, least);
      expect(sizesOf(block, [whole, ...parts])).toEqual(upTo(block));
      expect(whole).toBeGreaterThanOrEqual(Math.max(least, 2 * block + 1));
      if (parts.length > 0) expect(parts.reduce((a, b) => a + b)).toBe(whole);
    }
  });

  it('are no longer than they have to be', () => {
    // 13 steps leave blocks of 2 to 5, which are 14 steps; 14 steps leave 1 and 3 to 5.
    expect(runLengths({ steps: 6 }, 8)).toEqual({ whole: 14, parts: [1, 3, 4, 5, 1] });
    expect(runLengths({ steps: 3 }, 8)).toEqual({ whole: 8, parts: [1, 7] });
    expect(runLengths({ steps: 2 }, 1)).toEqual({ whole: 5, parts: [] });
  });

  it('are not cut where a run goes step by step', () => {
    expect(runLengths(undefined, 8)).toEqual({ whole: 8, parts: [] });
  });
});

describe('whole sequences', () => {
  it.for(blocks)('meet blocks of every size, 1 to %i', (block) => {
    for (const more of [0, 1, 8]) {
      const lengths = sequenceLengths({ steps: block }, block + more);
      expect(sizesOf(block, lengths)).toEqual(upTo(block));
      expect(new Set(lengths).size).toBe(lengths.length);
      expect(lengths.at(-1)).toBe(block + more);
    }
  });

  it('are of one step, of two and the longest, and no longer than that', () => {
    expect(sequenceLengths({ steps: 6 }, 8)).toEqual([1, 2, 3, 4, 5, 8]);
    expect(sequenceLengths({ steps: 3 }, 8)).toEqual([1, 2, 8]);
    expect(sequenceLengths(undefined, 8)).toEqual([1, 2, 8]);
    expect(sequenceLengths(undefined, 1)).toEqual([1]);
    expect(sequenceLengths({ steps: 6 }, 4)).toEqual([1, 2, 3, 4]);
  });
});
