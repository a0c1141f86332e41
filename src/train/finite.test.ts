import { expect, it } from 'vitest';
import type { FloatTensor } from '../tensor/tensor.js';
import { blame } from './finite.js';

const vector = (...values: number[]): FloatTensor => ({ shape: [values.length], data: Float32Array.from(values) });

it('names the first tensor that is not finite, else the one with the largest value', () => {
  const small = vector(1, -2);
  expect(
    blame(
      new Map([
        ['a', small],
        ['b', vector(0, Number.NaN)],
        ['c', vector(Number.POSITIVE_INFINITY)],
      ]),
    ),
  ).toBe(', first in b');
  expect(
    blame(
      new Map([
        ['a', small],
        ['b', vector(3, -2e37)],
      ]),
    ),
  ).toBe(', all weights are finite still, the largest is 2.0e+37 in b');
  expect(blame(new Map([['a', vector(0)]]))).toBe('');
});
