import { expect, test } from 'vitest';
import type { Matrix } from '../method.js';
import { findMethod } from '../methods.js';
import { parameterCount } from '../parameters.js';
import { largestWithin, matrixOf, tryMethod, weightOf } from '../test-support.js';

const square = matrixOf(1, 256, 256);

/** Ranks from the largest k that leaves a row to j, down to k = 1. */
function ranksAt(factor: number): readonly [number, number] {
  const most = Math.floor(65_536 / factor);
  const ranks: number[] = [];
  for (let k = 1; ; k++) {
    const weight = largestWithin('hlf', { k }, square, most);
    if (weight === undefined) return [ranks.at(-1)!, ranks[0]!];
    ranks.push(weight.rank);
  }
}

test.each([
  [1.25, 103, 204],
  [5 / 3, 78, 153],
  [2.5, 52, 101],
  [5, 26, 50],
])('256x256 at %f x has ranks from %i to %i ([H] table 1)', (factor, least, most) => {
  expect(ranksAt(factor)).toEqual([least, most]);
});

test.each([
  { matrix: square, gain: 1.98 },
  { matrix: matrixOf(1, 650, 1300), gain: 1.5 },
  { matrix: matrixOf(1, 2600, 1300), gain: 3.0 },
])('at 2.5x its rank is about 1 + m/n times that of lmf ($gain, [H] 3.3)', ({ matrix, gain }) => {
  const rankOf = (name: string, m: Matrix): number => {
    const [rows, columns] = m.shape;
    return largestWithin(name, {}, m, Math.floor((rows * columns) / 2.5))!.rank;
  };
  expect(rankOf('hlf', matrix) / rankOf('lmf', matrix)).toBeCloseTo(gain, 2);
});

test('parameters are j n + k (m - j + n) per gate ([H] eq. 4)', () => {
  const weight = weightOf('hlf', { j: 102, k: 2 }, matrixOf(4, 650, 1300));
  expect(parameterCount(weight, 0)).toBe(4 * (102 * 1300 + 2 * (650 - 102 + 1300)));
  expect(weight.rank).toBe(104);
});

test('hmd is another name, and k is 1 unless given', () => {
  expect(findMethod('hmd')).toBe(findMethod('hlf'));
  expect(weightOf('hmd', { j: 5 }, square).arguments).toEqual([
    { name: 'j', value: '5' },
    { name: 'k', value: '1' },
  ]);
});

test.each([
  [{ j: 256, k: 1 }, 'too-many-rows', 'j + k = 257 is more than the 256 rows of the 256x256 matrix of rnn1'],
  [
    { j: 1, k: 256 },
    'rank-too-large',
    'k = 256 is more than 255, the most that the lower rows of the 256x256 matrix of rnn1 can have',
  ],
])('%o is refused', (given, code, message) => {
  const { weight, diagnostics } = tryMethod('hlf', given, square);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: `hlf/${code}`, message }]);
});

test('one row cannot be split', () => {
  expect(tryMethod('hlf', { j: 1 }, matrixOf(1, 1, 9)).diagnostics).toMatchObject([{ code: 'hlf/one-row' }]);
});

test('the softmax is refused, with the reason of [H] section 6, also when a goal is given', () => {
  const { use, weight, diagnostics } = tryMethod('hlf', { j: 5 }, square, 'softmax');
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'hlf/softmax', severity: 'error' }]);
  expect(diagnostics[0]!.message).toContain('[H] section 6');
  const codes: string[] = [];
  const site = { layerKind: 'softmax', path: 'next', span: diagnostics[0]!.span };
  const dial = use!.dial!(square, site, (d) => {
    codes.push(d.code);
  });
  expect(dial).toBeUndefined();
  expect(codes).toEqual(['hlf/softmax']);
});

test('names that are no constants are explained', () => {
  const { use, diagnostics } = tryMethod('hlf', { j: 'j', k: 'k' }, square);
  expect(use).toBeUndefined();
  expect(diagnostics.map((d) => `${d.message}; ${d.hint}`)).toEqual([
    '`j` is not a `let` constant; write an integer of at least 1 here, or define `let j = ...` above',
    '`k` is not a `let` constant; write an integer of at least 1 here, or define `let k = ...` above',
  ]);
});

test('it is not fitted to a trained network', () => {
  const fitted = weightOf('hlf', { j: 5 }, square).fit(new Float64Array(65_536), 0);
  expect(fitted).toMatchObject({ kind: 'refused', reason: expect.stringContaining('[H] section 6') });
});
