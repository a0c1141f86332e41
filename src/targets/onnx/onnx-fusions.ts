/**
 * Ops that ONNX computes in one node with the op that reads them: a product with the sum it is added to (`Gemm`),
 * squares with their sum (`ReduceSumSquare`), and gradients of few rows with the update of those rows. Found before
 * anything is written; only where nothing else reads them.
 */
import type { Op, OpOf, Value } from '../../graph/ops.js';
import { broadcastShape, sameShape, size } from '../../tensor/shape.js';
import { findRowUpdates } from './onnx-rows.js';
import type { OnnxWriter } from './onnx-writer.js';

/** Elements from which spreading a smaller addend over the result first, in one thread, costs more than an `Add`. */
const largeResult = 2 ** 20;

/** Whether a value is written in a form for distinct ids. */
const hasFormPerId = ({ distinct }: OnnxWriter, value: Value): boolean =>
  distinct.perId.has(value) || distinct.sums.has(value) || distinct.contracted.has(value);

/** The matmul of this add that a Gemm can take over: nothing else reads it and the other operand broadcasts to it. */
function fusableMatmul(w: OnnxWriter, op: OpOf<'add'>): Value | undefined {
  const [a, b] = op.inputs as [Value, Value];
  const candidates: readonly (readonly [Value, Value])[] = [
    [b, a],
    [a, b],
  ];
  const found = candidates.find(([product, addend]) => {
    if (hasFormPerId(w, product)) return false;
    const matmul = w.onlyReader(product, 'matmul');
    return (
      matmul?.inputs.every((i) => w.shape(i).length === 2) === true &&
      sameShape(matmul.shape, op.shape) &&
      w.shape(addend).length <= 2 &&
      (size(op.shape) < largeResult || sameShape(w.shape(addend), op.shape)) &&
      broadcastShape(w.shape(addend), op.shape) !== undefined
    );
  });
  return found?.[0];
}

/** The values whose squares this sum adds up completely, when it adds up nothing else. */
export function squaredBy(w: OnnxWriter, op: OpOf<'sum'>): readonly Value[] | undefined {
  return size(op.shape) === 1 ? squaresIn(w, op.inputs[0]!) : undefined;
}

function squaresIn(w: OnnxWriter, value: Value): readonly Value[] | undefined {
  const product = w.onlyReader(value, 'mul');
  if (product !== undefined) return product.inputs[0] === product.inputs[1] ? [product.inputs[0]!] : undefined;
  const parts = w.onlyReader(value, 'concat')?.inputs.map((part) => squaresIn(w, part));
  return parts?.every((p) => p !== undefined) === true ? parts.flat() : undefined;
}

/** A value and the squares it is concatenated from. */
const within = (w: OnnxWriter, value: Value): readonly Value[] =>
  w.op(value).kind === 'concat' ? [value, ...w.op(value).inputs.flatMap((part) => within(w, part))] : [value];

/** Values that are written as part of the op that reads them. */
export function findFused(w: OnnxWriter, ops: readonly Op[]): ReadonlySet<Value> {
  const fused = new Set<Value>();
  const squared: Value[] = [];
  ops.forEach((op, value) => {
    if (!w.uses.live[value]) return;
    const matmul = op.kind === 'add' && !hasFormPerId(w, value) ? fusableMatmul(w, op) : undefined;
    if (matmul !== undefined) fused.add(matmul);
    const squares = op.kind === 'sum' ? squaredBy(w, op) : undefined;
    if (squares === undefined) return;
    squared.push(...squares);
    for (const part of within(w, op.inputs[0]!)) fused.add(part);
  });
  for (const value of findRowUpdates(w, ops, squared)) fused.add(value);
  return fused;
}
