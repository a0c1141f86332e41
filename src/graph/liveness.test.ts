import { expect, it } from 'vitest';
import { Builder } from './builder.js';
import { peakBytes } from './liveness.js';

it('counts what is alive at once, and nothing twice', () => {
  const g = new Builder();
  const x = g.input('x', [10, 10]);
  // 10x10 products: a and b are alive when c is made, a and c when d is.
  const a = g.matmul(x, x);
  const b = g.matmul(a, x);
  const c = g.matmul(b, a);
  const d = g.matmul(c, a);
  expect(peakBytes(g.finish({ d }))).toBe(3 * 400);
});

it('computes elementwise ops in place, and lets a reshape lie where its operand is', () => {
  const g = new Builder();
  const x = g.input('x', [10, 10]);
  const chain = g.tanh(g.reshape(g.exp(g.matmul(x, x)), [100]));
  expect(peakBytes(g.finish({ chain }))).toBe(400);
});

it('keeps a value as long as a reshape of it is read', () => {
  const g = new Builder();
  const x = g.input('x', [10, 10]);
  const a = g.matmul(x, x);
  const view = g.reshape(a, [100]);
  const b = g.matmul(a, x);
  const c = g.matmul(b, x);
  expect(peakBytes(g.finish({ y: g.add(g.sum(c), g.sum(view)) }))).toBe(3 * 400 + 0);
});

it('inputs and outputs with a place of their own are not counted', () => {
  const g = new Builder();
  const x = g.input('x', [10, 10]);
  const next = g.matmul(x, x);
  const graph = g.finish({ next });
  expect(peakBytes(graph)).toBe(400);
  expect(peakBytes(graph, new Set([next]))).toBe(0);
});
