/**
 * How far float32 programs may be from the reference: a bound beside every value, pushed through every call.
 * A sum of products is followed term by term, so its bound grows with the partial sums that occur; it never exceeds
 * (n + 8) u sum |w| |x| by more than what its inputs bring. Activations push errors through their Lipschitz constants
 * and add their own stated bound.
 */
import type { CallKind, CallOf, KernelCall } from './calls.js';
import type { Execution } from './memory.js';
import { execute } from './reference.js';
import { flushed, sumErrors, unitRoundoff } from './sum-errors.js';
import { intermediateSums, product, resultSums, rowSums } from './sums.js';

/** How sigmoid and tanh are computed: by the C library, or by polynomials of stated error. */
export type ActivationMode = 'exact' | 'std' | 'fast';

/**
 * Largest absolute error of one sigmoid or tanh over all floats. `exact`: expf within one unit in the last place and
 * two roundings, tanhf within two units, so 4 u.
 */
export const activationBound = (mode: ActivationMode): number =>
  ({ exact: 4 * unitRoundoff, std: 4e-7, fast: 1e-4 })[mode];

/** What rounding adds to a sum of `terms` products whose magnitudes add up to `magnitude`. */
const rounding = (terms: number, magnitude: number): number =>
  (terms + 8) * unitRoundoff * magnitude + 2 * (terms + 1) * flushed;

/** The bound of one sigmoid or tanh whose argument is off by up to `error`, with the function's Lipschitz constant. */
const activated = (error: number, lipschitz: number, bound: number): number => Math.min(lipschitz * error, 2) + bound;

/** cNext = f c + i g and h = o tanh(cNext) for one unit: their bounds. */
function cellBounds(
  z: { readonly values: readonly number[]; readonly errors: readonly number[] },
  c: { readonly value: number; readonly error: number },
  bound: number,
): { readonly cNext: number; readonly h: number } {
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const [i, f, o] = [0, 1, 3].map((gate) => sigmoid(z.values[gate]!)) as [number, number, number];
  const [ei, ef, eo] = [0, 1, 3].map((gate) => activated(z.errors[gate]!, 1 / 4, bound)) as [number, number, number];
  const g = Math.tanh(z.values[2]!);
  const eg = activated(z.errors[2]!, 1, bound);
  const magnitude = (f + ef) * (Math.abs(c.value) + c.error) + (i + ei) * (Math.abs(g) + eg);
  const cNext =
    f * c.error + (Math.abs(c.value) + c.error) * ef + i * eg + (Math.abs(g) + eg) * ei + 3 * unitRoundoff * magnitude;
  const t = Math.tanh(f * c.value + i * g);
  const et = activated(cNext, 1, bound);
  const h = (Math.abs(t) + et) * eo + o * et + 2 * unitRoundoff * (o + eo) * (Math.abs(t) + et);
  return { cNext: cNext + 4 * flushed, h: h + 2 * flushed };
}

/** Each row is called before its reference kernel, while y still holds what is added to. */
const bounds: { readonly [K in CallKind]: (call: CallOf<K>, execution: Execution) => void } = {
  gemv({ w, rows, columns, x, y, mode }, { memory, weights }) {
    const operands = { factors: weights.matrix(w), values: memory.values(x), errors: memory.errors(x) };
    const errors = memory.errors(y);
    const start = mode === 'add' ? { values: memory.values(y), errors } : undefined;
    errors.set(sumErrors(operands, rowSums(rows, columns), start));
  },
  kron(call, { memory, weights }) {
    const [b, c] = [weights.matrix(call.b), weights.matrix(call.c)];
    const [first, second] = call.order === 'b-first' ? [b, c] : [c, b];
    const from = { factors: first, values: memory.values(call.x), errors: memory.errors(call.x) };
    const sums = intermediateSums(call);
    const t = { factors: second, values: product(first, from.values, sums), errors: sumErrors(from, sums) };
    const errors = memory.errors(call.y);
    errors.set(sumErrors(t, resultSums(call), { values: memory.values(call.y), errors }));
  },
  sparse({ values, rows, x, y }, { memory, weights }) {
    const stored = weights.sparse(values);
    const [from, fromErrors] = [memory.values(x), memory.errors(x)];
    const [to, errors] = [memory.values(y), memory.errors(y)];
    for (let row = 0; row < rows; row++) {
      const [start, end] = [stored.starts[row]!, stored.starts[row + 1]!];
      let magnitude = Math.abs(to[row]!) + errors[row]!;
      for (let k = start; k < end; k++) {
        const column = stored.indices[k]!;
        magnitude += Math.abs(stored.values[k]!) * (Math.abs(from[column]!) + fromErrors[column]!);
        errors[row]! += Math.abs(stored.values[k]!) * fromErrors[column]!;
      }
      errors[row]! += rounding(end - start, magnitude);
    }
  },
  bias({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  copy({ x, y }, { memory }) {
    memory.errors(y).set(memory.errors(x));
  },
  embed({ y }, { memory }) {
    memory.errors(y).fill(0);
  },
  lstmCell({ z, c, cNext, h }, { memory, activationBound: bound }) {
    const [values, errors] = [memory.values(z), memory.errors(z)];
    const [from, fromErrors] = [memory.values(c), memory.errors(c)];
    const [cErrors, hErrors] = [memory.errors(cNext), memory.errors(h)];
    const n = from.length;
    const gates = [0, 1, 2, 3];
    for (let j = 0; j < n; j++) {
      const unit = { values: gates.map((k) => values[k * n + j]!), errors: gates.map((k) => errors[k * n + j]!) };
      const result = cellBounds(unit, { value: from[j]!, error: fromErrors[j]! }, bound);
      cErrors[j] = result.cNext;
      hErrors[j] = result.h;
    }
  },
  activate({ function: name, x }, { memory, activationBound: bound }) {
    if (name === 'relu') return;
    const errors = memory.errors(x);
    for (let i = 0; i < errors.length; i++) errors[i] = activated(errors[i]!, name === 'sigmoid' ? 1 / 4 : 1, bound);
  },
};

/** Runs calls in double, and keeps the error bound of every value. */
export function executeBounded(calls: readonly KernelCall[], execution: Execution): void {
  for (const call of calls) {
    (bounds[call.kind] as (call: KernelCall, execution: Execution) => void)(call, execution);
    execute(call, execution);
  }
}
