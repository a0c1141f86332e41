/** What the tests of the reference kernels share: plans run at once, float32 sums, and how close is close enough. */
import { expect } from 'vitest';
import { fillUniform, streamKey } from '../tensor/random.js';
import type { KernelCall } from './calls.js';
import { activationErrors, executeBounded } from './error-bounds.js';
import { type Execution, Memory, RegionValues } from './memory.js';
import type { Buffer, LayerPlanner, MatrixRef } from './planner.js';
import { Recorder } from './recorder.js';

export function draw(size: number, purpose: string): Float32Array {
  const values = new Float32Array(size);
  fillUniform(values, 1, streamKey(11, purpose));
  return values;
}
export const matrix = (tensor: string, rows: number, columns: number): MatrixRef => ({
  tensor,
  offset: 0,
  rows,
  columns,
});

export interface Run {
  readonly values: (b: Buffer) => number[];
  readonly errors: (b: Buffer) => number[];
}

/** Plans, fills the named buffers, runs in double with bounds. */
export function run(
  tensors: Record<string, Float32Array>,
  plan: (p: LayerPlanner) => readonly (readonly [Buffer, ArrayLike<number>])[],
): Run {
  const kept = (tensor: string) => tensors[tensor]!.reduce((n, v) => n + (v === 0 ? 0 : 1), 0);
  const recorder = new Recorder({ keptOf: kept });
  const calls: KernelCall[] = [];
  recorder.enter('layer', calls);
  const fills = plan(recorder);
  const memory = new Memory(recorder.buffers);
  for (const [buffer, values] of fills) memory.values(buffer).set(values);
  const weights = new RegionValues(recorder.layouts, (tensor) => tensors[tensor]!);
  const execution: Execution = { memory, weights, id: () => 2, activationError: activationErrors('exact') };
  executeBounded(calls, execution);
  return { values: (b) => [...memory.values(b)], errors: (b) => [...memory.errors(b)] };
}

/** A product planned from x (columns) to y (rows), both filled. */
export function runProduct(
  tensors: Record<string, Float32Array>,
  [x0, y0]: readonly [Float32Array, Float32Array],
  plan: (p: LayerPlanner, x: Buffer, y: Buffer) => void,
): { readonly seen: Run; readonly y: Buffer } {
  let y = {} as Buffer;
  const seen = run(tensors, (p) => {
    const x = p.scratch(x0.length);
    y = p.scratch(y0.length);
    plan(p, x, y);
    return [
      [x, x0],
      [y, y0],
    ];
  });
  return { seen, y };
}

export const near = (seen: readonly number[], expected: readonly number[]): void => {
  expect(seen.length).toBe(expected.length);
  seen.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(expected[i]!)));
  });
};

/** Every float32 result within its bound, and the largest bound within 1,000 times the largest error seen. */
export function expectBounded(float: ArrayLike<number>, seen: Run, y: Buffer): void {
  const errors = seen.values(y).map((value, i) => Math.abs(value - float[i]!));
  errors.forEach((error, i) => {
    expect(error).toBeLessThanOrEqual(seen.errors(y)[i]!);
  });
  expect(Math.max(...seen.errors(y))).toBeLessThanOrEqual(1000 * Math.max(...errors));
}

export const f = Math.fround;
/** Sum of products in float32, one rounding for each product and each addition. */
export function dot(n: number, start: number, a: (k: number) => number, b: (k: number) => number): number {
  let sum = start;
  for (let k = 0; k < n; k++) sum = f(sum + f(a(k) * b(k)));
  return sum;
}
export const sigmoid32 = (x: number): number => f(1 / f(1 + f(Math.exp(-x))));
export const tanh32 = (x: number): number => f(Math.tanh(x));
