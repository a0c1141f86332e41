/**
 * What every kernel call means: slow, obvious, in double. `error-bounds.ts` follows the same calls with the largest
 * error that the emitted program may make.
 */
import { type Block, single } from '../tensor/blocks.js';
import type { CallKind, CallOf, KernelCall } from './calls.js';
import type { Execution } from './memory.js';
import { entriesOf } from './sparse-entries.js';
import {
  addSum,
  axisSums,
  circulantMatrix,
  intermediateSums,
  kroneckerGates,
  product,
  resultSums,
  rowSums,
  turned,
} from './sums.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** What `activate` computes. */
export const activations: Readonly<Record<CallOf<'activate'>['function'], (x: number) => number>> = {
  sigmoid,
  tanh: Math.tanh,
  relu: (x) => Math.max(x, 0),
};

/** y += S x, entry by entry. */
function addEntries(call: CallOf<'sparse' | 'sliced'>, block: Block, { memory, weights }: Execution): void {
  const stored = weights.sparse(call.values);
  const [from, to] = [memory.values(call.x), memory.values(call.y)];
  for (let row = 0; row < call.rows; row++)
    for (const { value, column } of entriesOf(stored, block, row)) to[row]! += value * from[column]!;
}

const kernels: { readonly [K in CallKind]: (call: CallOf<K>, execution: Execution) => void } = {
  gemv({ w, rows, columns, within, x, y, mode }, { memory, weights }) {
    const [matrix, from, to] = [weights.matrix(w), memory.values(x), memory.values(y)];
    const sums = rowSums(rows, columns, within);
    for (let row = 0; row < rows; row++) to[row] = addSum(matrix, from, sums.at(row), mode === 'add' ? to[row]! : 0);
  },
  /** The values that are meant stay in x: what rounding them to codes does is in the bounds, and in `exact.ts`. */
  quantize() {},
  kron(call, { memory, weights }) {
    const to = memory.values(call.y);
    for (const { b, c, y } of kroneckerGates(call, { b: weights.matrix(call.b), c: weights.matrix(call.c) })) {
      const [first, second] = call.order === 'b-first' ? [b, c] : [c, b];
      const t = product(first, memory.values(call.x), intermediateSums(call));
      const sums = resultSums(call);
      for (let i = 0; i < sums.count; i++) to[y + i] = addSum(second, t, sums.at(i), to[y + i]!);
    }
  },
  gemm(call, { memory, weights }) {
    const [matrix, from, to] = [weights.matrix(call.w), memory.values(call.x), memory.values(call.y)];
    const sums = axisSums(call);
    for (let i = 0; i < to.length; i++) to[i] = addSum(matrix, from, sums.at(i), call.mode === 'add' ? to[i]! : 0);
  },
  circulant(call, { memory, weights }) {
    const [matrix, from, to] = [
      circulantMatrix(weights.matrix(call.w), call),
      memory.values(call.x),
      memory.values(call.y),
    ];
    const sums = rowSums(call.rows, call.columns);
    for (let row = 0; row < call.rows; row++) to[row] = addSum(matrix, from, sums.at(row), to[row]!);
  },
  spectral(call, { memory, weights }) {
    const [v, from, to] = [weights.matrix(call.w), memory.values(call.x), memory.values(call.y)];
    const sums = rowSums(call.rows, call.columns);
    for (let gate = 0; gate < call.gates; gate++) {
      const size = v.length / call.gates;
      const matrix = circulantMatrix(v.subarray(gate * size, (gate + 1) * size), call);
      const first = gate * call.apart;
      for (let row = 0; row < call.rows; row++) to[first + row] = addSum(matrix, from, sums.at(row), to[first + row]!);
    }
  },
  sparse: (call, execution) => addEntries(call, call.block, execution),
  sliced: (call, execution) => addEntries(call, single, execution),
  bias({ w, y }, { memory, weights }) {
    memory.values(y).set(weights.matrix(w));
  },
  clear({ y }, { memory }) {
    memory.values(y).fill(0);
  },
  copy({ x, y }, { memory }) {
    memory.values(y).set(memory.values(x));
  },
  mix({ w, rows, columns, x, y, mode }, { memory, weights }) {
    const [matrix, from, to] = [turned(weights.matrix(w), rows, columns), memory.values(x), memory.values(y)];
    const sums = rowSums(columns, rows);
    for (let i = 0; i < columns; i++) to[i] = addSum(matrix, from, sums.at(i), mode === 'add' ? to[i]! : 0);
  },
  embed({ table, rows, width, input, first, y }, { memory, weights, id }) {
    const row = id(input) - first;
    if (row < 0 || row >= rows) memory.values(y).fill(0);
    else memory.values(y).set(weights.matrix(table).subarray(row * width, (row + 1) * width));
  },
  embedSparse({ values, block, input, y }, { memory, weights, id }) {
    const to = memory.values(y).fill(0);
    for (const { value, column } of entriesOf(weights.sparse(values), block, id(input))) to[column] = value;
  },
  lstmCell({ z, c, cNext, h }, { memory }) {
    const gates = memory.values(z);
    const [from, to, out] = [memory.values(c), memory.values(cNext), memory.values(h)];
    const n = from.length;
    for (let j = 0; j < n; j++) {
      const i = sigmoid(gates[j]!);
      const f = sigmoid(gates[n + j]!);
      const g = Math.tanh(gates[2 * n + j]!);
      const o = sigmoid(gates[3 * n + j]!);
      to[j] = f * from[j]! + i * g;
      out[j] = o * Math.tanh(to[j]!);
    }
  },
  add({ x, y }, { memory }) {
    const [from, to] = [memory.values(x), memory.values(y)];
    for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
  },
  gate({ z, x, y, mode }, { memory }) {
    const [gates, from, to] = [memory.values(z), memory.values(x), memory.values(y)];
    for (let i = 0; i < to.length; i++) to[i] = (mode === 'add' ? to[i]! : 0) + sigmoid(gates[i]!) * from[i]!;
  },
  runningMax({ x, seen, now, seenNext, next }, { memory }) {
    const [from, largest, to] = [memory.values(x), memory.values(now), memory.values(next)];
    const first = memory.values(seen)[0] === 0;
    for (let i = 0; i < to.length; i++) to[i] = first ? from[i]! : Math.max(largest[i]!, from[i]!);
    memory.values(seenNext)[0] = 1;
  },
  gruCell({ update, candidate, h, hNext }, { memory }) {
    const [updates, candidates] = [memory.values(update), memory.values(candidate)];
    const [from, to] = [memory.values(h), memory.values(hNext)];
    for (let i = 0; i < to.length; i++) {
      const n = Math.tanh(candidates[i]!);
      to[i] = n + sigmoid(updates[i]!) * (from[i]! - n);
    }
  },
  activate({ function: name, x }, { memory }) {
    const values = memory.values(x);
    for (let i = 0; i < values.length; i++) values[i] = activations[name](values[i]!);
  },
};

/** Runs one call in double. */
export const execute = (call: KernelCall, execution: Execution): void =>
  (kernels[call.kind] as (call: KernelCall, execution: Execution) => void)(call, execution);
