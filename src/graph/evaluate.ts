/**
 * The oracle: what a graph means, op by op, in doubles. Slow and obvious on purpose; every engine, pass and emitted
 * kernel is compared with it. It never reorders, fuses or skips.
 */
import { defined, invariant } from '../support/assert.js';
import { boundedCode, gridOf, gridValues, runAt } from '../tensor/grid.js';
import { formatShape, type Shape, sameShape, size, strides } from '../tensor/shape.js';
import type { DoubleTensor, IntTensor } from '../tensor/tensor.js';
import type { Graph, OpKind, OpOf } from './ops.js';

/** Values of the graph's inputs by name. */
export type Feed = Readonly<Record<string, DoubleTensor | IntTensor>>;

type Row<K extends OpKind> = (op: OpOf<K>, inputs: readonly DoubleTensor[], feed: Feed) => Float64Array;

/** Offset of each element of `shape`, in row-major order, when its axes step by `steps` from `start`. */
function offsets(shape: Shape, steps: readonly number[], start = 0): Int32Array {
  const result = new Int32Array(size(shape));
  let filled = 1;
  result[0] = start;
  shape.forEach((extent, axis) => {
    const step = steps[axis]!;
    for (let i = filled - 1; i >= 0; i--) {
      const base = result[i]!;
      for (let j = 0; j < extent; j++) result[i * extent + j] = base + j * step;
    }
    filled *= extent;
  });
  return result;
}

/** Strides with which a tensor of shape `from` is read as if it had shape `to`. */
function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = strides(from);
  const lead = to.length - from.length;
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!));
}

function take(data: Float64Array, at: Int32Array): Float64Array {
  const result = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) result[i] = data[at[i]!]!;
  return result;
}

const broadcastTo = (a: DoubleTensor, shape: Shape): Float64Array =>
  sameShape(a.shape, shape) ? a.data : take(a.data, offsets(shape, broadcastStrides(a.shape, shape)));

const binary =
  (f: (x: number, y: number) => number) =>
  (op: { readonly shape: Shape }, [a, b]: readonly DoubleTensor[]): Float64Array => {
    const x = broadcastTo(a!, op.shape);
    const y = broadcastTo(b!, op.shape);
    return x.map((value, i) => f(value, y[i]!));
  };

const unary =
  (f: (x: number) => number) =>
  (_: unknown, [a]: readonly DoubleTensor[]): Float64Array =>
    a!.data.map((x) => f(x));

function input(op: OpOf<'input'>, _: unknown, feed: Feed): Float64Array {
  const { name } = op.attrs;
  const given = defined(feed[name], `feed of the graph input ${name}`);
  invariant(
    sameShape(given.shape, op.shape) && given.data.length === size(op.shape),
    `${name} is ${formatShape(op.shape)}, fed ${formatShape(given.shape)} with ${given.data.length} values`,
  );
  return new Float64Array(given.data);
}

function matmul(op: OpOf<'matmul'>, [a, b]: readonly DoubleTensor[]): Float64Array {
  const { transposeA, transposeB } = op.attrs;
  const [m, n] = [op.shape.at(-2)!, op.shape.at(-1)!];
  const k = a!.shape.at(transposeA ? -2 : -1)!;
  const [aRow, aInner] = transposeA ? [1, m] : [k, 1];
  const [bInner, bColumn] = transposeB ? [1, k] : [n, 1];
  const batch = op.shape.slice(0, -2);
  const batchOffsets = (t: DoubleTensor): Int32Array => {
    const lead = t.shape.slice(0, -2);
    return offsets(batch, broadcastStrides(lead, batch)).map((i) => i * t.shape.at(-2)! * t.shape.at(-1)!);
  };
  const [aStart, bStart] = [batchOffsets(a!), batchOffsets(b!)];
  const result = new Float64Array(size(op.shape));
  let at = 0;
  for (let block = 0; block < aStart.length; block++) {
    for (let i = 0; i < m; i++, at += n) {
      for (let p = 0; p < k; p++) {
        const x = a!.data[aStart[block]! + i * aRow + p * aInner]!;
        const row = bStart[block]! + p * bInner;
        for (let j = 0; j < n; j++) result[at + j]! += x * b!.data[row + j * bColumn]!;
      }
    }
  }
  return result;
}

