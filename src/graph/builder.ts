/** Writes a graph op by op. Shapes are inferred as it goes, so a finished graph is total. */
import { invariant } from '../support/assert.js';
import { broadcastShape, formatShape, type Shape, sameShape, size } from '../tensor/shape.js';
import type { DataType } from '../tensor/tensor.js';
import { inferConcat, inferElementwise, inferMatmul, inferSum } from './infer.js';
import type { Graph, Op, OpAttrs, OpKind, Value } from './ops.js';

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'max';
type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'tanh' | 'sigmoid' | 'relu' | 'step' | 'sign' | 'softmax';

export class Builder {
  readonly ops: Op[] = [];

  shape(v: Value): Shape {
    const op = this.ops[v];
    invariant(op !== undefined, `value ${v} does not exist`);
    return op.shape;
  }

  /** Appends an op whose shape the caller has inferred. */
  push<K extends OpKind>(kind: K, inputs: readonly Value[], attrs: OpAttrs[K], shape: Shape): Value {
    invariant(
      inputs.every((i) => i >= 0 && i < this.ops.length),
      `${kind} points at a value that does not exist`,
    );
    return this.ops.push({ kind, inputs, attrs, shape } as unknown as Op) - 1;
  }

  input(name: string, shape: Shape, type: DataType = 'float32'): Value {
    return this.push('input', [], { name, type }, shape);
  }
  constant(value: number, shape: Shape = []): Value {
    return this.push('constant', [], { value }, shape);
  }

  /** Rank >= 2; leading axes broadcast. */
  matmul(a: Value, b: Value, options: { transposeA?: boolean; transposeB?: boolean } = {}): Value {
    const { transposeA = false, transposeB = false } = options;
    const shape = inferMatmul(this.shape(a), this.shape(b), transposeA, transposeB);
    return this.push('matmul', [a, b], { transposeA, transposeB }, shape);
  }

  private binary(kind: Binary, a: Value, b: Value): Value {
    return this.push(kind, [a, b], {}, inferElementwise(kind, this.shape(a), this.shape(b)));
  }
  add = (a: Value, b: Value): Value => this.binary('add', a, b);
  sub = (a: Value, b: Value): Value => this.binary('sub', a, b);
  mul = (a: Value, b: Value): Value => this.binary('mul', a, b);
  div = (a: Value, b: Value): Value => this.binary('div', a, b);
  max = (a: Value, b: Value): Value => this.binary('max', a, b);

  private unary(kind: Unary, a: Value): Value {
    return this.push(kind, [a], {}, this.shape(a));
  }
  neg = (a: Value): Value => this.unary('neg', a);
  exp = (a: Value): Value => this.unary('exp', a);
  log = (a: Value): Value => this.unary('log', a);
  sqrt = (a: Value): Value => this.unary('sqrt', a);
  abs = (a: Value): Value => this.unary('abs', a);
  tanh = (a: Value): Value => this.unary('tanh', a);
  sigmoid = (a: Value): Value => this.unary('sigmoid', a);
  relu = (a: Value): Value => this.unary('relu', a);
  step = (a: Value): Value => this.unary('step', a);
  sign = (a: Value): Value => this.unary('sign', a);
  /** Over the last axis. */
  softmax = (a: Value): Value => this.unary('softmax', a);

  /** Every run of `run` values along the last axis on its grid of -levels to levels. */
  snap(a: Value, levels: number, run: number): Value {
    const shape = this.shape(a);
    const last = shape.at(-1) ?? 0;
    invariant(run >= 1 && run <= last && levels >= 1, `snap of ${formatShape(shape)} in runs of ${run}`);
    return this.push('snap', [a], { levels, run }, shape);
  }

  /** Every run of `run` values of a row on the grid of its scale. */
  snapTo = (a: Value, scales: Value, levels: number, run: number): Value =>
    this.push('snapTo', [a, scales], { levels, run }, this.shape(a));

  /** How `snapTo` grows with the scales. */
  snapSlope = (a: Value, scales: Value, levels: number, run: number): Value =>
    this.push('snapSlope', [a, scales], { levels, run }, this.shape(a));

