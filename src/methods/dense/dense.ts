/** The matrix itself: what every weight is when no rule selects it. */
import { denseProduct } from '../column-blocks.js';
import { defineMethod } from '../define-method.js';
import type { Matrix, TensorSpec } from '../method.js';
import { layout, wholeName } from '../parameters.js';

type Whole = Readonly<Record<string, TensorSpec>>;

/** W (gates, m, n): m n values and multiply-adds per gate; of a table none, as a row is looked up. */
export const dense = defineMethod({
  name: 'dense',
  summary: 'every value of the matrix is stored',
  law: 'W',
  source: 'the uncompressed layer',
  guide: {
    parameters: 'm n per gate',
    multiplyAdds: 'm n per gate',
    use: 'Use it for layers that are small already, or under `override` to take one weight out of a rule.',
    example: 'rnn1: dense',
  },
  schema: { layout },
  messages: {},
  columnwise: true,
  bind: () => ({}),
  tensors: (matrix: Matrix): Whole => {
    const { gates, shape } = matrix;
    return { [wholeName(matrix)]: { shape: [gates, ...shape], bound: (a) => a, masked: false } };
  },
  rank: ({ shape: [m, n] }) => Math.min(m, n),
  show: () => ({}),
  prepare: ({ g, tensors, matrix }) => denseProduct(g, tensors[wholeName(matrix)]!, matrix),
  reconstruct: (values, matrix) => values[wholeName(matrix)]!.slice(),
  plan: ({ p, x, y, paths, matrix }) => {
    const { gates, shape } = matrix;
    p.gemv({ tensor: paths[wholeName(matrix)]!, offset: 0, rows: gates * shape[0], columns: shape[1] }, x, y, 'add');
  },
  lookup: {
    prepare: ({ g, tensors, matrix, ids }) => g.gather(tensors[wholeName(matrix)]!, ids),
    plan: ({ p, y, ids, paths, matrix }) => {
      const [rows, columns] = matrix.shape;
      p.embed({ tensor: paths[wholeName(matrix)]!, offset: 0, rows, columns }, ids, 0, y);
    },
  },
  fit: ({ dense: values, matrix }) => ({ [wholeName(matrix)]: values.slice() }),
});
