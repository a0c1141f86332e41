/**
 * What the tests of methods share: calls as the parser would make them, random tensors, and a slow interpreter of
 * planned kernel calls. Never used by the compiler.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { type Buffer, type MatrixRef, type Planner, part } from '../kernels/planner.js';
import { defined } from '../support/assert.js';
import type { Argument, Call, Expression } from '../syntax/ast.js';
import { area, single, spreadBlocks } from '../tensor/blocks.js';
import { transposed } from '../tensor/linear-algebra.js';
import { fillUniform, streamKey, uniformAt } from '../tensor/random.js';
import { formatShape, size } from '../tensor/shape.js';
import type { Matrix, MethodUse, Site, Weight } from './method.js';
import { findMethod } from './methods.js';
import { parameterCount } from './parameters.js';

/** An argument: an integer, a word, a shape, a percent or a list. */
export type Written =
  | number
  | string
  | readonly number[]
  | { readonly percent: number }
  | { readonly list: readonly Written[] };

function textOf(value: Written): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  if ('list' in value) return `[${value.list.map(textOf).join(', ')}]`;
  return 'percent' in value ? `${value.percent}%` : formatShape(value);
}

function expressionOf(value: Written, span: Span): Expression {
  const text = textOf(value);
  if (typeof value === 'number') return { kind: 'number', value, integer: Number.isInteger(value), text, span };
  if (typeof value === 'string') return { kind: 'name', text, span };
  if ('list' in value) return { kind: 'list', items: value.list.map((item) => expressionOf(item, span)), span };
  if ('percent' in value) return { kind: 'percent', value: value.percent / 100, text, span };
  return { kind: 'shape', dimensions: value, text, span };
}

/** `lmf(r=3)` as the parser would give it, all arguments named. */
export function callOf(callee: string, given: Readonly<Record<string, Written>>): Call {
  const written = Object.entries(given).map(([name, value]) => ({ name, value, text: `${name}=${textOf(value)}` }));
  const source = { path: 'test.cmp', text: `${callee}(${written.map((w) => w.text).join(', ')})` };
  const spanOf = (start: number, length: number): Span => ({ source, start, end: start + length });
  let at = callee.length + 1;
  const args = written.map(({ name, value, text }): Argument => {
    const start = at;
    at += text.length + 2;
    const valueSpan = spanOf(start + name.length + 1, text.length - name.length - 1);
    return {
      kind: 'argument',
      name: { kind: 'name', text: name, span: spanOf(start, name.length) },
      value: expressionOf(value, valueSpan),
      span: spanOf(start, text.length),
    };
  });
  const name = { kind: 'name', text: callee, span: spanOf(0, callee.length) } as const;
  return { kind: 'call', callee: name, args, span: spanOf(0, source.text.length) };
}