  reshape(a: Value, shape: Shape): Value {
    if (sameShape(this.shape(a), shape)) return a;
    invariant(size(this.shape(a)) === size(shape), `reshape of ${formatShape(this.shape(a))} to ${formatShape(shape)}`);
    return this.push('reshape', [a], {}, shape);
  }
  transpose(a: Value, permutation: readonly number[]): Value {
    const shape = this.shape(a);
    invariant(
      permutation.length === shape.length && new Set(permutation).size === shape.length,
      `transpose of ${formatShape(shape)} by ${permutation.join(',')}`,
    );
    return this.push(
      'transpose',
      [a],
      { permutation },
      permutation.map((p) => shape[p]!),
    );
  }
  broadcast(a: Value, shape: Shape): Value {
    if (sameShape(this.shape(a), shape)) return a;
    const result = broadcastShape(this.shape(a), shape);
    invariant(
      result !== undefined && sameShape(result, shape),
      `broadcast of ${formatShape(this.shape(a))} to ${formatShape(shape)}`,
    );
    return this.push('broadcast', [a], {}, shape);
  }
  concat(values: readonly Value[], axis: number): Value {
    if (values.length === 1) return values[0]!;
    return this.push(
      'concat',
      values,
      { axis },
      inferConcat(
        values.map((v) => this.shape(v)),
        axis,
      ),
    );
  }
  slice(a: Value, axis: number, start: number, count: number): Value {
    const shape = this.shape(a);
    invariant(
      start >= 0 && count > 0 && start + count <= shape[axis]!,
      `slice ${start}+${count} of ${formatShape(shape)} along ${axis}`,
    );
    if (count === shape[axis]) return a;
    return this.push(
      'slice',
      [a],
      { axis, start },
      shape.map((d, i) => (i === axis ? count : d)),
    );
  }
  /** Zeros so that `axis` has `total` elements, `before` of them in front. */
  pad(a: Value, axis: number, before: number, total: number): Value {
    const shape = this.shape(a);
    invariant(before >= 0 && before + shape[axis]! <= total, `pad of ${formatShape(shape)} along ${axis} to ${total}`);
    if (total === shape[axis]) return a;
    return this.push(
      'pad',
      [a],
      { axis, before },
      shape.map((d, i) => (i === axis ? total : d)),
    );
  }
  /** Equal parts along an axis. */
  split(a: Value, axis: number, parts: number): readonly Value[] {
    const extent = this.shape(a)[axis]! / parts;
    invariant(Number.isInteger(extent), `split of ${formatShape(this.shape(a))} into ${parts}`);
    return Array.from({ length: parts }, (_, i) => this.slice(a, axis, i * extent, extent));
  }
  /** Over `axes` (all when left out). */
  sum(a: Value, axes?: readonly number[], keep = false): Value {
    const shape = this.shape(a);
    const over = axes ?? shape.map((_, i) => i);
    if (over.length === 0) return a;
    return this.push('sum', [a], { axes: over, keep }, inferSum(shape, over, keep));
  }

  /** table (rows, width), ids (n) -> (n, width). */
  gather(table: Value, ids: Value): Value {
    return this.push('gather', [table, ids], {}, [...this.shape(ids), this.shape(table)[1]!]);
  }
  /** ids (n), updates (n, width) -> (rows, width). */
  scatter(ids: Value, updates: Value, rows: number): Value {
    return this.push('scatter', [ids, updates], {}, [rows, this.shape(updates)[1]!]);
  }
  /** logits (n, classes), ids (n) -> (n), in nats. */
  crossEntropy(logits: Value, ids: Value): Value {
    return this.push('crossEntropy', [logits, ids], {}, this.shape(ids));
  }
  crossEntropyGradient(logits: Value, ids: Value, dy: Value): Value {
    return this.push('crossEntropyGradient', [logits, ids, dy], {}, this.shape(logits));
  }

  finish(outputs: Readonly<Record<string, Value>>): Graph {
    return { ops: this.ops, outputs };
  }
}
