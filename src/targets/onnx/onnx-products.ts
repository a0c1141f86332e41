/**
 * How products are written in ONNX: the same product has forms that differ by which operand is turned, and
 * onnxruntime's kernel has clear preferences. `benchmarks/train/profile.mjs` shows what each form costs.
 */
import type { OpOf, Value } from '../../graph/ops.js';
import { isTall } from '../../graph/products.js';
import { type Shape, size } from '../../tensor/shape.js';
import type { OnnxWriter } from './onnx-writer.js';

/** (..., m, k) to (m', k) for a left operand whose batch axes may be folded into its rows. */
const foldRows = (shape: Shape): Shape => [size(shape.slice(0, -1)), shape.at(-1)!];

/** Multiply-adds from which it pays to turn the result of a product. */
const largeProduct = 5e8;

/** Whether A^T B is faster as (B^T A)^T, with the turning of the result. */
function worthFlipping(w: OnnxWriter, { attrs, inputs, shape }: OpOf<'matmul'>): boolean {
  const [m, n] = shape as [number, number];
  const [k] = w.shape(inputs[0]!) as [number];
  return attrs.transposeA && !attrs.transposeB && isTall(shape) && m * n * k >= largeProduct;
}

function writeFlipped(w: OnnxWriter, { inputs, shape }: OpOf<'matmul'>, output: string): void {
  const [a, b] = inputs as [Value, Value];
  const [m, n] = shape as [number, number];
  // With an axis in front, or onnxruntime, told to optimize, would turn the operands back.
  const product = w.temporary('Reshape', [w.temporary('Gemm', [w.turned(b), w.name(a)]), w.integers([1, n, m])]);
  const result = w.temporary('Transpose', [product], { perm: [0, 2, 1] });
  w.node('Reshape', [result, w.integers(shape)], output);
}

/** Columns of the right operand for which the kernel turns a left one that is not turned beforehand. */
const columnsPerTurn = 128;

/** Whether a left operand that is to be transposed should be turned once before a product with such a result. */
export const worthTurning = (result: Shape): boolean => result[1]! >= 2 * columnsPerTurn;

/** Rows up to which packing the right operand is most of what a product costs. */
const fewRows = 64;
/** Elements from which a right operand no longer stays in the cache of a core. */
const largeOperand = 2 ** 18;
/** Products that must share a right operand before one of them is turned for all. */
const manyProducts = 6;

/**
 * Whether the right operand should be turned once for the many narrow products that share it: packing reads it along
 * its columns, and a row that is a memory page away costs twice as much as one that follows.
 */
function worthTurningRight(w: OnnxWriter, { attrs, inputs, shape }: OpOf<'matmul'>): boolean {
  const [, right] = inputs as [Value, Value];
  const few = shape[0]! <= fewRows && w.uses.counts[right]! >= manyProducts;
  return few && !attrs.transposeB && size(w.shape(right)) >= largeOperand;
}

/** Elements from which packing a right operand costs more than turning the result of a narrow product. */
const packedOperand = 2 ** 17;

/**
 * Whether A B is faster as (B^T A^T)^T: the kernel packs its right operand at every call and reads the left one as it
 * lies, so what is narrow should stand on the right, and the weights on the left.
 */
function worthSwapping(w: OnnxWriter, { attrs, inputs, shape }: OpOf<'matmul'>): boolean {
  const [, right] = inputs as [Value, Value];
  const [m, n] = shape as [number, number];
  const lies = attrs.transposeB || w.uses.counts[right]! >= manyProducts;
  return !attrs.transposeA && lies && m > 1 && m <= fewRows && n >= 4 * m && size(w.shape(right)) >= packedOperand;
}

function writeSwapped(w: OnnxWriter, { attrs, inputs }: OpOf<'matmul'>, output: string, addend?: string): void {
  const [a, b] = inputs as [Value, Value];
  const weights = attrs.transposeB ? w.name(b) : w.turned(b);
  const product = w.temporary('Gemm', [weights, w.name(a)], { transB: 1 });
  const perm = { perm: [1, 0] };
  if (addend === undefined) w.node('Transpose', [product], output, perm);
  else w.node('Add', [w.temporary('Transpose', [product], perm), addend], output);
}

/** The Gemm of a rank-2 matmul, plus a third operand that broadcasts to its result. */
export function writeGemm(w: OnnxWriter, op: OpOf<'matmul'>, output: string, addend?: string): void {
  if (addend === undefined && worthFlipping(w, op)) {
    writeFlipped(w, op, output);
    return;
  }
  if (worthSwapping(w, op)) {
    writeSwapped(w, op, output, addend);
    return;
  }
  const [a, b] = op.inputs as [Value, Value];
  const [left, right] = [op.attrs.transposeA && worthTurning(op.shape), worthTurningRight(w, op)];
  const operands = [left ? w.turned(a) : w.name(a), right ? w.turned(b) : w.name(b)];
  const attributes = {
    ...(op.attrs.transposeA && !left ? { transA: 1 } : {}),
    ...(op.attrs.transposeB || right ? { transB: 1 } : {}),
  };
  w.node('Gemm', addend === undefined ? operands : [...operands, addend], output, attributes);
}

/** The row of the op table. */
export function matmul(w: OnnxWriter, op: OpOf<'matmul'>, value: Value): void {
  const [a, b] = op.inputs as [Value, Value];
  const [shapeA, shapeB] = [w.shape(a), w.shape(b)];
  const { transposeA, transposeB } = op.attrs;
  if (shapeA.length === 2 && shapeB.length === 2) {
    writeGemm(w, op, w.claim(value));
    return;
  }
  if (shapeB.length === 2 && !transposeA) {
    const folded = w.temporary('Reshape', [w.name(a), w.integers(foldRows(shapeA))]);
    const product = w.temporary('Gemm', [folded, w.name(b)], transposeB ? { transB: 1 } : {});
    w.node('Reshape', [product, w.integers(op.shape)], w.claim(value));
    return;
  }
  const operands = [transposeA ? w.turned(a) : w.name(a), transposeB ? w.turned(b) : w.name(b)];
  w.node('MatMul', operands, w.claim(value));
}