export interface Outcome {
  readonly use: MethodUse | undefined;
  readonly weight: Weight | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** `method` on a matrix, and all that was reported. */
export function tryMethod(
  name: string,
  given: Readonly<Record<string, Written>>,
  matrix: Matrix,
  layerKind = 'lstm',
): Outcome {
  const diagnostics: Diagnostic[] = [];
  const report = (d: Diagnostic): void => {
    diagnostics.push(d);
  };
  const call = callOf(name, given);
  const use = defined(findMethod(name), name).use(call, new Map(), report);
  const site: Site = { layerKind, path: 'rnn1', span: call.span };
  return { use, weight: use?.bind(matrix, site, report), diagnostics };
}

/** `method` on a matrix that it fits. */
export function weightOf(name: string, given: Readonly<Record<string, Written>>, matrix: Matrix): Weight {
  const { weight, diagnostics } = tryMethod(name, given, matrix);
  return defined(weight, `${name}: ${diagnostics.map((d) => d.message).join('; ')}`);
}

/** The weight with most parameters among those that store at most `most`, by the method's dial. */
export function largestWithin(
  name: string,
  given: Readonly<Record<string, Written>>,
  matrix: Matrix,
  most: number,
): Weight | undefined {
  const { use } = tryMethod(name, given, matrix);
  const site: Site = { layerKind: 'lstm', path: 'rnn1', span: callOf(name, given).span };
  const dial = defined(
    use?.dial?.(matrix, site, () => {}),
    `dial of ${name}`,
  );
  for (let setting = dial.most; setting >= dial.least; setting--) {
    const weight = dial.at(setting);
    if (parameterCount(weight, 0) <= most) return weight;
  }
  return undefined;
}

export const matrixOf = (gates: number, rows: number, ...columns: readonly number[]): Matrix => ({
  gates,
  shape: [rows, columns.reduce((sum, c) => sum + c, 0)],
  columns,
});

/** A table whose rows are looked up. */
export const tableOf = (rows: number, columns: number): Matrix => ({ ...matrixOf(1, rows, columns), lookup: true });

export function draw(length: number, purpose: string): Float64Array {
  const values = new Float64Array(length);
  fillUniform(values, 1, streamKey(11, purpose));
  return values;
}

/** Random values of all tensors; of masked ones about half are zero. */
export function randomValues(weight: Weight, purpose = 'values'): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(weight.tensors).map(([name, { shape, masked, block = single }]) => {
      const key = streamKey(12, `${purpose} ${name}`);
      const values = draw(size(shape), `${purpose} ${weight.method} ${name}`);
      if (!masked) return [name, values];
      const stays = new Float32Array(values.length / area(block)).map((_, i) => (uniformAt(key, i) < 0.5 ? 0 : 1));
      const mask = spreadBlocks(stays, shape.at(-1)!, block);
      return [name, values.map((v, i) => (mask[i] === 0 ? 0 : v))];
    }),
  );
}

/** W x for x (count, columns) and W (rows, columns), all gates: (count, rows). */
export function productOf(w: Float64Array, x: Float64Array, columns: number): Float64Array {
  const rows = w.length / columns;
  const y = new Float64Array((x.length / columns) * rows);
  for (let s = 0; s < x.length / columns; s++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) y[s * rows + i]! += w[i * columns + j]! * x[s * columns + j]!;
    }
  }
  return y;
}

/** What an interpreted plan works on: its buffers by id, and the matrices that its calls name. */
class PlanMemory {
  readonly buffers: Float64Array[];
  private readonly values: Readonly<Record<string, Float64Array>>;

  constructor(values: Readonly<Record<string, Float64Array>>, buffers: readonly Float64Array[]) {
    this.values = values;
    this.buffers = [...buffers];
  }
  view({ id, offset, size: length }: Buffer): Float64Array {
    return this.buffers[id]!.subarray(offset, offset + length);
  }
  matrix(r: MatrixRef): Float64Array {
    return this.values[r.tensor.slice('rnn1.'.length)]!.subarray(r.offset, r.offset + r.rows * r.columns);
  }
  add(y: Buffer, product: Float64Array): void {
    const target = this.view(y);
    if (target.length !== product.length) throw new Error(`${product.length} values into ${target.length}`);
    product.forEach((v, i) => {
      target[i]! += v;
    });
  }
}

/** W x for circulant blocks, element by element. */
function circulantProduct(
  memory: PlanMemory,
  v: MatrixRef,
  block: number,
  { x, rows }: { readonly x: Buffer; readonly rows: number },
): Float64Array {
  const columns = memory.matrix(v);
  return new Float64Array(rows).map((_, i) =>
    memory.view(x).reduce((sum, value, j) => {
      const first = Math.floor(i / block) * v.columns + Math.floor(j / block) * block;
      return sum + columns[first + (((i % block) - (j % block) + block) % block)]! * value;
    }, 0),
  );
}

/** (B (x) C) x of every gate, one element of B after the other. */
const kroneckerOf =
  (memory: PlanMemory): Planner['kron'] =>
  (b, c, from, { count, apart, y }) => {
    const [rows, height] = [b.rows / count, c.rows / count];
    for (let i1 = 0; i1 < b.rows; i1++) {
      const gate = Math.floor(i1 / rows);
      const own = memory.matrix(c).subarray(gate * height * c.columns, (gate + 1) * height * c.columns);
      for (let j1 = 0; j1 < b.columns; j1++) {
        const scaled = own.map((v) => v * memory.matrix(b)[i1 * b.columns + j1]!);
        const share = productOf(scaled, memory.view(part(from, j1 * c.columns, c.columns)), c.columns);
        memory.add(part(y, gate * apart + (i1 % rows) * height, height), share);
      }
    }
  };

