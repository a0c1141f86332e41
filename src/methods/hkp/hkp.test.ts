import { expect, test } from 'vitest';
import { kronCosts } from '../../kernels/costs.js';
import { planCost } from '../../kernels/plan-cost.js';
import type { MatrixShape } from '../method.js';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, tryMethod, weightOf } from '../test-support.js';
import { formatSplit, splitRank, splitsBySize } from './splits.js';

const layer = matrixOf(4, 650, 650, 650);
const gate = matrixOf(1, 650, 1300);
const open = { rows: undefined, B: undefined, C: undefined };

test('40 rows over B=61x50 and C=10x26 of 650x1300 store 52,000 + 3,050 + 260 values and cost as many and 48,910', () => {
  const given = { rows: 40, B: [61, 50], C: [10, 26] };
  const weight = weightOf('hkp', given, gate);
  expect(parameterCount(weight, 0)).toBe(40 * 1300 + 61 * 50 + 10 * 26);
  expect(parameterCount(weightOf('hkp', given, layer), 0)).toBe(4 * (52_000 + 3050 + 260));
  const { multiplyAdds } = planCost(
    (p, x, y) => weight.plan(p, x, y, { A: 'A', B: 'B', C: 'C' }),
    1300,
    650,
    () => 0,
  );
  expect(kronCosts([61, 50], [10, 26])).toEqual({ 'b-first': 95_160, 'c-first': 43_500 });
  expect(multiplyAdds).toBe(52_000 + 43_500);
});

test('its rank is that of the rows and of the product, at most that of the matrix', () => {
  expect(weightOf('hkp', { rows: 40, B: [61, 50], C: [10, 26] }, gate).rank).toBe(40 + 50 * 10);
  expect(weightOf('hkp', { rows: 600 }, gate).rank).toBe(650);
});

test('both factors give the rows, rows give the factors, rows and one factor give the other', () => {
  expect(tryMethod('hkp', { B: [61, 50], C: [10, 26] }, gate).use?.complete).toBe(true);
  const shown = (given: Parameters<typeof weightOf>[1]): string =>
    weightOf('hkp', given, gate)
      .arguments.map((a) => `${a.name}=${a.value}`)
      .join(', ');
  expect(shown({ B: [61, 50], C: [10, 26] })).toBe('rows=40, B=61x50, C=10x26');
  expect(shown({ rows: 40, C: [10, 26] })).toBe('rows=40, B=61x50, C=10x26');
  expect(shown({ rows: 62 })).toBe('rows=62, B=21x26, C=28x50');
});

test('a goal of 10x takes 62 rows: 63 would leave the prime 587 to the factors', () => {
  const weight = largestWithin('hkp', {}, gate, 84_500)!;
  expect(weight.arguments[0]).toEqual({ name: 'rows', value: '62' });
  expect(weight.rank).toBe(650);
  expect(weightOf('hkp', { rows: 63 }, gate).rank).toBe(63 + 4);
});

test('no choice of a goal stores more than another and has a lower rank', () => {
  const shapes: readonly MatrixShape[] = [
    [650, 1300],
    [40, 7],
    [2600, 1300],
  ];
  for (const shape of shapes) {
    const splits = splitsBySize(shape, open);
    const size = (i: number): number =>
      parameterCount(weightOf('hkp', writtenOf(splits[i]!), matrixOf(1, ...shape)), 0);
    for (let i = 1; i < splits.length; i += Math.ceil(splits.length / 40)) {
      expect(size(i)).toBeGreaterThan(size(i - 1));
      expect(splitRank(shape, splits[i]!)).toBeGreaterThanOrEqual(splitRank(shape, splits[i - 1]!));
    }
  }
});

const writtenOf = ({ rows, pair }: ReturnType<typeof splitsBySize>[number]) => ({ rows, B: pair.b, C: pair.c });

test('a goal beside rows chooses the factors, beside one factor the rows', () => {
  const byRows = splitsBySize([650, 1300], { ...open, rows: 62 });
  expect(byRows.length).toBeGreaterThan(5);
  expect(byRows.every(({ rows }) => rows === 62)).toBe(true);
  const byFactor = splitsBySize([650, 1300], { ...open, B: [20, 50] });
  expect(byFactor).toHaveLength(32);
  expect(formatSplit(byFactor[0]!)).toBe('rows=10, B=20x50, C=32x26');
});

test('left open it needs a goal', () => {
  const { use, weight, diagnostics } = tryMethod('hkp', { B: [61, 50] }, gate);
  expect(use?.complete).toBe(false);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'hkp/open-argument' }]);
});

test.each([
  [
    { rows: 10, B: [13, 65], C: [49, 20] },
    'B=13x65 and C=49x20 under 10 rows make 647x1300, but rnn1 is 650x1300',
    /^the nearest legal ones are \(rows=13, B=13x65, C=49x20\), /,
  ],
  [
    { B: [13, 65], C: [50, 20] },
    'B=13x65 and C=50x20 under at least 1 row make 651x1300 or more, but rnn1 is 650x1300',
    /^the nearest legal ones are \(rows=\d+, B=13x65, C=49x20\), /,
  ],
  [{ rows: 1, B: [7, 50] }, 'B=7x50 under 1 row fits no C, but rnn1 is 650x1300', /\(rows=1, B=11x50, C=59x26\)/],
])('%o is refused with the nearest legal values', (given, message, hint) => {
  const { weight, diagnostics } = tryMethod('hkp', given, gate);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'hkp/shapes', message }]);
  expect(diagnostics[0]!.hint).toMatch(hint);
});

test('rows that leave nothing, and matrices of one row, are refused', () => {
  expect(tryMethod('hkp', { rows: 650 }, gate).diagnostics).toMatchObject([
    {
      code: 'hkp/too-many-rows',
      message: 'rows = 650 leaves no row of the 650x1300 matrix of rnn1 to B (x) C',
      hint: 'use at most 649 rows; without `rows` a goal such as `to 10x` chooses them',
    },
  ]);
  expect(tryMethod('hkp', { rows: 1 }, matrixOf(1, 1, 9)).diagnostics).toMatchObject([{ code: 'hkp/one-row' }]);
});

test('shapes of the stacked matrix stack the gates', () => {
  const weight = weightOf('hkp', { rows: 100, B: [50, 65], C: [50, 20] }, layer);
  expect(weight.matrix).toEqual({ gates: 1, shape: [2600, 1300], columns: [650, 650] });
  const { diagnostics } = tryMethod('hkp', { rows: 100, B: [50, 65], C: [50, 20], layout: 'gates' }, layer);
  expect(diagnostics).toMatchObject([{ message: expect.stringMatching(/but rnn1 is 650x1300 per gate$/) }]);
});

test('fit keeps the upper rows, and no small change of a factor is nearer in the lower ones', () => {
  const weight = weightOf('hkp', { rows: 2, B: [2, 3], C: [3, 4] }, matrixOf(2, 8, 12));
  const dense = draw(2 * 8 * 12, 'full');
  const distance = (w: Float64Array): number => dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  expect([...fitted.values['A']!]).toEqual([...dense.slice(0, 24), ...dense.slice(96, 120)]);
  const best = distance(weight.reconstruct(fitted.values));
  for (const name of ['B', 'C']) {
    for (const change of [-0.01, 0.01]) {
      const changed = fitted.values[name]!.map((v, i) => (i % 5 === 0 ? v + change : v));
      expect(distance(weight.reconstruct({ ...fitted.values, [name]: changed }))).toBeGreaterThan(best);
    }
  }
});
