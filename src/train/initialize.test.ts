import { expect, it } from 'vitest';
import type { Parameter } from '../lower/training-graph.js';
import { initialValue, initialWeights } from './initialize.js';

const parameter = (change: Partial<Parameter> = {}): Parameter => ({
  name: 'rnn1.W',
  shape: [50, 20],
  bound: 0.1,
  value: 0,
  patch: undefined,
  mask: undefined,
  ...change,
});

it('draws uniformly within the bound, by seed and name alone', () => {
  const { data } = initialValue(parameter(), 1);
  expect(Math.max(...data)).toBeLessThan(0.1);
  expect(Math.min(...data)).toBeGreaterThan(-0.1);
  const variance = data.reduce((sum, v) => sum + v * v, 0) / data.length;
  expect(Math.abs(variance / (0.01 / 3) - 1)).toBeLessThan(0.1);
  expect(initialValue(parameter({ shape: [1000] }), 1).data).toEqual(data);
  expect(initialValue(parameter(), 2).data).not.toEqual(data);
  expect(initialValue(parameter({ name: 'rnn2.W' }), 1).data).not.toEqual(data);
});

it('fills constants and patches a part of them', () => {
  const { data } = initialValue(parameter({ shape: [6], bound: 0, value: 0.5, patch: [2, 3, 1] }), 1);
  expect([...data]).toEqual([0.5, 0.5, 1, 1, 1, 0.5]);
  expect([...initialWeights([parameter({ name: 'a' }), parameter({ name: 'b' })], 1).keys()]).toEqual(['a', 'b']);
});
