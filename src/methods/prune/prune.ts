/** Magnitude pruning: only the largest values of a matrix, or blocks of them, are kept. The mask is the trainer's. */
import type { Block } from '../../tensor/blocks.js';
import { block, blockMessages, blockMismatch, showBlock } from '../block-pattern.js';
import { denseProduct } from '../column-blocks.js';
import { defineMethod } from '../define-method.js';
import { keepLargest } from '../magnitude.js';
import type { TensorSpec } from '../method.js';
import { layout, ranking, sparsity, wholeName } from '../parameters.js';

type Whole = Readonly<Record<string, TensorSpec>>;
interface Pattern {
  readonly block: Block;
}

/** W (gates, m, n), masked: as many values and multiply-adds as are kept. */
export const prune = defineMethod({
  name: 'prune',
  summary: 'only the largest values, or blocks of values, are kept',
  law: 'W * mask',
  source: 'Zhu & Gupta 2017; blocks: Gray et al. 2017, Narang et al. 2017',
  guide: {
    parameters: 'the kept values; indices are bytes, not parameters',
    multiplyAdds: 'the kept values',
    use:
      'Use it where accuracy matters more than speed: single values need an index each, so bytes shrink ' +
      'less than parameters; blocks (`block=4x1`) cost some accuracy and are faster.',
    example: 'rnn1: prune to 10x',
  },
  schema: { sparsity, block, ranking, layout },
  columnwise: true,
  messages: blockMessages,
  bind: ({ matrix, site: { path }, args, fail }): Pattern | undefined => {
    const wrong = blockMismatch(matrix, args.values.block);
    return wrong === undefined ? { block: args.values.block } : fail('block', args.at('block'), { ...wrong, path });
  },
  tensors: (matrix, { block }): Whole => {
    const { gates, shape } = matrix;
    return { [wholeName(matrix)]: { shape: [gates, ...shape], bound: (a) => a, masked: true, block } };
  },
  rank: ({ shape }) => Math.min(...shape),
  show: (bound) => showBlock(bound.block),
  prepare: ({ g, tensors, matrix }) => denseProduct(g, tensors[wholeName(matrix)]!, matrix),
  reconstruct: (values, matrix) => values[wholeName(matrix)]!.slice(),
  plan: ({ p, x, y, paths, matrix, bound: { block } }) => {
    const { gates, shape } = matrix;
    const tensor = paths[wholeName(matrix)]!;
    p.sparse({ tensor, offset: 0, rows: gates * shape[0], columns: shape[1], block }, x, y);
  },
  lookup: {
    prepare: ({ g, tensors, matrix, ids }) => g.gather(tensors[wholeName(matrix)]!, ids),
    plan: ({ p, y, ids, paths, matrix, bound: { block } }) => {
      const [rows, columns] = matrix.shape;
      p.embedSparse({ tensor: paths[wholeName(matrix)]!, offset: 0, rows, columns, block }, ids, y);
    },
  },
  fit: ({ dense, kept, matrix, bound }) => ({
    [wholeName(matrix)]: keepLargest(dense, kept, matrix.shape[1], bound.block),
  }),
});