/** A planner that does at once, in doubles, what it is asked for; lookups give row `id`. */
function interpreter(memory: PlanMemory, id = 0): Planner {
  const gemv: Planner['gemv'] = (w, from, y, mode) => {
    if (from.size !== w.columns) throw new Error(`${from.size} values into ${w.columns} columns`);
    if (mode === 'set') memory.view(y).fill(0);
    memory.add(y, productOf(memory.matrix(w), memory.view(from), w.columns));
  };
  return {
    scratch: (length) => {
      const id = memory.buffers.push(new Float64Array(length).fill(Number.NaN)) - 1;
      return { id, offset: 0, size: length };
    },
    gemv,
    kron: kroneckerOf(memory),
    add: (from, y) => memory.add(y, memory.view(from).slice()),
    gemm: (w, from, y, { before, after, mode }) => {
      if (mode === 'set') memory.view(y).fill(0);
      for (let p = 0; p < before; p++) {
        const x = memory.view(part(from, p * w.columns * after, w.columns * after));
        // Columns of x[p] as rows, so that each is one sample.
        const product = productOf(memory.matrix(w), transposed(x, w.columns, after), w.columns);
        memory.add(part(y, p * w.rows * after, w.rows * after), transposed(product, after, w.rows));
      }
    },
    circulant: (v, block, from, { count, apart, y }) => {
      const rows = y.size - (count - 1) * apart;
      for (let gate = 0; gate < count; gate++) {
        const own = { ...v, offset: (gate * v.rows * v.columns) / count, rows: v.rows / count };
        memory.add(part(y, gate * apart, rows), circulantProduct(memory, own, block, { x: from, rows }));
      }
    },
    sparse: (s, from, y) => gemv(s, from, y, 'add'),
    mix: (v, from, y, mode) => {
      if (mode === 'set') memory.view(y).fill(0);
      memory.add(y, productOf(transposed(memory.matrix(v), v.rows, v.columns), memory.view(from), v.rows));
    },
    embed: (table, _, first, y) => memory.view(y).set(rowOf(memory, table, id - first)),
    embedSparse: (s, _, y) => memory.view(y).set(rowOf(memory, s, id)),
  };
}

/** Zeros where a table has no such row. */
const rowOf = (memory: PlanMemory, table: MatrixRef, row: number): Float64Array =>
  row < 0 || row >= table.rows
    ? new Float64Array(table.columns)
    : memory.matrix(table).slice(row * table.columns, (row + 1) * table.columns);

/** Runs a weight's plan on x in doubles and gives y, which starts at `start`. */
export function runPlan(
  weight: Weight,
  values: Readonly<Record<string, Float64Array>>,
  x: Float64Array,
  start: Float64Array,
): Float64Array {
  const memory = new PlanMemory(values, [x.slice(), start.slice()]);
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, `rnn1.${name}`]));
  const whole = (id: number): Buffer => ({ id, offset: 0, size: memory.buffers[id]!.length });
  weight.plan(interpreter(memory), whole(0), whole(1), paths);
  return memory.buffers[1]!;
}

/** Runs a table's plan for row `id` in doubles. */
export function runLookup(weight: Weight, values: Readonly<Record<string, Float64Array>>, id: number): Float64Array {
  const [rows, columns] = weight.matrix.shape;
  const memory = new PlanMemory(values, [new Float64Array(columns).fill(Number.NaN)]);
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, `rnn1.${name}`]));
  const y: Buffer = { id: 0, offset: 0, size: columns };
  defined(weight.lookup, 'lookup').plan(interpreter(memory, id), { input: 'ids', count: rows }, y, paths);
  return memory.buffers[0]!;
}