function transpose(op: OpOf<'transpose'>, [a]: readonly DoubleTensor[]): Float64Array {
  const own = strides(a!.shape);
  const steps = op.attrs.permutation.map((p) => own[p]!);
  return take(a!.data, offsets(op.shape, steps));
}

function concat(op: OpOf<'concat'>, inputs: readonly DoubleTensor[]): Float64Array {
  const result = new Float64Array(size(op.shape));
  const own = strides(op.shape);
  let start = 0;
  for (const part of inputs) {
    offsets(part.shape, own, start * own[op.attrs.axis]!).forEach((to, i) => {
      result[to] = part.data[i]!;
    });
    start += part.shape[op.attrs.axis]!;
  }
  return result;
}

function slice(op: OpOf<'slice'>, [a]: readonly DoubleTensor[]): Float64Array {
  const own = strides(a!.shape);
  return take(a!.data, offsets(op.shape, own, op.attrs.start * own[op.attrs.axis]!));
}

function pad(op: OpOf<'pad'>, [a]: readonly DoubleTensor[]): Float64Array {
  const result = new Float64Array(size(op.shape));
  const own = strides(op.shape);
  offsets(a!.shape, own, op.attrs.before * own[op.attrs.axis]!).forEach((to, i) => {
    result[to] = a!.data[i]!;
  });
  return result;
}

/** In float32, as every engine computes it: which code a value has must not depend on who rounds. */
function snap(op: OpOf<'snap'>, [a]: readonly DoubleTensor[]): Float64Array {
  const { levels, run } = op.attrs;
  const runs = { row: op.shape.at(-1)!, run };
  return Float64Array.from(gridValues(gridOf(Float32Array.from(a!.data), levels, runs), runs));
}

/** Of every x and its scale s, in float32 like `snap`. */
const onScales =
  (of: (code: number, x: number, s: number) => number) =>
  (op: OpOf<'snapTo' | 'snapSlope'>, [a, scales]: readonly DoubleTensor[]): Float64Array => {
    const { levels, run } = op.attrs;
    const runs = { row: op.shape.at(-1)!, run };
    return a!.data.map((value, i) => {
      const [x, s] = [Math.fround(value), Math.fround(scales!.data[runAt(runs, i)]!)];
      return of(boundedCode(x, s, levels), x, s);
    });
  };

/** What rounding adds to x / s; the code itself where x / s lies behind the end of the grid. */
function slopeOf(code: number, ratio: number, levels: number): number {
  return Math.abs(ratio) > levels ? code : code - ratio;
}

function sum(op: OpOf<'sum'>, [a]: readonly DoubleTensor[]): Float64Array {
  const kept = a!.shape.map((d, axis) => (op.attrs.axes.includes(axis) ? 1 : d));
  const result = new Float64Array(size(op.shape));
  offsets(a!.shape, broadcastStrides(kept, a!.shape)).forEach((to, i) => {
    result[to]! += a!.data[i]!;
  });
  return result;
}

/** Row `id` of `rows`, which must exist. */
function rowOf(ids: Float64Array, i: number, rows: number): number {
  const id = ids[i]!;
  invariant(Number.isInteger(id) && id >= 0 && id < rows, `id ${id} at ${i} of a table with ${rows} rows`);
  return id;
}

function gather(_: unknown, [table, ids]: readonly DoubleTensor[]): Float64Array {
  const [rows, width] = table!.shape as [number, number];
  const result = new Float64Array(ids!.data.length * width);
  for (let i = 0; i < ids!.data.length; i++) {
    const from = rowOf(ids!.data, i, rows) * width;
    result.set(table!.data.subarray(from, from + width), i * width);
  }
  return result;
}

