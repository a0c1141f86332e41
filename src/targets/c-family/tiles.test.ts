/** Tiles of small products: every element once, and no tile with more sums than there are registers. */
import { describe, expect, it } from 'vitest';
import { bandsOf, type Run, type Tiling, tileStatements, vectorsOf } from './tiles.js';

const extents = [1, 2, 3, 4, 5, 7, 13, 16, 20, 31, 50, 52, 127, 331, 650];
const covered = (runs: readonly Run[], width: number): readonly number[] =>
  runs.flatMap(({ start, size, times }) =>
    Array.from({ length: times }, (_, i) => [start + i * size * width, start + (i + 1) * size * width]).flat(),
  );

const heights = (tiling: Tiling): readonly number[] => [1, 2, 3, 4, ...(tiling === 'few registers' ? [] : [5])];

describe.each<[Tiling, number]>([
  ['many registers', 20],
  ['few registers', 8],
  ['loads first', 12],
])('tiles for %s', (tiling, most) => {
  it('covers all rows and all whole vectors, without gaps', () => {
    for (const extent of extents) {
      for (const [runs, width, end] of [
        [bandsOf(extent, tiling), 1, extent],
        ...heights(tiling).map((height) => [vectorsOf(extent, height, tiling), 4, extent - (extent % 4)] as const),
      ] as const) {
        const ends = [0, ...covered(runs, width), end];
        for (let i = 0; i < ends.length; i += 2) expect(ends[i]).toBe(ends[i + 1]);
      }
    }
  });

  it(`have at most ${most} sums`, () => {
    for (const rows of extents)
      for (const { size } of bandsOf(rows, tiling))
        for (const columns of extents)
          for (const run of vectorsOf(columns, size, tiling)) expect(run.size * size).toBeLessThanOrEqual(most);
  });
});

it('keeps sums, factors and four rows of columns in 32 registers where loads come first', () => {
  for (const height of heights('loads first'))
    for (const columns of extents)
      for (const { size } of vectorsOf(columns, height, 'loads first'))
        expect(height * size + height + 4 * size).toBeLessThan(32);
});

it('writes the tiles of a Kronecker product of the PTB layer', () => {
  const operand = (name: string, stride: number) => ({ name, stride });
  const product = { a: operand('t', 20), b: operand('ct', 200), y: operand('y', 50) };
  expect(tileStatements({ rows: 13, columns: 50, inner: 20, ...product }, 'many registers')).toEqual([
    'for (column = 0; column < 48; column += 16) {',
    '    for (row = 0; row < 8; row += 4)',
    '        add_tile(4, 4, 20, t + row * 20, 20, ct + column, 200, y + row * 50 + column, 50);',
    '}',
    'for (column = 0; column < 48; column += 16)',
    '    add_tile(5, 4, 20, t + 160, 20, ct + column, 200, y + 400 + column, 50);',
    'add_edge(13, 2, 20, t, 20, ct + 48, 200, y + 48, 50);',
  ]);
});
