/**
 * What makes a graph legal. Passes and lowering run it after themselves: a violation is a bug in rnnc, so it ends in
 * `invariant`. Shapes are inferred anew from the operands and compared with what the op claims.
 */
import { invariant } from '../support/assert.js';
import { broadcastShape, formatShape, type Shape, sameShape, size } from '../tensor/shape.js';
import { inferConcat, inferElementwise, inferMatmul, inferSum } from './infer.js';
import { type Graph, type Op, type OpKind, type OpOf, typeOf } from './ops.js';

/** Shape of the result from the operands' shapes, after the attributes were found legal. */
type Rule<K extends OpKind> = (op: OpOf<K>, shapes: readonly Shape[]) => Shape;

interface Row<K extends OpKind> {
  /** Number of operands; undefined for any number from one up. */
  readonly operands: number | undefined;
  /** Which operand holds int32 ids. */
  readonly ids?: number;
  readonly shape: Rule<K>;
}

const own = (op: { readonly shape: Shape }): Shape => op.shape;
const same = { operands: 1, shape: (_: unknown, [a]: readonly Shape[]): Shape => a! };
const elementwise = {
  operands: 2,
  shape: (op: { readonly kind: string }, [a, b]: readonly Shape[]): Shape => inferElementwise(op.kind, a!, b!),
};
const isCount = (x: number): boolean => Number.isInteger(x) && x >= 0;

function requireAxis(kind: string, axis: number, shape: Shape): void {
  invariant(isCount(axis) && axis < shape.length, `${kind} along axis ${axis} of ${formatShape(shape)}`);
}

function requireRows(kind: string, matrix: Shape, ...columns: readonly Shape[]): void {
  const fit = matrix.length === 2 && columns.every((c) => c.length === 1 && c[0] === matrix[0]);
  invariant(fit, `${kind} of ${[matrix, ...columns].map(formatShape).join(' and ')}`);
}

function snap(op: OpOf<'snap'>, [a]: readonly Shape[]): Shape {
  const { levels, run } = op.attrs;
  const legal = isCount(run) && run >= 1 && run <= (a!.at(-1) ?? 0) && isCount(levels) && levels >= 1;
  invariant(legal, `snap of ${formatShape(a!)} to ${levels} levels in runs of ${run}`);
  return a!;
}

function onScales(op: OpOf<'snapTo' | 'snapSlope'>, [a, scales]: readonly Shape[]): Shape {
  const { levels, run } = op.attrs;
  const [rows = 0, columns = 0] = a!;
  const runs = [rows, Math.ceil(columns / run)];
  const legal = a!.length === 2 && isCount(run) && run >= 1 && run <= columns && isCount(levels) && levels >= 1;
  invariant(
    legal && sameShape(scales!, runs),
    `${op.kind} of ${formatShape(a!)} to ${levels} levels in runs of ${run} on ${formatShape(scales!)} scales`,
  );
  return a!;
}

function reshape(op: OpOf<'reshape'>, [a]: readonly Shape[]): Shape {
  invariant(size(a!) === size(op.shape), `reshape of ${formatShape(a!)} to ${formatShape(op.shape)}`);
  return op.shape;
}

function transpose(op: OpOf<'transpose'>, [a]: readonly Shape[]): Shape {
  const { permutation } = op.attrs;
  const axes = [...permutation].sort((x, y) => x - y);
  invariant(
    axes.length === a!.length && axes.every((axis, i) => axis === i),
    `transpose of ${formatShape(a!)} by ${permutation.join(',')}`,
  );
  return permutation.map((p) => a![p]!);
}

function broadcast(op: OpOf<'broadcast'>, [a]: readonly Shape[]): Shape {
  const result = broadcastShape(a!, op.shape);
  invariant(
    result !== undefined && sameShape(result, op.shape),
    `broadcast of ${formatShape(a!)} to ${formatShape(op.shape)}`,
  );
  return result;
}

function slice(op: OpOf<'slice'>, [a]: readonly Shape[]): Shape {
  const { axis, start } = op.attrs;
  requireAxis('slice', axis, a!);
  const count = op.shape[axis] ?? 0;
  invariant(
    isCount(start) && start + count <= a![axis]!,
    `slice ${start}+${count} of ${formatShape(a!)} along ${axis}`,
  );
  return a!.map((d, i) => (i === axis ? count : d));
}

function pad(op: OpOf<'pad'>, [a]: readonly Shape[]): Shape {
  const { axis, before } = op.attrs;
  requireAxis('pad', axis, a!);
  const total = op.shape[axis] ?? 0;
  invariant(isCount(before) && before + a![axis]! <= total, `pad of ${formatShape(a!)} along ${axis} to ${total}`);
  return a!.map((d, i) => (i === axis ? total : d));
}

