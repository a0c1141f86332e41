import { expect, test } from 'vitest';
import { planCost } from '../../kernels/plan-cost.js';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, tryMethod, weightOf } from '../test-support.js';

const gate = matrixOf(1, 650, 1300);

test('every column of a block is the one before, turned down by one; edges are cut', () => {
  const weight = weightOf('circulant', { block: 3 }, matrixOf(1, 4, 5));
  const V = Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect([...weight.reconstruct({ V })]).toEqual([
    ...[1, 3, 2, 4, 6],
    ...[2, 1, 3, 5, 4],
    ...[3, 2, 1, 6, 5],
    ...[7, 9, 8, 10, 12],
  ]);
});

test('650x1300 in blocks of 10 stores 84,500 values, in blocks of 64 11 * 21 * 64, and the roots of 64', () => {
  expect(parameterCount(weightOf('circulant', { block: 10 }, gate), 0)).toBe(84_500);
  const weight = weightOf('circulant', { block: 64 }, gate);
  expect(parameterCount(weight, 0)).toBe(11 * 21 * 64);
  const cost = planCost(
    (p, x, y) => weight.plan(p, x, y, { V: 'V' }),
    1300,
    650,
    () => 0,
  );
  // Products with spectra: 2 real ones and 31 complex ones for each of 11 x 21 blocks. 11 and 6 pairs of blocks are
  // transformed, in stages of 4, 4 and 4: turns of 3 numbers in 15 of 16 parts, and of 3 in 3 of 4, 4 times.
  const turns = 4 * (15 * 3 + 4 * 3 * 3);
  expect(cost).toEqual({ multiplyAdds: 11 * 21 * (2 + 4 * 31) + 17 * turns, bytes: 4 * (11 * 21 * 64 + 2 * 33) });
});

test('a goal of 10x takes a block of 10', () => {
  expect(largestWithin('circulant', {}, gate, 84_500)!.arguments).toEqual([{ name: 'block', value: '10' }]);
  const { use, diagnostics } = tryMethod('circulant', {}, gate);
  expect(use?.complete).toBe(false);
  expect(diagnostics).toMatchObject([{ code: 'circulant/open-argument' }]);
});

test('no two choices of a goal store as many values, and more settings store more', () => {
  const { use } = tryMethod('circulant', {}, gate);
  const site = { layerKind: 'lstm', path: 'rnn1', span: use!.call.span };
  const dial = use!.dial!(gate, site, () => {})!;
  const sizes = Array.from({ length: dial.most + 1 }, (_, s) => parameterCount(dial.at(s), 0));
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  expect([sizes[0], sizes.at(-1)]).toEqual([1300, 845_000]);
});

test('a block larger than a side is refused, with one that is nowhere cut', () => {
  const { weight, diagnostics } = tryMethod('circulant', { block: 651 }, matrixOf(4, 650, 100, 900));
  expect(weight).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'circulant/block-too-large',
      message: 'block = 651 is more than 650, the shorter side of the 650x1000 matrix of rnn1',
      hint: 'use at most 650; a block of 50 or a divisor of it is nowhere cut',
    },
  ]);
});

test('fit is the nearest: no small change is nearer, and what is cut away stays zero', () => {
  const weight = weightOf('circulant', { block: 4 }, matrixOf(2, 5, 9));
  const dense = draw(2 * 5 * 9, 'full');
  const distance = (V: Float64Array): number =>
    weight.reconstruct({ V }).reduce((sum, v, i) => sum + (v - dense[i]!) ** 2, 0);
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  const V = fitted.values['V']!;
  V.forEach((_, at) => {
    for (const change of [-0.01, 0.01]) {
      const changed = V.map((v, i) => (i === at ? v + change : v));
      if (V[at] === 0) expect(distance(changed)).toBe(distance(V));
      else expect(distance(changed)).toBeGreaterThan(distance(V));
    }
  });
  // The corner block of each gate is 1x1: three of its four values stand for nothing.
  expect(V.filter((v) => v === 0)).toHaveLength(2 * 3);
});
