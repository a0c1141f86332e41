import { expect, test } from 'vitest';
import { lookupCost } from '../../kernels/plan-cost.js';
import { parameterCount } from '../parameters.js';
import { matrixOf, tableOf, tryMethod, weightOf } from '../test-support.js';

test('the four gates of a 650-unit layer store 3,380,000 values ([D] 3.1 without biases)', () => {
  const weight = weightOf('dense', {}, matrixOf(4, 650, 650, 650));
  expect(parameterCount(weight, 0)).toBe(3_380_000);
  expect(weight.rank).toBe(650);
});

test('the plan is one product over all gates', () => {
  const weight = weightOf('dense', {}, matrixOf(4, 3, 5));
  const calls: unknown[] = [];
  const record = (...call: readonly unknown[]): void => {
    calls.push(call);
  };
  const x = { id: 0, offset: 0, size: 5 };
  const y = { id: 1, offset: 0, size: 12 };
  const others = { mix: record, embed: record, embedSparse: record, scratch: () => x };
  const p = { gemv: record, kron: record, gemm: record, circulant: record, sparse: record, add: record, ...others };
  weight.plan(p, x, y, { W: 'rnn1.W' });
  expect(calls).toEqual([[{ tensor: 'rnn1.W', offset: 0, rows: 12, columns: 5 }, x, y, 'add']]);
});

test('a table is looked up: its tensor has the name that embeddings have always had', () => {
  const weight = weightOf('dense', {}, tableOf(7, 5));
  expect(Object.keys(weight.tensors)).toEqual(['table']);
  const cost = lookupCost(
    (p, ids, y) => weight.lookup!.plan(p, ids, y, { table: 't' }),
    [7, 5],
    () => 0,
  );
  expect(cost).toEqual({ multiplyAdds: 0, bytes: 192 });
});

test('it leaves nothing to a goal', () => {
  const { use } = tryMethod('dense', {}, matrixOf(1, 3, 5));
  expect(use).toMatchObject({ complete: true, stacked: false, dial: undefined });
});
