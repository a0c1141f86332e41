/** Vectors of which only a run is not zero: what is read of them, what is written, and that results stay the same. */
import { expect, it } from 'vitest';
import type { NumberFormat } from '../tensor/number-format.js';
import type { KernelCall } from './calls.js';
import { costOf } from './costs.js';
import { activationErrors, executeBounded } from './error-bounds.js';
import { LoneRuns, metColumns } from './lone-runs.js';
import { Memory, RegionValues } from './memory.js';
import type { Buffer } from './planner.js';
import { Recorder } from './recorder.js';
import { draw, matrix, near } from './test-reference.js';

const x = { id: 7, offset: 0, size: 12 };
const from = { id: 3, offset: 2, size: 5 };

it('a vector is written once, and only where somebody reads it', () => {
  const runs = new LoneRuns();
  runs.add(x, { from, first: 4 });
  expect(runs.unwritten([from])).toEqual([]);
  expect(runs.unwritten([from, { ...x, offset: 2, size: 3 }])).toEqual([
    {
      from,
      to: { id: 7, offset: 4, size: 5 },
      zeros: [
        { id: 7, offset: 0, size: 4 },
        { id: 7, offset: 9, size: 3 },
      ],
    },
  ]);
  expect(runs.unwritten([x])).toEqual([]);
  expect(runs.find(x)).toMatchObject({ from, first: 4 });
  expect(runs.find({ ...x, size: 3 })).toBeUndefined();
});

it.each([
  // 12 floats as 4 rows of 3: a run of floats 4 to 9 meets rows 1 and 2, half of each of them zero.
  [4, 5, 4, 3, { first: 1, count: 2, x: { id: 7, offset: 3, size: 6 } }],
  // On the bounds of rows the run is read where it lies.
  [6, 6, 4, 3, { first: 2, count: 2, x: { id: 3, offset: 2, size: 6 } }],
  [2, 8, 4, 3, undefined],
])('a run from %i of %i floats over %i columns of %i', (first, size, b1, c1, met) => {
  expect(metColumns(x, { from: { ...from, size }, first }, b1, c1)).toEqual(met);
});

interface Planned {
  readonly y: readonly number[];
  readonly calls: readonly KernelCall[];
  readonly multiplyAdds: number;
}

/** What `plan` adds to y for a vector of which only a run is not zero. */
function planned(
  [size, first, rows]: readonly [number, number, number],
  run: Float32Array,
  tensors: Readonly<Record<string, Float32Array>>,
  plan: (p: Recorder, x: Buffer, y: Buffer) => void,
  format: NumberFormat = { kind: 'float', word: 'float32' },
): Planned {
  const recorder = new Recorder({ keptOf: () => 0, formatOf: () => format });
  const calls: KernelCall[] = [];
  recorder.enter('layer', calls);
  const given = recorder.buffer('run', run.length, 'work');
  const y = recorder.buffer('y', rows, 'work');
  plan(recorder, recorder.alone(size, { from: given, first }), y);
  const memory = new Memory(recorder.buffers);
  memory.values(given).set(run);
  const weights = new RegionValues(recorder.layouts, (tensor) => tensors[tensor]!);
  executeBounded(calls, { memory, weights, id: () => 0, activationError: activationErrors('exact') });
  const multiplyAdds = calls.reduce((sum, call) => sum + costOf(call, recorder.layouts).multiplyAdds, 0);
  return { y: [...memory.values(y)], calls, multiplyAdds };
}

it.each([
  [7, 13, 0, 5],
  [33, 12, 5, 7],
  [1, 31, 30, 1],
] as const)('a product %i x %i of a run from %i of %i floats costs its columns and copies nothing', (...shape) => {
  const [rows, columns, first, count] = shape;
  const [W, run] = [draw(rows * columns, 'W'), draw(count, 'run')];
  const { y, calls, multiplyAdds } = planned([columns, first, rows], run, { W }, (p, vector, to) =>
    p.gemv(matrix('W', rows, columns), vector, to, 'add'),
  );
  const sum = (row: number): number => run.reduce((total, v, k) => total + v * W[row * columns + first + k]!, 0);
  near(
    y,
    Array.from({ length: rows }, (_, row) => sum(row)),
  );
  expect(calls.map(({ kind }) => kind)).toEqual(['gemv']);
  expect(multiplyAdds).toBe(rows * count);
});

