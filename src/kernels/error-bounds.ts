/**
 * How far float32 programs may be from the reference: a bound beside every value, pushed through every call.
 * A sum of products is followed term by term, so its bound grows with the partial sums that occur; it never exceeds
 * (n + 8) u sum |w| |x| by more than what its inputs bring. Activations push errors through their Lipschitz constants
 * and add their own stated bound.
 */
import { type Block, single } from '../tensor/blocks.js';
import type { Per } from '../tensor/number-format.js';
import type { CallKind, CallOf, ColumnsWithin, KernelCall } from './calls.js';
import { type Bounded, gateBound, gruBound, lstmBounds, sumBound } from './cell-bounds.js';
import type { ErrorForms } from './error-forms.js';
import { alongErrors, sparseIntegerErrors } from './integer-errors.js';
import type { Execution, Memory } from './memory.js';
import type { Buffer } from './planner.js';
import { activations, execute } from './reference.js';
import { formatOf } from './regions.js';
import { entriesOf } from './sparse-entries.js';
import { spectralErrors } from './spectral-errors.js';
import { flushed, type Operands, sumErrors, unitRoundoff } from './sum-errors.js';
import {
  axisSums,
  circulantMatrix,
  intermediateSums,
  kroneckerGates,
  product,
  resultSums,
  rowSums,
  turned,
} from './sums.js';

/** How sigmoid and tanh are computed: by the C library, or by polynomials of stated error. */
export type ActivationMode = 'exact' | 'std' | 'fast';

/**
 * Largest absolute error of one sigmoid or tanh over all floats. `exact`: expf within one unit in the last place and
 * two roundings, tanhf within 2.5 units.
 */
export const activationBound = (mode: ActivationMode): number =>
  ({ exact: 4 * unitRoundoff, std: 4e-7, fast: 1e-4 })[mode];

/** Largest first and second derivative of each function. */
const slopes = { sigmoid: [1 / 4, 0.0963], tanh: [1, 0.7699] } as const;

/** How far a function that only rises goes from where it is, when its argument goes `error` up or down. */
function reach(of: (x: number) => number, argument: number, error: number): number {
  const result = of(argument);
  return Math.max(of(argument + error) - result, result - of(argument - error));
}

/**
 * How an activation passes errors on: exactly as far as it goes over the argument's interval, so next to nothing where
 * a gate is saturated. Small intervals, where a difference of results says nothing, by its slope at the argument, plus
 * what the slope may grow, at most its Lipschitz constant. Then its own error, which for the C library is relative to
 * the result.
 */
export const activationErrors =
  (mode: ActivationMode): Execution['activationError'] =>
  (name, argument, argumentError) => {
    const result = activations[name](argument);
    const [steepest, bend] = slopes[name];
    const slope = name === 'sigmoid' ? result * (1 - result) : 1 - result * result;
    const bySlope = Math.min(steepest, slope + bend * argumentError) * argumentError;
    const pushed = Math.min(bySlope, reach(activations[name], argument, argumentError) + 2 ** -50);
    const own = mode === 'exact' ? 5 * unitRoundoff * (Math.abs(result) + pushed) + flushed : activationBound(mode);
    return pushed + own;
  };

/** What rounding adds to a sum of `terms` products whose magnitudes add up to `magnitude`. */
const rounding = (terms: number, magnitude: number): number =>
  (terms + 8) * unitRoundoff * magnitude + 2 * (terms + 1) * flushed;

/** The elements of a buffer, each with its bound. */
function boundedOf(memory: Memory, buffer: Buffer): (i: number) => Bounded {
  const [values, errors] = [memory.values(buffer), memory.errors(buffer)];
  return (i) => ({ value: values[i]!, error: errors[i]! });
}

/**
 * What it adds that sums are of codes and each run's sum meets its scale at the end: every stored value is rounded
 * once in the reference, every run's sum once by its scale and once more when it is added.
 */
