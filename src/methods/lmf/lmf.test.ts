import { expect, test } from 'vitest';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, tryMethod, weightOf } from '../test-support.js';

const square = matrixOf(1, 256, 256);

test.each([
  [1.25, 102],
  [5 / 3, 76],
  [2.5, 51],
  [5, 25],
])('256x256 at %f x has rank %i ([H] table 1)', (factor, rank) => {
  expect(largestWithin('lmf', {}, square, Math.floor(65_536 / factor))?.rank).toBe(rank);
});

test('parameters are r (m + n) per gate', () => {
  expect(parameterCount(weightOf('lmf', { r: 43 }, matrixOf(4, 650, 1300)), 0)).toBe(4 * 43 * 1950);
});

test('a rank above the matrix is refused with the numbers', () => {
  const { weight, diagnostics } = tryMethod('lmf', { r: 700 }, matrixOf(4, 650, 650, 650));
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'lmf/rank-too-large',
      message: 'rank 700 is more than 650, the most that the 650x1300 matrix of rnn1 can have',
      hint: 'use at most 650; below 434 it stores less than the dense matrix',
    },
  ]);
});

test('below the rank of the hint it stores less than dense, from there on it warns', () => {
  const matrix = matrixOf(4, 650, 650, 650);
  expect(parameterCount(weightOf('lmf', { r: 433 }, matrix), 0)).toBeLessThan(3_380_000);
  expect(tryMethod('lmf', { r: 433 }, matrix).diagnostics).toEqual([]);
  const { weight, diagnostics } = tryMethod('lmf', { r: 434 }, matrix);
  expect(weight).toBeDefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'lmf/more-than-dense',
      severity: 'warning',
      message: '`lmf` stores 3,385,200 values for rnn1, the dense matrix only 3,380,000',
    },
  ]);
});

test('without a rank it needs a goal', () => {
  const { use, weight, diagnostics } = tryMethod('lmf', {}, square);
  expect(use?.complete).toBe(false);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'lmf/open-argument',
      message: '`lmf` on rnn1 leaves `r` open (rank of the product), and the rule has no goal to solve it from',
    },
  ]);
});

test('layout=stacked is noted', () => {
  expect(tryMethod('lmf', { r: 2, layout: 'stacked' }, square).use?.stacked).toBe(true);
  expect(tryMethod('lmf', { r: 2, layout: 'gates' }, square).use?.stacked).toBe(false);
  expect(tryMethod('lmf', { r: 2, layout: 'rows' }, square).diagnostics).toMatchObject([
    { code: expect.stringMatching(/^argument\//) },
  ]);
});

test('fit of a full matrix is the nearest of its rank: no larger than dropping to another start', () => {
  const weight = weightOf('lmf', { r: 2 }, matrixOf(2, 7, 13));
  const dense = draw(2 * 7 * 13, 'full');
  const distance = (w: Float64Array): number => dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  const best = distance(weight.reconstruct(fitted.values));
  expect(best).toBeLessThan(dense.reduce((sum, v) => sum + v * v, 0));
  for (const change of [-0.01, 0.01]) {
    const U = fitted.values['U']!.map((v, i) => (i % 3 === 0 ? v + change : v));
    expect(distance(weight.reconstruct({ ...fitted.values, U }))).toBeGreaterThan(best);
  }
});
