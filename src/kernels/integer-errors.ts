/**
 * Error bounds of integer products: sums of codes are exact. x is off by its own error and by what its codes leave out;
 * every stored value is rounded once in the reference; a sum, its scale and their product once for each run.
 */
import { area } from '../tensor/blocks.js';
import type { Per } from '../tensor/number-format.js';
import type { CallOf } from './calls.js';
import type { Execution, Memory } from './memory.js';
import type { Buffer } from './planner.js';
import { quantizingErrors, type Vectors, vectorAt } from './quantize.js';
import { formatOf } from './regions.js';
import { entriesOf } from './sparse-entries.js';
import { flushed, type Operands, unitRoundoff } from './sum-errors.js';

interface Row {
  /** What a row is added to, with its error, both at least 0. */
  readonly begin: number;
  readonly error: number;
  /** Sum of |w| times how far x and its codes may be off, and of |w| times the largest that they may be. */
  readonly pushed: number;
  readonly magnitude: number;
  readonly runs: number;
}

function rowError({ begin, error, pushed, magnitude, runs }: Row): number {
  const rounded = unitRoundoff * (5 * magnitude + runs * (begin + error + 2 * magnitude));
  // A scale below the normal range loses digits, which a sum of 2^31 makes larger.
  return error + pushed + rounded + runs * 2 ** 8 * flushed;
}

interface Shape extends Vectors {
  readonly rows: number;
  readonly per: Per;
  readonly mode: 'set' | 'add';
  /** Of x, where it is calibrated. */
  readonly scale: number | undefined;
}

/** Of W x for every vector of x (before, columns, after), into the errors of y (before, rows, after). */
export function alongErrors(operands: Operands, shape: Shape, memory: Memory, y: Buffer): void {
  const { rows, columns, before, after, per, mode } = shape;
  const [values, errors] = [memory.values(y), memory.errors(y)];
  const runs = per.kind === 'group' ? Math.ceil(columns / per.values) : 1;
  for (let i = 0; i < before * after; i++) {
    const [x, off] = [vectorAt(operands.values, shape, i), vectorAt(operands.errors, shape, i)];
    const left = quantizingErrors(x, off, shape.scale);
    const first = Math.floor(i / after) * rows * after + (i % after);
    for (let row = 0; row < rows; row++) {
      let [pushed, magnitude] = [0, 0];
      for (let k = 0; k < columns; k++) {
        const factor = Math.abs(operands.factors[row * columns + k]!);
        pushed += factor * (off[k]! + left[k]!);
        magnitude += factor * (Math.abs(x[k]!) + off[k]! + left[k]!);
      }
      const at = first + row * after;
      const [begin, error] = mode === 'add' ? [Math.abs(values[at]!), errors[at]!] : [0, 0];
      errors[at] = rowError({ begin, error, pushed, magnitude, runs });
    }
  }
}

/** Of y += S x. */
export function sparseIntegerErrors(call: CallOf<'sparse'>, { memory, weights }: Execution): void {
  const stored = weights.sparse(call.values);
  const format = formatOf(weights.layout(call.values));
  const [x, off] = [memory.values(call.x), memory.errors(call.x)];
  const left = quantizingErrors(x, off, call.codes && memory.scales.get(call.codes.id));
  const [to, errors] = [memory.values(call.y), memory.errors(call.y)];
  const [height] = call.block;
  for (let row = 0; row < call.rows; row++) {
    let [pushed, magnitude] = [0, 0];
    for (const { value, column } of entriesOf(stored, call.block, row)) {
      pushed += Math.abs(value) * (off[column]! + left[column]!);
      magnitude += Math.abs(value) * (Math.abs(x[column]!) + off[column]! + left[column]!);
    }
    const blocks = Math.floor(row / height);
    const values = (stored.starts[blocks + 1]! - stored.starts[blocks]!) * area(call.block);
    const grouped = format.kind === 'integer' && format.per.kind === 'group' ? format.per.values : undefined;
    const runs = grouped === undefined ? 1 : Math.ceil(values / grouped) + 1;
    errors[row] = rowError({ begin: Math.abs(to[row]!), error: errors[row]!, pushed, magnitude, runs });
  }
}