function addScaling(
  errors: Float64Array,
  { factors, values, errors: pushed }: Operands,
  { values: start, columns, per }: { readonly values: Float64Array; readonly columns: number; readonly per: Per },
): void {
  const runs = per.kind === 'group' ? Math.ceil(columns / per.values) : 1;
  for (let row = 0; row < errors.length; row++) {
    let magnitude = 0;
    let most = 0;
    for (let k = 0; k < columns; k++) {
      const factor = Math.abs(factors[row * columns + k]!);
      magnitude += factor * (Math.abs(values[k]!) + pushed[k]!);
      most = Math.max(most, factor);
    }
    errors[row]! += unitRoundoff * (3 * magnitude + runs * (Math.abs(start[row]!) + magnitude));
    errors[row]! += 2 * (columns + runs) * flushed * (1 + most);
  }
}

/** What is added to each row entry by entry, in any order. */
function entryErrors(
  { values, rows, x, y }: CallOf<'sparse' | 'sliced'>,
  block: Block,
  { memory, weights }: Execution,
): void {
  const stored = weights.sparse(values);
  const [from, fromErrors] = [memory.values(x), memory.errors(x)];
  const [to, errors] = [memory.values(y), memory.errors(y)];
  for (let row = 0; row < rows; row++) {
    let magnitude = Math.abs(to[row]!) + errors[row]!;
    let terms = 0;
    for (const { value, column } of entriesOf(stored, block, row)) {
      magnitude += Math.abs(value) * (Math.abs(from[column]!) + fromErrors[column]!);
      errors[row]! += Math.abs(value) * fromErrors[column]!;
      terms++;
    }
    errors[row]! += rounding(terms, magnitude);
  }
}

/** The (rows, columns) matrix of a product by itself. */
function columnsOf(matrix: Float32Array, rows: number, columns: number, within?: ColumnsWithin): Float32Array {
  if (within === undefined) return matrix;
  const part = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * within.columns + within.first;
    part.set(matrix.subarray(start, start + columns), row * columns);
  }
  return part;
}

