import { expect, test } from 'vitest';
import { factorize, largestSingularValues, multiply, singularValues, transposed } from './linear-algebra.js';
import { fillUniform, streamKey } from './random.js';

function draw(length: number, purpose: string): Float64Array {
  const values = new Float64Array(length);
  fillUniform(values, 1, streamKey(7, purpose));
  return values;
}
const distance = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0));
const norm = (a: Float64Array): number => Math.hypot(...a);

function rebuild({ values, left, right }: ReturnType<typeof singularValues>, m: number, n: number): Float64Array {
  const a = new Float64Array(m * n);
  values.forEach((s, r) => {
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) a[i * n + j]! += s * left[r]![i]! * right[r]![j]!;
  });
  return a;
}

test('multiply and transposed by hand', () => {
  const a = Float64Array.of(1, 2, 3, 4, 5, 6);
  expect([...transposed(a, 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...multiply(a, transposed(a, 2, 3), [2, 3, 2])]).toEqual([14, 32, 32, 77]);
});

test('singular values by hand: 3 and 1 of [[2, 1], [1, 2]], 5 of the row [3, 4]', () => {
  const { values } = singularValues(Float64Array.of(2, 1, 1, 2), 2, 2);
  expect(values[0]).toBeCloseTo(3, 12);
  expect(values[1]).toBeCloseTo(1, 12);
  expect(singularValues(Float64Array.of(3, 4), 1, 2).values[0]).toBeCloseTo(5, 12);
});

test.each([
  [1, 1],
  [1, 7],
  [7, 1],
  [5, 13],
  [13, 5],
  [20, 20],
  [31, 64],
])('the decomposition of a %i x %i matrix gives it back, with orthonormal vectors', (m, n) => {
  const a = draw(m * n, `svd ${m}x${n}`);
  const found = singularValues(a, m, n);
  expect(found.values).toHaveLength(Math.min(m, n));
  expect(distance(rebuild(found, m, n), a)).toBeLessThan(1e-12 * norm(a));
  for (const side of [found.left, found.right]) {
    side.forEach((x, i) => {
      side.forEach((y, j) => {
        const product = x.reduce((sum, v, k) => sum + v * y[k]!, 0);
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      });
    });
  }
  found.values.slice(1).forEach((v, i) => {
    expect(v).toBeLessThanOrEqual(found.values[i]!);
  });
});

test('a matrix of zeros and a rank-deficient matrix', () => {
  expect(singularValues(new Float64Array(12), 3, 4).values).toEqual([0, 0, 0]);
  const a = multiply(draw(24, 'deficient left'), draw(18, 'deficient right'), [12, 2, 9]);
  const found = singularValues(a, 12, 9);
  expect(found.values[1]!).toBeGreaterThan(0.1);
  expect(found.values[2]!).toBeLessThan(1e-13);
  expect(distance(rebuild(found, 12, 9), a)).toBeLessThan(1e-12 * norm(a));
});

test('subspace iteration finds what the whole decomposition finds', () => {
  const [m, n, rank] = [120, 150, 5];
  const a = draw(m * n, 'large');
  const whole = singularValues(a, m, n);
  const some = largestSingularValues(a, [m, n], rank);
  expect(some.values).toHaveLength(rank);
  some.values.forEach((v, i) => {
    expect(Math.abs(v / whole.values[i]! - 1)).toBeLessThan(1e-3);
  });
});

test('subspace iteration of a large matrix of low rank is exact', () => {
  const [m, n] = [210, 130];
  const a = multiply(draw(m * 4, 'thin'), draw(4 * n, 'wide'), [m, 4, n]);
  const { u, v } = factorize(a, [m, n], 6);
  expect(u).toHaveLength(m * 6);
  expect(distance(multiply(u, v, [m, 6, n]), a)).toBeLessThan(1e-10 * norm(a));
});

test('factorize leaves exactly the small singular values: the square root of their squares', () => {
  const [m, n] = [17, 11];
  const a = draw(m * n, 'tail');
  const { values } = singularValues(a, m, n);
  const { u, v } = factorize(a, [m, n], 4);
  expect(distance(multiply(u, v, [m, 4, n]), a)).toBeCloseTo(Math.hypot(...values.slice(4)), 10);
});
