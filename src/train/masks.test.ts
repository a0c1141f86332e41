import { describe, expect, it } from 'vitest';
import type { Block } from '../tensor/blocks.js';
import { streamKey, uniformAt } from '../tensor/random.js';
import type { FloatTensor } from '../tensor/tensor.js';
import { applyMask, holdsMask, selectLargest } from './masks.js';

const tensor = (...values: number[]): FloatTensor => ({ shape: [values.length], data: Float32Array.from(values) });
const ones = (masks: readonly FloatTensor[]): number[] =>
  masks.flatMap((m, i) => [...m.data].flatMap((v, at) => (v === 1 ? [1000 * i + at] : [])));

describe('selectLargest', () => {
  it('ranks magnitudes over several tensors at once', () => {
    const pool = [tensor(0.1, -5, 3), tensor(4, -0.2)];
    expect(ones(selectLargest(pool, 0))).toEqual([]);
    expect(ones(selectLargest(pool, 1))).toEqual([1]);
    expect(ones(selectLargest(pool, 3))).toEqual([1, 2, 1000]);
    expect(ones(selectLargest(pool, 5))).toEqual([0, 1, 2, 1000, 1001]);
  });
  it('takes the lowest index of equal magnitudes', () => {
    expect(ones(selectLargest([tensor(1, -1, 1), tensor(-1, 2)], 3))).toEqual([0, 1, 1001]);
    expect(ones(selectLargest([tensor(0, -0, 0)], 2))).toEqual([0, 1]);
  });
  it('tells neighbours in the last bit apart', () => {
    const next = Math.fround(1 + 2 ** -23);
    expect(ones(selectLargest([tensor(1, next, 1)], 1))).toEqual([1]);
    expect(ones(selectLargest([tensor(1e-45, 3e-45, 0, 1e-38)], 2))).toEqual([1, 3]);
  });
  it('works on a tensor that does not start its buffer', () => {
    const data = Float32Array.of(9, 1, 3, 2).subarray(1);
    expect(ones(selectLargest([{ shape: [3], data }], 1))).toEqual([1]);
  });

  it.each([1, 2, 7, 97, 650, 4099])('agrees with a stable sort, %i values', (n) => {
    for (let round = 0; round < 6; round++) {
      const key = streamKey(round, 'mask test', n);
      // Coarse values on odd rounds: many ties, many zeros.
      const draw = (i: number): number => {
        const u = 2 * uniformAt(key, i) - 1;
        return round % 2 === 1 ? Math.round(u * 4) / 4 : u * 10 ** ((i % 9) - 4);
      };
      const values = Float32Array.from({ length: n }, (_, i) => draw(i));
      const cut = Math.floor(n / 3);
      const pool = [
        { shape: [cut], data: values.slice(0, cut) },
        { shape: [n - cut], data: values.slice(cut) },
      ];
      const kept = Math.floor(uniformAt(key, n) * (n + 1));
      const order = [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
      const expected = order
        .slice(0, kept)
        .sort((a, b) => a - b)
        .map((i) => (i < cut ? i : 1000 * 1 + (i - cut)));
      const masks = selectLargest(pool, kept);
      expect(ones(masks)).toEqual(expected);
      expect(masks.reduce((sum, m) => sum + m.data.reduce((a, b) => a + b, 0), 0)).toBe(kept);
    }
  });
});

it('blocks of largest magnitude stay over all tensors, of equal ones the first', () => {
  const matrix = (...data: number[]) => ({ shape: [1, 2, data.length / 2], data: Float32Array.from(data) });
  const pool = [matrix(1, -1, 3, 0, 1, -1, 0, 0), matrix(0, 2, 0, 2)];
  const masks = (kept: number, block: Block) => selectLargest(pool, kept, block).map(({ data }) => [...data].join(''));
  expect(masks(4, [2, 2])).toEqual(['11001100', '0000']);
  expect(masks(8, [2, 2])).toEqual(['11001100', '1111']);
  expect(masks(4, [2, 1])).toEqual(['00100010', '0101']);
  expect(masks(2, [1, 2])).toEqual(['00110000', '0000']);
});

it('masked values become +0.0 and the check sees what is not zero', () => {
  const mask = tensor(1, 0, 0);
  const masked = applyMask(tensor(-2, -3, Number.POSITIVE_INFINITY), mask);
  expect([...masked.data].map((v) => Object.is(v, 0))).toEqual([false, true, true]);
  expect(holdsMask(masked, mask)).toBe(true);
  expect(holdsMask(tensor(0, 1e-45, 0), mask)).toBe(false);
});