/** Each row is called before its reference kernel, while y still holds what is added to. */
const bounds: { readonly [K in CallKind]: (call: CallOf<K>, execution: Execution) => void } = {
  quantize({ codes, scale }, { memory, weights }) {
    if (scale !== undefined) memory.scales.set(codes.id, weights.matrix(scale)[0]!);
  },
  gemv({ w, codes, rows, columns, within, x, y, mode }, { memory, weights }) {
    const factors = columnsOf(weights.matrix(w), rows, columns, within);
    const operands = { factors, values: memory.values(x), errors: memory.errors(x) };
    const errors = memory.errors(y);
    const start = mode === 'add' ? { values: memory.values(y), errors } : undefined;
    const format = formatOf(weights.layout(w));
    if (codes !== undefined && format.kind === 'integer') {
      const scale = memory.scales.get(codes.id);
      alongErrors(operands, { rows, columns, before: 1, after: 1, per: format.per, mode, scale }, memory, y);
      return;
    }
    const found = sumErrors(operands, rowSums(rows, columns), start);
    if (format.kind === 'integer') addScaling(found, operands, { values: memory.values(y), columns, per: format.per });
    errors.set(found);
  },
  kron(call, { memory, weights }) {
    const [x, xErrors] = [memory.values(call.x), memory.errors(call.x)];
    const [values, errors] = [memory.values(call.y), memory.errors(call.y)];
    for (const { b, c, y } of kroneckerGates(call, { b: weights.matrix(call.b), c: weights.matrix(call.c) })) {
      const [first, second] = call.order === 'b-first' ? [b, c] : [c, b];
      const from = { factors: first, values: x, errors: xErrors };
      const sums = intermediateSums(call);
      const t = { factors: second, values: product(first, x, sums), errors: sumErrors(from, sums) };
      const start = { values: values.subarray(y), errors: errors.subarray(y) };
      errors.set(sumErrors(t, resultSums(call), start), y);
    }
  },
  gemm(call, { memory, weights }) {
    const { w, x, y, mode } = call;
    const operands = { factors: weights.matrix(w), values: memory.values(x), errors: memory.errors(x) };
    const errors = memory.errors(y);
    const format = formatOf(weights.layout(w));
    if (call.codes !== undefined && format.kind === 'integer') {
      alongErrors(operands, { ...call, per: format.per, scale: memory.scales.get(call.codes.id) }, memory, y);
      return;
    }
    const start = mode === 'add' ? { values: memory.values(y), errors } : undefined;
    errors.set(sumErrors(operands, axisSums(call), start));
  },
  circulant(call, { memory, weights }) {
    const factors = circulantMatrix(weights.matrix(call.w), call);
    const operands = { factors, values: memory.values(call.x), errors: memory.errors(call.x) };
    const errors = memory.errors(call.y);
    errors.set(sumErrors(operands, rowSums(call.rows, call.columns), { values: memory.values(call.y), errors }));
  },
  spectral(call, execution) {
    execution.memory.errors(call.y).set(spectralErrors(call, execution));
  },
  sparse: (call, execution) =>
    call.codes === undefined ? entryErrors(call, call.block, execution) : sparseIntegerErrors(call, execution),
  sliced: (call, execution) => entryErrors(call, single, execution),
  mix({ w, rows, columns, x, y, mode }, { memory, weights }) {
    const factors = turned(weights.matrix(w), rows, columns);
    const operands = { factors, values: memory.values(x), errors: memory.errors(x) };
    const errors = memory.errors(y);
    const start = mode === 'add' ? { values: memory.values(y), errors } : undefined;
    errors.set(sumErrors(operands, rowSums(columns, rows), start));
  },
  bias({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  clear({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  copy({ x, y }, { memory }) {
    memory.errors(y).set(memory.errors(x));
  },
  embed({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  embedSparse({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  lstmCell({ z, c, cNext, h }, { memory, activationError }) {
    const [gates, from] = [boundedOf(memory, z), boundedOf(memory, c)];
    const [cErrors, hErrors] = [memory.errors(cNext), memory.errors(h)];
    const n = c.size;
    for (let j = 0; j < n; j++) {
      const unit = [0, 1, 2, 3].map((gate) => gates(gate * n + j));
      const result = lstmBounds(unit, from(j), activationError);
      cErrors[j] = result.cNext;
      hErrors[j] = result.h;
    }
  },
  add({ x, y }, { memory }) {
    const [from, to] = [boundedOf(memory, x), boundedOf(memory, y)];
    const errors = memory.errors(y);
    for (let i = 0; i < errors.length; i++) errors[i] = sumBound(to(i), from(i));
  },
  gate({ z, x, y, mode }, { memory, activationError }) {
    const [gates, from, to] = [boundedOf(memory, z), boundedOf(memory, x), boundedOf(memory, y)];
    const errors = memory.errors(y);
    for (let i = 0; i < errors.length; i++) {
      const passed = gateBound(gates(i), from(i), activationError);
      errors[i] = mode === 'set' ? passed.error : sumBound(to(i), passed);
    }
  },
  runningMax({ x, seen, now, seenNext, next }, { memory }) {
    const [from, largest, to] = [memory.errors(x), memory.errors(now), memory.errors(next)];
    const first = memory.values(seen)[0] === 0;
    // A maximum is off by no more than the worse of the two, and rounds nothing.
    for (let i = 0; i < to.length; i++) to[i] = first ? from[i]! : Math.max(largest[i]!, from[i]!);
    memory.errors(seenNext)[0] = 0;
  },
  gruCell({ update, candidate, h, hNext }, { memory, activationError }) {
    const [updates, candidates, from] = [update, candidate, h].map((buffer) => boundedOf(memory, buffer));
    const errors = memory.errors(hNext);
    for (let i = 0; i < errors.length; i++)
      errors[i] = gruBound(updates!(i), candidates!(i), from!(i), activationError);
  },
  activate({ function: name, x }, { memory, activationError }) {
    const [values, errors] = [memory.values(x), memory.errors(x)];
    const error = name === 'relu' ? reach.bind(undefined, activations.relu) : activationError.bind(undefined, name);
    for (let i = 0; i < errors.length; i++) errors[i] = error(values[i]!, errors[i]!);
  },
};

/** Runs calls in double, and keeps the error bound of every value: with forms the tighter of both. */
export function executeBounded(calls: readonly KernelCall[], execution: Execution, forms?: ErrorForms): void {
  for (const call of calls) {
    const cell = forms?.cell(call, execution);
    (bounds[call.kind] as (call: KernelCall, execution: Execution) => void)(call, execution);
    forms?.follow(call, execution, cell);
    execute(call, execution);
  }
}
