/** The matrix itself: what every weight is when no rule selects it. */
import { denseProduct } from '../column-blocks.js';
import { defineMethod } from '../define-method.js';
import { layout } from '../parameters.js';

/** W (gates, m, n): m n values and multiply-adds per gate. */
export const dense = defineMethod({
  name: 'dense',
  summary: 'every value of the matrix is stored',
  law: 'W',
  source: 'the uncompressed layer',
  schema: { layout },
  messages: {},
  columnwise: true,
  bind: () => ({}),
  tensors: ({ gates, shape: [m, n] }) => ({ W: { shape: [gates, m, n], bound: (a: number) => a, masked: false } }),
  rank: ({ shape: [m, n] }) => Math.min(m, n),
  show: () => ({}),
  prepare: ({ g, tensors, matrix }) => denseProduct(g, tensors.W, matrix),
  reconstruct: ({ W }) => W.slice(),
  plan: ({ p, x, y, paths, matrix: { gates, shape } }) => {
    p.gemv({ tensor: paths.W, offset: 0, rows: gates * shape[0], columns: shape[1] }, x, y, 'add');
  },
  fit: ({ dense: values }) => ({ W: values.slice() }),
});
