/** Ops that make each element of their result from the same element of operands that have its shape. */
import type { OpKind } from './ops.js';

export const elementwise: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['add', 'sub', 'mul', 'div', 'max', 'neg', 'exp', 'log', 'sqrt', 'abs'] as const),
  ...(['tanh', 'sigmoid', 'relu', 'step', 'sign'] as const),
]);
