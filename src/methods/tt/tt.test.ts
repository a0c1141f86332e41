import { expect, test } from 'vitest';
import { planCost } from '../../kernels/plan-cost.js';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, tryMethod, type Written, weightOf } from '../test-support.js';
import { evenShapes, formatShapes, mostRanks } from './train.js';

const gate = matrixOf(1, 650, 1300);
const layer = matrixOf(4, 650, 650, 650);
const list = (...items: Written[]): Written => ({ list: items });
const shapes = list([13, 10], [10, 10], [5, 13]);

test('650x1300 in [13x10, 10x10, 5x13] at ranks 8 and 6 stores 1,040 + 4,800 + 390 values', () => {
  const weight = weightOf('tt', { shapes, ranks: list(8, 6) }, gate);
  expect(parameterCount(weight, 0)).toBe(13 * 10 * 8 + 8 * 10 * 10 * 6 + 6 * 5 * 13);
  const paths = { G1: 'G1', G2: 'G2', G3: 'G3' };
  const { multiplyAdds } = planCost(
    (p, x, y) => weight.plan(p, x, y, paths),
    1300,
    650,
    () => 0,
  );
  // (10 10) (6 5) 13, then 10 (8 10) (10 6) 5, then 13 (10 8) (10 5).
  expect(multiplyAdds).toBe(39_000 + 240_000 + 52_000);
});

test('with ranks 1 it is a Kronecker product', () => {
  const tt = weightOf('tt', { shapes: list([2, 3], [3, 4]), ranks: 1 }, matrixOf(1, 6, 12));
  const kp = weightOf('kp', { B: [2, 3], C: [3, 4] }, matrixOf(1, 6, 12));
  const [b, c] = [draw(6, 'b'), draw(12, 'c')];
  const w = tt.reconstruct({ G1: b, G2: c });
  kp.reconstruct({ B: b, C: c }).forEach((v, i) => {
    expect(w[i]).toBeCloseTo(v, 14);
  });
  expect(tt.rank).toBe(2 * 3);
});

test('shapes that are not given are even, as many as the ranks ask for', () => {
  expect(formatShapes(evenShapes([650, 1300], 3))).toBe('[13x10, 10x10, 5x13]');
  expect(formatShapes(evenShapes([200, 400], 2))).toBe('[20x20, 10x20]');
  expect(formatShapes(evenShapes([7, 13], 3))).toBe('[7x1, 1x1, 1x13]');
  expect(weightOf('tt', { ranks: list(2, 2, 2) }, gate).tensors).toHaveProperty('G4');
  expect(weightOf('tt', { ranks: 4 }, gate).arguments).toEqual([
    { name: 'shapes', value: '[13x10, 10x10, 5x13]' },
    { name: 'ranks', value: '[4, 4]' },
  ]);
});

test('a rank for all is less at a cut that allows less', () => {
  expect(
    mostRanks([
      [13, 10],
      [10, 10],
      [5, 13],
    ]),
  ).toEqual([130, 65]);
  expect(weightOf('tt', { shapes, ranks: 100 }, gate).arguments[1]!.value).toBe('[100, 65]');
});

test('a goal takes the largest rank that fits it', () => {
  const most = 84_500;
  const weight = largestWithin('tt', {}, gate, most)!;
  const rank = weight.tensors['G1']!.shape.at(-1)!;
  expect(parameterCount(weight, 0)).toBeLessThanOrEqual(most);
  expect(parameterCount(weightOf('tt', { ranks: rank + 1 }, gate), 0)).toBeGreaterThan(most);
});

test('without ranks it needs a goal', () => {
  const { use, diagnostics } = tryMethod('tt', {}, gate);
  expect(use?.complete).toBe(false);
  expect(diagnostics).toMatchObject([{ code: 'tt/open-argument' }]);
});

test('shapes that do not fit are refused with the nearest that do', () => {
  const { weight, diagnostics } = tryMethod('tt', { shapes: list([13, 10], [10, 10], [5, 12]), ranks: 4 }, layer);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'tt/shapes',
      message:
        'the cores [13x10, 10x10, 5x12] make 650x1200, but rnn1 is 650x1300 per gate, or 2600x1300 for its 4 gates ' +
        'stacked',
    },
  ]);
  expect(diagnostics[0]!.hint).toMatch(/^the nearest legal shapes are \[13x10, 10x10, 5x13\] or /);
});

test.each<[Record<string, Written>, string, string, string]>([
  [{ shapes, ranks: list(8) }, 'rank-count', '1 ranks for 3 cores, which have 2 between them', '2 of them'],
  [
    { shapes, ranks: 131 },
    'rank-too-large',
    'rank 131 is more than rnn1 can have anywhere in cores [13x10, 10x10, 5x13]: 130',
    'use at most ranks=130',
  ],
  [
    { shapes, ranks: list(8, 66) },
    'rank-too-large',
    'rank 66 is more than rnn1 can have between cores 2 and 3 in cores [13x10, 10x10, 5x13]: 65',
    'use at most ranks=[8, 65]',
  ],
])('%o is refused', (given, code, message, hint) => {
  const { weight, diagnostics } = tryMethod('tt', given, gate);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: `tt/${code}`, message, hint: expect.stringContaining(hint) }]);
});

test.each([[list([13, 10])], [13], [list(13, 10)], [list([13, 10], 'B')]])('%o is no list of shapes', (given) => {
  expect(tryMethod('tt', { shapes: given, ranks: 2 }, gate).diagnostics).toMatchObject([{ code: 'argument/type' }]);
});

test('shapes of the stacked matrix stack the gates', () => {
  const weight = weightOf('tt', { shapes: list([52, 10], [50, 130]), ranks: 2 }, layer);
  expect(weight.matrix.shape).toEqual([2600, 1300]);
});

test('fit of a full matrix is the nearest where there is one cut, and comes nearer with the rank', () => {
  const dense = draw(2 * 12 * 20, 'full');
  const distance = (w: Float64Array): number => dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  const errors = [1, 3, 8, 20].map((rank) => {
    const weight = weightOf('tt', { shapes: list([3, 4], [4, 5]), ranks: Math.min(rank, 12) }, matrixOf(2, 12, 20));
    const fitted = weight.fit(dense, 0);
    if (fitted.kind === 'refused') throw new Error(fitted.reason);
    const best = distance(weight.reconstruct(fitted.values));
    for (const change of [-0.01, 0.01]) {
      const G2 = fitted.values['G2']!.map((v, i) => (i % 3 === 0 ? v + change : v));
      expect(distance(weight.reconstruct({ ...fitted.values, G2 }))).toBeGreaterThan(best);
    }
    return best;
  });
  expect(errors[1]).toBeLessThan(errors[0]!);
  expect(errors[2]).toBeLessThan(errors[1]!);
  expect(errors[3]).toBeLessThan(1e-20);
});