function scatter(op: OpOf<'scatter'>, [ids, updates]: readonly DoubleTensor[]): Float64Array {
  const [rows, width] = op.shape as [number, number];
  const result = new Float64Array(rows * width);
  for (let i = 0; i < ids!.data.length; i++) {
    const to = rowOf(ids!.data, i, rows) * width;
    for (let j = 0; j < width; j++) result[to + j]! += updates!.data[i * width + j]!;
  }
  return result;
}

/** Softmax of each row of `width` values, and the logarithm of each row's sum of exponentials. */
function softmaxRows(data: Float64Array, width: number): { readonly y: Float64Array; readonly log: Float64Array } {
  const y = new Float64Array(data.length);
  const log = new Float64Array(data.length / width);
  for (let r = 0; r < log.length; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    const most = row.reduce((x, v) => Math.max(x, v), Number.NEGATIVE_INFINITY);
    const total = row.reduce((x, v) => x + Math.exp(v - most), 0);
    log[r] = most + Math.log(total);
    row.forEach((v, j) => {
      y[r * width + j] = Math.exp(v - most) / total;
    });
  }
  return { y, log };
}

function crossEntropy(op: OpOf<'crossEntropy'>, [logits, ids]: readonly DoubleTensor[]): Float64Array {
  const classes = logits!.shape[1]!;
  const { log } = softmaxRows(logits!.data, classes);
  return new Float64Array(size(op.shape)).map(
    (_, i) => log[i]! - logits!.data[i * classes + rowOf(ids!.data, i, classes)]!,
  );
}

function crossEntropyGradient(_: unknown, [logits, ids, dy]: readonly DoubleTensor[]): Float64Array {
  const classes = logits!.shape[1]!;
  const { y } = softmaxRows(logits!.data, classes);
  for (let i = 0; i < dy!.data.length; i++) y[i * classes + rowOf(ids!.data, i, classes)]! -= 1;
  return y.map((p, i) => p * dy!.data[Math.floor(i / classes)]!);
}

const rows: { readonly [K in OpKind]: Row<K> } = {
  input,
  constant: (op) => new Float64Array(size(op.shape)).fill(op.attrs.value),
  matmul,
  add: binary((x, y) => x + y),
  sub: binary((x, y) => x - y),
  mul: binary((x, y) => x * y),
  div: binary((x, y) => x / y),
  max: binary(Math.max),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  abs: unary(Math.abs),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  relu: unary((x) => Math.max(x, 0)),
  step: unary((x) => (x > 0 ? 1 : 0)),
  sign: unary(Math.sign),
  snap,
  snapTo: onScales((code, _, s) => Math.fround(code * s)),
  snapSlope: (op, operands) =>
    onScales((code, x, s) => slopeOf(code, Math.fround(x / s), op.attrs.levels))(op, operands),
  reshape: (_, [a]) => a!.data,
  transpose,
  broadcast: (op, [a]) => broadcastTo(a!, op.shape),
  concat,
  slice,
  pad,
  sum,
  gather,
  scatter,
  softmax: (op, [a]) => softmaxRows(a!.data, op.shape.at(-1) ?? 1).y,
  crossEntropy,
  crossEntropyGradient,
};

/** Values of all outputs of `graph` in doubles, from the values of its inputs. Ids may be fed as int32. */
export function evaluate(graph: Graph, feed: Feed): Record<string, DoubleTensor> {
  const values: DoubleTensor[] = [];
  for (const op of graph.ops) {
    const row = rows[op.kind] as Row<OpKind>;
    const inputs = op.inputs.map((i) => values[i]!);
    values.push({ shape: op.shape, data: row(op as OpOf<OpKind>, inputs, feed) });
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, v]) => [name, defined(values[v], `output ${name}`)]),
  );
}
