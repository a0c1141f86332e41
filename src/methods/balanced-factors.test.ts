import { expect, test } from 'vitest';
import { balancedBounds } from './balanced-factors.js';
import { matrixOf, weightOf } from './test-support.js';

const variance = (bound: number): number => bound ** 2 / 3;

test.each([
  [[845, 1000], 1],
  [[8, 10_000], 1],
  [[720, 12_960, 900], 18 * 18],
  [[1], 1],
])('factors of %j values have one norm, and their product the variance of a dense weight', (counts, terms) => {
  const bounds = balancedBounds(counts, terms).map((bound) => bound(0.1));
  const norms = bounds.map((bound, i) => variance(bound) * counts[i]!);
  for (const norm of norms) expect(norm / norms[0]!).toBeCloseTo(1, 12);
  expect(terms * bounds.map(variance).reduce((a, b) => a * b)).toBeCloseTo(0.1 ** 2 / 3, 12);
});

test('even factors are as wide as each other: (3 a^2)^(1/4)', () => {
  for (const bound of balancedBounds([40, 40])) expect(bound(0.1)).toBeCloseTo((3 * 0.01) ** 0.25, 12);
});

test('kp of [D] table 1 draws C narrower than B by the root of 845 / 1000', () => {
  const { B, C } = weightOf('kp', { B: [13, 65], C: [50, 20] }, matrixOf(1, 650, 1300)).tensors;
  expect(C!.bound(0.1) / B!.bound(0.1)).toBeCloseTo(0.845 ** 0.5, 12);
});
