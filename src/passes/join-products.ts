/**
 * concat(A B, A C) is A concat(B, C), where that copies less: the gradients by the blocks of one weight matrix share
 * the gradient by its result, and become one product that writes them where they belong.
 */
import type { Builder } from '../graph/builder.js';
import type { OpOf, Value } from '../graph/ops.js';
import { size } from '../tensor/shape.js';
import { joinConcats } from './concats.js';
import type { Pass } from './pass.js';
import { madeBy } from './rule.js';

/** The products that make all parts of a concat, when nothing else reads them and they share flags. */
function productsOf(b: Builder, op: OpOf<'concat'>): readonly OpOf<'matmul'>[] | undefined {
  const products = op.inputs.map((part) => madeBy(b, part, 'matmul'));
  const [first] = products;
  const alike = products.every(
    (p) =>
      p !== undefined &&
      p.attrs.transposeA === first!.attrs.transposeA &&
      p.attrs.transposeB === first!.attrs.transposeB &&
      p.inputs.every((i) => b.shape(i).length === 2),
  );
  return alike ? (products as readonly OpOf<'matmul'>[]) : undefined;
}

/** One product for all parts of `op` (operands as `b` has them), or undefined where that does not pay. */
function joined(b: Builder, op: OpOf<'concat'>): Value | undefined {
  const products = productsOf(b, op);
  if (products === undefined) return undefined;
  const { axis } = op.attrs;
  const { transposeA, transposeB } = products[0]!.attrs;
  // Columns of the result are those of the right operands, rows those of the left ones.
  const [shared, varied] = axis === 1 ? [0, 1] : [1, 0];
  const common = products[0]!.inputs[shared]!;
  if (products.some((p) => p.inputs[shared] !== common)) return undefined;
  const parts = products.map((p) => p.inputs[varied]!);
  const copied = parts.reduce((total, part) => total + size(b.shape(part)), 0);
  if (copied >= size(op.shape)) return undefined;
  const turned = axis === 1 ? transposeB : transposeA;
  const whole = b.concat(parts, turned ? 1 - axis : axis);
  return axis === 1 ? b.matmul(common, whole, products[0]!.attrs) : b.matmul(whole, common, products[0]!.attrs);
}

export const joinProducts: Pass = {
  name: 'join-products',
  why: 'the gradients by the blocks of a matrix are one product, and need not be put together afterwards',
  run: (graph) => joinConcats(graph, ({ shape }) => shape.length === 2, joined),
};
