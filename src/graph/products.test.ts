import { expect, it } from 'vitest';
import { Builder } from './builder.js';
import { productOperations } from './products.js';

it('counts two operations for each pair of values that meet in a product', () => {
  const g = new Builder();
  const a = g.input('a', [3, 5]);
  const b = g.input('b', [5, 7]);
  const y = g.matmul(a, b);
  // 3 x 7 sums of 5; then 5 x 7 sums of 3; nothing for the sum of all.
  const z = g.matmul(a, y, { transposeA: true });
  expect(productOperations(g.finish({ y, z: g.sum(z) }))).toBe(2 * 3 * 7 * 5 + 2 * 5 * 7 * 3);
});

it('counts every matrix of a batch', () => {
  const g = new Builder();
  const y = g.matmul(g.input('a', [4, 2, 3]), g.input('b', [4, 3, 2]));
  expect(productOperations(g.finish({ y }))).toBe(4 * 2 * 2 * 2 * 3);
});
