import { expect, test } from 'vitest';
import { kronCosts } from '../../kernels/costs.js';
import { factorPairs, formatPair, pairParameters, pairsBySize } from '../kronecker-shapes.js';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, randomValues, tryMethod, weightOf } from '../test-support.js';

const layer = matrixOf(4, 650, 650, 650);
const paper = { B: [13, 65], C: [50, 20] };

test('the PTB layer stores 1,845 values per gate and 7,380 in all, 458x fewer ([D] 3.1 without biases)', () => {
  expect(parameterCount(weightOf('kp', paper, matrixOf(1, 650, 1300)), 0)).toBe(1845);
  expect(parameterCount(weightOf('kp', paper, layer), 0)).toBe(7380);
  expect(Math.round(3_380_000 / 7380)).toBe(458);
});

test('its rank is bounded by rank B * rank C', () => {
  expect(weightOf('kp', paper, layer).rank).toBe(13 * 20);
  expect(weightOf('kp', { B: [10, 25], C: [20, 16] }, matrixOf(4, 200, 400)).rank).toBe(10 * 16);
});

test.each([
  [650, 1300, 'B=13x65, C=50x20'],
  [200, 400, 'B=10x25, C=20x16'],
  [7, 13, 'B=7x1, C=1x13'],
  [1, 1, 'B=1x1, C=1x1'],
])('the shapes of a %i x %i matrix are %s unless given', (rows, columns, pair) => {
  const { use, weight } = tryMethod('kp', {}, matrixOf(1, rows, columns));
  expect(use?.complete).toBe(false);
  expect(weight?.arguments.map((a) => `${a.name}=${a.value}`).join(', ')).toBe(pair);
});

test('no other pair of 650x1300 stores less', () => {
  const pairs = factorPairs([650, 1300]);
  expect(pairs).toHaveLength(12 * 18);
  expect(Math.min(...pairs.map(pairParameters))).toBe(1845);
});

test('one PTB gate costs 29,900 or 107,250 multiply-adds', () => {
  expect(kronCosts([13, 65], [50, 20])).toEqual({ 'b-first': 29_900, 'c-first': 107_250 });
});

test('one factor gives the other', () => {
  const { use, weight } = tryMethod('kp', { C: [50, 20] }, layer);
  expect(use?.complete).toBe(true);
  expect(weight?.tensors['B']?.shape).toEqual([4, 13, 65]);
});

test('wrong shapes are refused with the nearest legal pairs, per gate and stacked', () => {
  const { weight, diagnostics } = tryMethod('kp', { B: [13, 60], C: [50, 20] }, layer);
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'kp/shapes',
      message: 'B=13x60 and C=50x20 make 650x1200, but rnn1 is 650x1300 per gate, or 2600x1300 for its 4 gates stacked',
    },
  ]);
  expect(diagnostics[0]!.hint).toMatch(/^the nearest legal pairs are \(B=13x65, C=50x20\), .*; stacked: \(B=/);
});

test('a factor that divides nothing is refused', () => {
  const { diagnostics } = tryMethod('kp', { B: [7, 65] }, matrixOf(1, 650, 1300));
  expect(diagnostics).toMatchObject([{ message: 'B=7x65 fits no C, but rnn1 is 650x1300' }]);
});

test('shapes of the stacked matrix stack the gates', () => {
  const weight = weightOf('kp', { B: [52, 65], C: [50, 20] }, layer);
  expect(weight.matrix).toEqual({ gates: 1, shape: [2600, 1300], columns: [650, 650] });
  expect(parameterCount(weight, 0)).toBe(52 * 65 + 50 * 20);
  expect(weight.reconstruct(randomValues(weight))).toHaveLength(4 * 650 * 1300);
  const { diagnostics } = tryMethod('kp', { B: [52, 65], C: [50, 20], layout: 'gates' }, layer);
  expect(diagnostics).toMatchObject([{ message: expect.stringMatching(/but rnn1 is 650x1300 per gate$/) }]);
});

test('a goal takes the largest pair that fits it', () => {
  const weight = largestWithin('kp', {}, layer, Math.floor(3_380_000 / 100))!;
  const sizes = pairsBySize([650, 1300]).map(pairParameters);
  const wanted = Math.max(...sizes.filter((s) => 4 * s <= 33_800));
  expect(parameterCount(weight, 0)).toBe(4 * wanted);
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
});

test('fit of a full matrix is the nearest: no small change of a factor is nearer', () => {
  const weight = weightOf('kp', { B: [2, 3], C: [3, 4] }, matrixOf(2, 6, 12));
  const dense = draw(2 * 6 * 12, 'full');
  const distance = (w: Float64Array): number => dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  const best = distance(weight.reconstruct(fitted.values));
  for (const name of ['B', 'C']) {
    fitted.values[name]!.forEach((_, at) => {
      for (const change of [-0.01, 0.01]) {
        const changed = fitted.values[name]!.map((v, i) => (i === at ? v + change : v));
        expect(distance(weight.reconstruct({ ...fitted.values, [name]: changed }))).toBeGreaterThan(best);
      }
    });
  }
});

test('pairs are written as a program writes them', () => {
  expect(formatPair({ b: [13, 65], c: [50, 20] })).toBe('B=13x65, C=50x20');
});
