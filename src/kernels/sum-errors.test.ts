import { describe, expect, it } from 'vitest';
import { fillUniform, streamKey } from '../tensor/random.js';
import { sumErrors, unitRoundoff } from './sum-errors.js';
import { product, rowSums } from './sums.js';

const f = Math.fround;

function draw(size: number, purpose: string): Float32Array {
  const values = new Float32Array(size);
  fillUniform(values, 1, streamKey(21, purpose));
  return values;
}

/** One float32 sum in interleaved chains, fused or not, y first or last. */
function float32Sum(
  terms: readonly (readonly [number, number])[],
  y: number,
  chains: number,
  how: { readonly fused: boolean; readonly yLast: boolean },
): number {
  const sums = new Array<number>(chains).fill(0);
  if (!how.yLast) sums[0] = y;
  terms.forEach(([w, x], k) => {
    // A product of two floats is exact in double; so is its sum with a float, but for the last bits of both.
    sums[k % chains] = f(sums[k % chains]! + (how.fused ? w * x : f(w * x)));
  });
  const total = sums.reduce((a, b) => f(a + b));
  return how.yLast ? f(total + y) : total;
}

const sizes = [1, 2, 3, 5, 64, 650, 1300];

describe('running error bounds of sums', () => {
  it.each(sizes)('hold for %i terms in every allowed order, and stay below (n + 8) u sum |w x|', (n) => {
    const rows = 20;
    const [W, x, y] = [draw(rows * n, 'W'), draw(n, 'x'), draw(rows, 'y')];
    const operands = { factors: W, values: Float64Array.from(x), errors: new Float64Array(n) };
    const bounds = sumErrors(operands, rowSums(rows, n), { values: y, errors: new Float64Array(rows) });
    const exact = product(W, x, rowSums(rows, n));
    let largest = 0;
    for (let row = 0; row < rows; row++) {
      const terms = Array.from(x, (v, k) => [W[row * n + k]!, v] as const);
      for (const chains of [1, 2, 4])
        for (const fused of [false, true])
          for (const yLast of [false, true]) {
            const error = Math.abs(float32Sum(terms, y[row]!, chains, { fused, yLast }) - (exact[row]! + y[row]!));
            expect(error).toBeLessThanOrEqual(bounds[row]!);
            largest = Math.max(largest, error);
          }
      const magnitude = terms.reduce((sum, [w, v]) => sum + Math.abs(w * v), Math.abs(y[row]!));
      expect(bounds[row]!).toBeLessThanOrEqual((n + 8) * unitRoundoff * magnitude);
    }
    expect(Math.max(...bounds)).toBeLessThanOrEqual(1000 * largest);
  });

  it('are reached when every addition rounds the same way', () => {
    const n = 1000;
    const little = f(2 ** -24 * 1.001);
    const terms = Array.from({ length: n }, () => [1, little] as const);
    // Each little term makes 1, 1 + 2 u, 1 + 4 u... go up by twice what it is.
    const error = float32Sum(terms, 1, 1, { fused: true, yLast: false }) - (1 + n * little);
    const operands = { factors: new Float32Array(n).fill(1), values: new Float64Array(n).fill(little) };
    const bound = sumErrors({ ...operands, errors: new Float64Array(n) }, rowSums(1, n), { values: [1], errors: [0] });
    expect(error).toBeGreaterThan(0.99 * n * unitRoundoff);
    expect(bound[0]).toBeGreaterThanOrEqual(error);
    expect(bound[0]).toBeLessThan(1.01 * error);
  });

  it('push the errors of the values through the magnitudes of the factors', () => {
    const operands = { factors: [2, -3], values: [1, 1], errors: [0.5, 0.25] };
    const [bound] = sumErrors(operands, rowSums(1, 2));
    expect(bound).toBeGreaterThanOrEqual(2 * 0.5 + 3 * 0.25);
    expect(bound).toBeLessThan(1.75 * (1 + 1e-5));
  });

  it('are tens of times tighter than (n + 8) u sum |w x| for a PTB layer', () => {
    const n = 1300;
    const [w, x] = [draw(n, 'w'), draw(n, 'x')];
    const [bound] = sumErrors({ factors: w, values: x, errors: new Float64Array(n) }, rowSums(1, n));
    const magnitude = w.reduce((sum, v, k) => sum + Math.abs(v * x[k]!), 0);
    expect(bound).toBeLessThan(((n + 8) * unitRoundoff * magnitude) / 10);
  });
});
