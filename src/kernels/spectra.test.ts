import { expect, it } from 'vitest';
import { packRegion } from './pack.js';
import { planCost, plannedCalls } from './plan-cost.js';
import type { Buffer, Planner } from './planner.js';
import { regionBytes } from './regions.js';
import { frequenciesOf, radicesOf, rootsOf, spectralWorkload, spectrumOf, storedSpectra } from './spectra.js';
import { transformError } from './spectral-errors.js';
import { draw, expectBounded, matrix, near, runProduct } from './test-reference.js';

it('cuts lengths into fours, a two and odd primes', () => {
  expect([2, 8, 50, 64, 331, 650].map(radicesOf)).toEqual([[2], [4, 2], [2, 5, 5], [4, 4, 4], [331], [2, 5, 5, 13]]);
  expect(radicesOf(1)).toEqual([]);
});

it('has the spectrum of a delta, and of a turned one', () => {
  const { re, im } = spectrumOf([0, 1, 0, 0]);
  near([...re, ...im], [1, 0, -1, 0, -1, 0]);
  expect([...rootsOf(4)].map((v) => Math.round(v))).toEqual([1, 0, 0, 1, -1, 0]);
});

it('stores as many values as the blocks have: real parts, then imaginary ones, over panels of 16 rows', () => {
  // Blocks of 3 over 17 rows of blocks and 2 columns: the sums of all three first.
  const v = draw(17 * 2 * 3, 'v');
  const stored = storedSpectra(v, 17, 3);
  expect(stored).toHaveLength(v.length);
  const block = (row: number, column: number) =>
    spectrumOf(v.subarray((row * 2 + column) * 3, (row * 2 + column) * 3 + 3));
  const scaled = (value: number | undefined) => Math.fround(value! / 6);
  expect(stored[0]).toBe(scaled(block(0, 0).re[0]));
  expect(stored[16]).toBe(scaled(block(0, 1).re[0]));
  expect(stored[32]).toBe(scaled(block(16, 0).re[0]));
  expect(stored[34]).toBe(scaled(block(0, 0).re[1]));
  expect(stored[34 + 16]).toBe(scaled(block(0, 0).im[1]));
  expect(stored.at(-1)).toBe(scaled(block(16, 1).im[1]));
});

it('packs spectra and roots into the bytes that are predicted', () => {
  const v = draw(4 * 3 * 5, 'V');
  const whole = matrix('V', 4, 15);
  for (const kind of ['spectra', 'roots'] as const) {
    const layout = { kind, matrix: whole, block: 5 };
    expect(packRegion(layout, v)).toHaveLength(regionBytes(layout));
  }
  expect(regionBytes({ kind: 'roots', matrix: whole, block: 5 })).toBe(4 * 2 * frequenciesOf(5));
});

it.each([
  [1, 40, 70, 16],
  [4, 13, 26, 13],
  [2, 41, 70, 8],
])('%i gates of %i x %i in blocks of %i add what the written-out matrix gives', (gates, rows, columns, block) => {
  const [down, across] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const V = draw(gates * down * across * block, 'V');
  const [x0, y0] = [draw(columns, 'x'), draw(gates * rows, 'y')];
  const v = matrix('V', gates * down, across * block);
  const plan = (p: Planner, x: Buffer, to: Buffer) => p.circulant(v, block, x, { count: gates, apart: rows, y: to });
  const { seen, y } = runProduct({ V }, [x0, y0], plan);
  const weight = (row: number, j: number): number => {
    const [gate, i] = [Math.floor(row / rows), row % rows];
    const first = ((gate * down + Math.floor(i / block)) * across + Math.floor(j / block)) * block;
    return V[first + ((((i - j) % block) + block) % block)]!;
  };
  const exact = Array.from(y0, (start, row) => x0.reduce((sum, u, j) => sum + weight(row, j) * u, start));
  near(seen.values(y), exact);
  // Less than any program in float32 is off: the exact results, rounded once.
  expectBounded(exact.map(Math.fround), seen, y);
  expect(Math.max(...seen.errors(y))).toBeGreaterThan(0);
});

it('takes transforms for blocks in float32, a dense product for blocks of 1, and writes out what is too small', () => {
  const kinds = (block: number, rows: number, word: 'float32' | 'float16' = 'float32'): readonly string[] =>
    plannedCalls(
      (p) => {
        const [x, y] = [p.scratch(rows), p.scratch(rows)];
        p.circulant(matrix('V', Math.ceil(rows / block), block * Math.ceil(rows / block)), block, x, {
          count: 1,
          apart: rows,
          y,
        });
      },
      { keptOf: () => 0, formatOf: () => ({ kind: 'float', word }) },
    ).map(({ kind }) => kind);
  expect(kinds(8, 64)).toEqual(['spectral']);
  expect(kinds(331, 5296)).toEqual(['spectral']);
  expect(kinds(331, 331)).toEqual(['circulant']);
  expect(kinds(1, 12)).toEqual(['gemv']);
  expect(kinds(3, 3)).toEqual(['circulant']);
  expect(kinds(8, 64, 'float16')).toEqual(['circulant']);
});

it('costs less the larger the blocks are', () => {
  const products = [2, 8, 64].map((block) => {
    const plan = (p: Planner, x: Buffer, y: Buffer) =>
      p.circulant(matrix('V', 1280 / block, 640), block, x, { count: 1, apart: 1280, y });
    return planCost(plan, 640, 1280, () => 0).multiplyAdds;
  });
  expect(products[0]).toBe((640 * 1280) / 2);
  expect(products[1]! / products[0]!).toBeLessThan(0.5);
  expect(products[2]! / products[1]!).toBeLessThan(0.25);
  expect(spectralWorkload({ rows: 64, columns: 64, block: 64, gates: 1 }).fours).toBe((2 + 4 * 31) / 4);
});

it('states what transforms round', () => {
  expect([8, 50, 650].map((block) => Math.round(transformError(block)))).toEqual([7, 29, 58]);
});
