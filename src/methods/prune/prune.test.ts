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

test('blocks are refused by name', () => {
  const { use, diagnostics } = tryMethod('prune', { sparsity: { percent: 90 }, block: [8, 4] }, matrixOf(1, 8, 8));
  expect(use).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'prune/not-in-this-version', severity: 'error' }]);
  expect(diagnostics[0]!.message).toBe('`block=8x4` is a word of the language that this version does not build yet');
  const { start, end, source } = diagnostics[0]!.span;
  expect(source.text.slice(start, end)).toBe('8x4');
});

test('the largest magnitudes stay, of equal ones the first', () => {
  const kept = (count: number): number[] => [...keepLargest(Float64Array.of(1, -3, 2, -2, 0, 2), count)];
  expect(kept(0)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(kept(1)).toEqual([0, -3, 0, 0, 0, 0]);
  expect(kept(3)).toEqual([0, -3, 2, -2, 0, 0]);
  expect(kept(4)).toEqual([0, -3, 2, -2, 0, 2]);
  expect(kept(6)).toEqual([1, -3, 2, -2, 0, 2]);
});