function concat(op: OpOf<'concat'>, shapes: readonly Shape[]): Shape {
  requireAxis('concat', op.attrs.axis, shapes[0]!);
  return inferConcat(shapes, op.attrs.axis);
}

function sum(op: OpOf<'sum'>, [a]: readonly Shape[]): Shape {
  for (const axis of op.attrs.axes) requireAxis('sum', axis, a!);
  return inferSum(a!, op.attrs.axes, op.attrs.keep);
}

function gather(op: OpOf<'gather'>, [table, ids]: readonly Shape[]): Shape {
  invariant(table!.length === 2 && ids!.length === 1, `${op.kind} of ${formatShape(table!)} by ${formatShape(ids!)}`);
  return [ids![0]!, table![1]!];
}

function scatter(op: OpOf<'scatter'>, [ids, updates]: readonly Shape[]): Shape {
  requireRows('scatter', updates!, ids!);
  return [op.shape[0] ?? 0, updates![1]!];
}

function softmax(_: unknown, [a]: readonly Shape[]): Shape {
  invariant(a!.length > 0, 'softmax of a scalar');
  return a!;
}

function crossEntropy(op: OpOf<'crossEntropy'>, [logits, ids]: readonly Shape[]): Shape {
  requireRows(op.kind, logits!, ids!);
  return ids!;
}

function crossEntropyGradient(op: OpOf<'crossEntropyGradient'>, [logits, ids, dy]: readonly Shape[]): Shape {
  requireRows(op.kind, logits!, ids!, dy!);
  return logits!;
}

const rows: { readonly [K in OpKind]: Row<K> } = {
  input: { operands: 0, shape: own },
  constant: { operands: 0, shape: own },
  matmul: {
    operands: 2,
    shape: (op, [a, b]) => inferMatmul(a!, b!, op.attrs.transposeA, op.attrs.transposeB),
  },
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  max: elementwise,
  neg: same,
  exp: same,
  log: same,
  sqrt: same,
  abs: same,
  tanh: same,
  sigmoid: same,
  relu: same,
  step: same,
  sign: same,
  snap: { operands: 1, shape: snap },
  snapTo: { operands: 2, shape: onScales },
  snapSlope: { operands: 2, shape: onScales },
  reshape: { operands: 1, shape: reshape },
  transpose: { operands: 1, shape: transpose },
  broadcast: { operands: 1, shape: broadcast },
  concat: { operands: undefined, shape: concat },
  slice: { operands: 1, shape: slice },
  pad: { operands: 1, shape: pad },
  sum: { operands: 1, shape: sum },
  gather: { operands: 2, ids: 1, shape: gather },
  scatter: { operands: 2, ids: 0, shape: scatter },
  softmax: { operands: 1, shape: softmax },
  crossEntropy: { operands: 2, ids: 1, shape: crossEntropy },
  crossEntropyGradient: { operands: 3, ids: 1, shape: crossEntropyGradient },
};

function verifyOp(ops: readonly Op[], op: Op, v: number): void {
  const what = `%${v} = ${op.kind}`;
  const row = rows[op.kind] as Row<OpKind>;
  invariant(
    row.operands === undefined ? op.inputs.length > 0 : op.inputs.length === row.operands,
    `${what} has ${op.inputs.length} operands`,
  );
  op.inputs.forEach((i, at) => {
    invariant(isCount(i) && i < v, `${what} points at %${i}, which is not before it`);
    const type = at === row.ids ? 'int32' : 'float32';
    invariant(typeOf(ops[i]!) === type, `${what}: operand ${at} (%${i}) must be ${type}`);
  });
  invariant(
    op.shape.every((d) => isCount(d) && d > 0),
    `${what} has an empty axis: ${formatShape(op.shape)}`,
  );
  const shape = row.shape(
    op as OpOf<OpKind>,
    op.inputs.map((i) => ops[i]!.shape),
  );
  invariant(
    sameShape(shape, op.shape),
    `${what} claims ${formatShape(op.shape)}, its operands give ${formatShape(shape)}`,
  );
}

/** Throws unless `graph` is legal: backward operands, matching shapes and types, unique input names, real outputs. */
export function verifyGraph(graph: Graph): void {
  const names = new Set<string>();
  graph.ops.forEach((op, v) => {
    verifyOp(graph.ops, op, v);
    if (op.kind !== 'input') return;
    invariant(!names.has(op.attrs.name), `%${v} is a second input named ${op.attrs.name}`);
    names.add(op.attrs.name);
  });
  for (const [name, v] of Object.entries(graph.outputs)) {
    invariant(isCount(v) && v < graph.ops.length, `output ${name} is %${v}, which does not exist`);
  }
}
