import { expect, it } from 'vitest';
import { runningMean, tickStep } from './curve.js';

it('ticks are 1, 2 or 5 times a power of ten, and never more than asked for', () => {
  expect(tickStep(4, 5)).toBe(1);
  expect(tickStep(10, 6)).toBe(2);
  expect(tickStep(2500, 6)).toBe(500);
  expect(tickStep(0.31, 5)).toBeCloseTo(0.1, 12);
  for (let range = 0.001; range < 1e6; range *= 1.7) expect(range / tickStep(range, 5)).toBeLessThanOrEqual(5 + 1e-9);
});

it('the running mean starts at the first value and follows', () => {
  expect(runningMean([])).toEqual([]);
  const constant = runningMean([3, 3, 3, 3]);
  for (const value of constant) expect(value).toBeCloseTo(3, 12);
  // (0.9 * 0.1 * 4 + 0.1 * 2) / 0.19
  expect(runningMean([4, 2])[1]).toBeCloseTo(0.56 / 0.19, 12);
});