it.each([
  // B X first, then X C^T first; runs on bounds and inside of columns, at both ends; two gates.
  [[2, 6], [9, 4], 8, 8],
  [[13, 65], [50, 20], 0, 650],
  [[13, 65], [50, 20], 650, 650],
  [[9, 4], [2, 6], 12, 12],
  [[9, 4], [2, 6], 0, 7],
  [[3, 5], [5, 4], 5, 14],
] as const)('a Kronecker product %j (x) %j of a run from %i of %i floats', (bShape, cShape, first, count) => {
  const [[b0, b1], [c0, c1]] = [bShape, cShape];
  const [B, C, run] = [draw(2 * b0 * b1, 'B'), draw(2 * c0 * c1, 'C'), draw(count, 'run')];
  const each = b0 * c0;
  const { y, calls, multiplyAdds } = planned([b1 * c1, first, 2 * each], run, { B, C }, (p, vector, to) =>
    p.kron(matrix('B', 2 * b0, b1), matrix('C', 2 * c0, c1), vector, { count: 2, apart: each, y: to }),
  );
  const value = (row: number, column: number): number => {
    const [gate, i] = [Math.floor(row / each), row % each];
    const b = B[(gate * b0 + Math.floor(i / c0)) * b1 + Math.floor(column / c1)]!;
    return b * C[(gate * c0 + (i % c0)) * c1 + (column % c1)]!;
  };
  const sum = (row: number): number => run.reduce((total, v, k) => total + v * value(row, first + k), 0);
  near(
    y,
    Array.from({ length: 2 * each }, (_, row) => sum(row)),
  );
  const met = Math.ceil((first + count) / c1) - Math.floor(first / c1);
  const least = Math.min(b0 * met * c1 + b0 * c1 * c0, met * c1 * c0 + b0 * met * c0);
  expect(multiplyAdds).toBe(2 * least);
  const aligned = first % c1 === 0 && count % c1 === 0;
  expect(calls.some(({ kind }) => kind === 'copy')).toBe(!aligned);
});

it('what reads all of a vector has it written with its zeros', () => {
  const [W, run] = [draw(6 * 9, 'W'), draw(4, 'run')];
  // The run begins inside of a group of values that share a scale.
  const grouped: NumberFormat = { kind: 'integer', word: 'int8', per: { kind: 'group', values: 2 } };
  const plan = (p: Recorder, vector: Buffer, to: Buffer): void => {
    p.gemv(matrix('W', 6, 9), vector, to, 'add');
    p.gemv(matrix('W', 6, 9), vector, to, 'add');
  };
  const { calls, multiplyAdds } = planned([9, 3, 6], run, { W }, plan, grouped);
  expect(calls.map(({ kind }) => kind)).toEqual(['copy', 'clear', 'clear', 'gemv', 'gemv']);
  expect(multiplyAdds).toBe(2 * 6 * 9);
});

it.each<NumberFormat>([
  { kind: 'float', word: 'float16' },
  { kind: 'integer', word: 'int8', per: { kind: 'row' } },
  { kind: 'integer', word: 'int4', per: { kind: 'group', values: 3 } },
])('a product in another format costs the columns of the run where no scale is cut: %o', (format) => {
  const [W, run] = [draw(6 * 9, 'W'), draw(4, 'run')];
  const plan = (p: Recorder, vector: Buffer, to: Buffer): void => p.gemv(matrix('W', 6, 9), vector, to, 'add');
  const { y, calls, multiplyAdds } = planned([9, 3, 6], run, { W }, plan, format);
  expect(calls.map(({ kind }) => kind)).toEqual(['gemv']);
  expect(multiplyAdds).toBe(6 * 4);
  const zeros = Float32Array.from({ length: 9 }, (_, i) => (i >= 3 && i < 7 ? run[i - 3]! : 0));
  near(y, planned([9, 0, 6], zeros, { W }, plan, format).y);
});
