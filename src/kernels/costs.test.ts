import { describe, expect, it } from 'vitest';
import { type Block, single } from '../tensor/blocks.js';
import { kronCosts, kronOrder } from './costs.js';
import { planCost } from './plan-cost.js';
import type { MatrixRef, Planner } from './planner.js';

const ref = (tensor: string, offset: number, rows: number, columns: number): MatrixRef => ({
  tensor,
  offset,
  rows,
  columns,
});
const kept = () => 0;

/** kp(13x65, 50x20) for `gates` gates of 650x1300. */
const kronecker =
  (gates: number) =>
  (p: Planner, x: Parameters<Planner['gemv']>[1], y: Parameters<Planner['gemv']>[2]): void => {
    p.kron(ref('B', 0, gates * 13, 65), ref('C', 0, gates * 50, 20), x, { count: gates, apart: 650, y });
  };

describe('costs', () => {
  it('counts four dense gates of 650x1300', () => {
    const cost = planCost((p, x, y) => p.gemv(ref('W', 0, 2600, 1300), x, y, 'add'), 1300, 2600, kept);
    expect(cost).toEqual({ multiplyAdds: 3_380_000, bytes: 13_520_000 });
  });

  it('takes the cheaper order of a Kronecker product: 29,900 against 107,250 for one PTB gate', () => {
    expect(kronCosts([13, 65], [50, 20])).toEqual({ 'b-first': 29_900, 'c-first': 107_250 });
    expect(kronOrder([13, 65], [50, 20])).toBe('b-first');
    expect(kronOrder([50, 20], [13, 65])).toBe('c-first');
    expect(planCost(kronecker(1), 1300, 650, kept).multiplyAdds).toBe(29_900);
  });

  it('stores the gates of a Kronecker product below each other', () => {
    // B: 3,380 floats in 13,568 bytes; C transposed: 20 rows of 200 floats in 16,000 bytes.
    expect(planCost(kronecker(4), 1300, 2600, kept)).toEqual({ multiplyAdds: 119_600, bytes: 13_568 + 16_000 });
  });

  it('stores a weight once however often it is used', () => {
    const cost = planCost(
      (p, x, y) => {
        p.gemv(ref('W', 0, 4, 4), x, y, 'add');
        p.gemv(ref('W', 0, 4, 4), x, y, 'add');
      },
      4,
      4,
      kept,
    );
    expect(cost).toEqual({ multiplyAdds: 32, bytes: 64 });
  });

  it('counts the rows of an overlay twice in 16 bits, its 16-bit indices and its values', () => {
    const cost = planCost(
      (p, x, y) => p.sparse({ ...ref('S', 0, 2600, 1300), block: single }, x, y),
      1300,
      2600,
      () => 125_324,
    );
    expect(cost).toEqual({ multiplyAdds: 125_324, bytes: 4 * 2600 + 6 * 125_324 });
  });

  it('counts one index for each block', () => {
    const cost = planCost(
      (p, x, y) => p.sparse({ ...ref('S', 0, 2600, 1300), block: [8, 4] }, x, y),
      1300,
      2600,
      () => 32 * 3916,
    );
    expect(cost).toEqual({ multiplyAdds: 125_312, bytes: 4 * 326 + 2 * 3916 + 4 * 125_312 });
  });

  it('refuses a part of a masked tensor, and blocks that do not fit', () => {
    const plan = (offset: number, block: Block, values: number) => () =>
      planCost(
        (p, x, y) => p.sparse({ ...ref('S', offset, 4, 4), block }, x, y),
        4,
        4,
        () => values,
      );
    expect(plan(4, single, 0)).toThrow('counted as a whole');
    expect(plan(0, [3, 1], 3)).toThrow('blocks of 3x1 in 4x4');
    expect(plan(0, [2, 2], 6)).toThrow('6 values kept');
  });
});
