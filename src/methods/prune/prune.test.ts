import { expect, test } from 'vitest';
import { keepLargest } from '../magnitude.js';
import { maskedElements, parameterCount } from '../parameters.js';
import { matrixOf, tryMethod, weightOf } from '../test-support.js';

test('parameters are the kept values', () => {
  const weight = weightOf('prune', { sparsity: { percent: 90 } }, matrixOf(4, 650, 1300));
  expect(maskedElements(weight)).toBe(3_380_000);
  expect(parameterCount(weight, 338_000)).toBe(338_000);
});

test('it is complete with a sparsity, and its kept count is the dial without', () => {
  const matrix = matrixOf(1, 3, 5);
  expect(tryMethod('prune', { sparsity: { percent: 90 } }, matrix).use).toMatchObject({
    complete: true,
    sparsity: 0.9,
  });
  const { use, weight } = tryMethod('prune', {}, matrix);
  expect(use).toMatchObject({ complete: false, sparsity: undefined, dial: undefined });
  expect(weight).toBeDefined();
});

test('blocks fill all gates below each other', () => {
  const weight = weightOf('prune', { sparsity: { percent: 90 }, block: [8, 4] }, matrixOf(4, 6, 12));
  expect(weight.tensors['W']!.block).toEqual([8, 4]);
  expect(weight.arguments).toEqual([{ name: 'block', value: '8x4' }]);
  expect(weightOf('prune', { sparsity: { percent: 90 } }, matrixOf(4, 6, 12)).arguments).toEqual([]);
});

test('blocks that do not fill the matrix are refused with the nearest that do', () => {
  const { use, weight, diagnostics } = tryMethod('prune', { block: [8, 4] }, matrixOf(1, 10, 14));
  expect([use === undefined, weight]).toEqual([false, undefined]);
  expect(diagnostics).toMatchObject([
    {
      code: 'prune/block',
      message: 'blocks of 8x4 do not fill the matrix of rnn1: 10x14',
      hint: 'the nearest that do are block=10x7, block=10x2, block=5x7',
    },
  ]);
  const { start, end, source } = diagnostics[0]!.span;
  expect(source.text.slice(start, end)).toBe('8x4');
});

test('the blocks whose magnitudes add up to most stay', () => {
  const values = Float64Array.of(1, -3, 2, -2, 0, 2, 4, 0);
  const kept = (count: number, block: readonly [number, number]): number[] => [...keepLargest(values, count, 4, block)];
  expect(kept(4, [2, 2])).toEqual([0, 0, 2, -2, 0, 0, 4, 0]);
  expect(kept(2, [1, 2])).toEqual([1, -3, 0, 0, 0, 0, 0, 0]);
  expect(kept(4, [2, 1])).toEqual([0, -3, 2, 0, 0, 2, 4, 0]);
});

test('the largest magnitudes stay, of equal ones the first', () => {
  const kept = (count: number): number[] => [...keepLargest(Float64Array.of(1, -3, 2, -2, 0, 2), count)];
  expect(kept(0)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(kept(1)).toEqual([0, -3, 0, 0, 0, 0]);
  expect(kept(3)).toEqual([0, -3, 2, -2, 0, 0]);
  expect(kept(4)).toEqual([0, -3, 2, -2, 0, 2]);
  expect(kept(6)).toEqual([1, -3, 2, -2, 0, 2]);
});
