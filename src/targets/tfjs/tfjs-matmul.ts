/**
 * Matrix products for tfjs. Only a product of two matrices, neither transposed, has a fast wasm kernel, so operands
 * are turned first (once per value) and a matrix that is shared by a batch is applied to all rows at once.
 */
import type { OpOf, Value } from '../../graph/ops.js';
import { broadcastShape, type Shape, sameShape, size } from '../../tensor/shape.js';
import type { TfjsWriter } from './tfjs-writer.js';

/** An operand on its way into a product. */
export interface Operand {
  readonly name: string;
  readonly shape: Shape;
}

const lead = (shape: Shape): Shape => shape.slice(0, -2);
const isMatrix = ({ shape }: Operand): boolean => size(lead(shape)) === 1;

/** Swaps the last two axes; once, whoever asks. */
export function turn(w: TfjsWriter, { name, shape }: Operand): Operand {
  const rank = shape.length;
  const order = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const turned = w.once(`turn ${name}`, () => w.temporary('Transpose', [name, w.integers(order)]));
  return { name: turned, shape: [...lead(shape), shape.at(-1)!, shape.at(-2)!] };
}

function reshape(w: TfjsWriter, { name, shape }: Operand, to: Shape): Operand {
  if (sameShape(shape, to)) return { name, shape };
  return { name: w.temporary('Reshape', [name, w.integers(to)]), shape: to };
}

/** All batches of the left operand times one matrix: one product of (all rows, k) and (k, n). */
function timesMatrix(w: TfjsWriter, left: Operand, right: Operand): Operand {
  const rows = reshape(w, left, [size(left.shape.slice(0, -1)), left.shape.at(-1)!]);
  const matrix = reshape(w, right, right.shape.slice(-2));
  const name = w.temporary('BatchMatMulV2', [rows.name, w.rightOperand(matrix.name, matrix.shape)]);
  const product = { name, shape: [rows.shape[0]!, matrix.shape[1]!] };
  return reshape(w, product, [...left.shape.slice(0, -1), matrix.shape[1]!]);
}

/** An operand repeated along the axes that are longer in `to`, by a node of its own. */
export function repeated(w: TfjsWriter, operand: Operand, to: Shape): Operand {
  const ranked = reshape(w, operand, [...to.slice(operand.shape.length).map(() => 1), ...operand.shape]);
  const times = to.map((d, axis) => d / ranked.shape[axis]!);
  return { name: w.temporary('Tile', [ranked.name, w.integers(times)]), shape: to };
}

/** Repeats an operand over batch axes that tfjs would pair wrongly. */
function repeat(w: TfjsWriter, operand: Operand, batch: Shape): Operand {
  const to = [...batch, ...operand.shape.slice(-2)];
  return sameShape(operand.shape, to) ? operand : repeated(w, operand, to);
}

function product(w: TfjsWriter, left: Operand, right: Operand): Operand {
  if (isMatrix(right)) return timesMatrix(w, left, right);
  // A X = (X^T A^T)^T.
  if (isMatrix(left)) return turn(w, timesMatrix(w, turn(w, right), turn(w, left)));
  const batch = broadcastShape(lead(left.shape), lead(right.shape))!;
  const matrices = repeat(w, right, batch);
  const second = w.rightOperand(matrices.name, matrices.shape);
  const name = w.temporary('BatchMatMulV2', [repeat(w, left, batch).name, second]);
  return { name, shape: [...batch, left.shape.at(-2)!, right.shape.at(-1)!] };
}

/** Right operands of this many elements no longer stay in a cache while the rows of the left one pass by. */
const largeMatrix = 2 ** 19;
/** With fewer rows there is nothing to gain. */
const manyRows = 64;

/** Whether (B^T A^T)^T is faster than A B: the kernel packs its right operand and rereads it for every few rows. */
function worthFlipping(left: Operand, right: Operand): boolean {
  const [[m], [k, n]] = [left.shape, right.shape] as [[number], [number, number]];
  return k * n >= largeMatrix && m >= manyRows && n >= 2 * m;
}

/** A product of two matrices, each to be turned first or not. */
function matrixProduct(w: TfjsWriter, op: OpOf<'matmul'>, [left, right]: readonly [Operand, Operand]): Operand {
  const { transposeA, transposeB } = op.attrs;
  const turned = ({ name, shape }: Operand, yes: boolean): Operand =>
    yes ? { name, shape: [shape[1]!, shape[0]!] } : { name, shape };
  if (w.kernels?.takesProduct(op.shape[0]!, left.shape[transposeA ? 0 : 1]!, op.shape[1]!) === true) {
    const turns = { adj_x: transposeA, adj_y: transposeB };
    return { name: w.temporary('BatchMatMulV2', [left.name, right.name], turns), shape: op.shape };
  }
  if (worthFlipping(turned(left, transposeA), turned(right, transposeB))) {
    const [b, a] = [transposeB ? right : turn(w, right), transposeA ? left : turn(w, left)];
    const name = w.temporary('BatchMatMulV2', [b.name, w.rightOperand(a.name, a.shape)]);
    return { name: w.temporary('Transpose', [name, w.integers([1, 0])]), shape: op.shape };
  }
  const [a, b] = [transposeA ? turn(w, left) : left, transposeB ? turn(w, right) : right];
  const name = w.temporary('BatchMatMulV2', [a.name, w.rightOperand(b.name, b.shape)]);
  return { name, shape: op.shape };
}

/** The row of the op table. */
export function matmul(w: TfjsWriter, op: OpOf<'matmul'>, value: Value): void {
  const [left, right] = op.inputs.map((v): Operand => ({ name: w.name(v), shape: w.shape(v) })) as [Operand, Operand];
  if (left.shape.length === 2 && right.shape.length === 2) {
    const { name } = matrixProduct(w, op, [left, right]);
    w.rename(name, w.claim(value));
    return;
  }
  const a = op.attrs.transposeA ? turn(w, left) : left;
  const b = op.attrs.transposeB ? turn(w, right) : right;
  const y = product(w, a, b);
  w.node('Reshape', [y.name, w.integers(op.shape)], w.claim(value));
}
