/** Magnitude pruning: only the largest values of a matrix, or blocks of them, are kept. The mask is the trainer's. */
import type { Block } from '../../tensor/blocks.js';
import { block, blockMessages, blockMismatch, showBlock } from '../block-pattern.js';
import { denseProduct } from '../column-blocks.js';
import { defineMethod } from '../define-method.js';
import { keepLargest } from '../magnitude.js';
import { layout, sparsity } from '../parameters.js';

interface Pattern {
  readonly block: Block;
}

/** W (gates, m, n), masked: as many values and multiply-adds as are kept. */
export const prune = defineMethod({
  name: 'prune',
  summary: 'only the largest values, or blocks of values, are kept',
  law: 'W * mask',
  source: 'Zhu & Gupta 2017; blocks: Gray et al. 2017, Narang et al. 2017',
  schema: { sparsity, block, layout },
  columnwise: true,
  messages: blockMessages,
  bind: ({ matrix, site: { path }, args, fail }): Pattern | undefined => {
    const wrong = blockMismatch(matrix, args.values.block);
    return wrong === undefined ? { block: args.values.block } : fail('block', args.at('block'), { ...wrong, path });
  },
  tensors: ({ gates, shape: [m, n] }, { block }) => ({
    W: { shape: [gates, m, n], bound: (a: number) => a, masked: true, block },
  }),
  rank: ({ shape }) => Math.min(...shape),
  show: (bound) => showBlock(bound.block),
  prepare: ({ g, tensors, matrix }) => denseProduct(g, tensors.W, matrix),
  reconstruct: ({ W }) => W.slice(),
  plan: ({ p, x, y, paths, matrix: { gates, shape }, bound: { block } }) => {
    p.sparse({ tensor: paths.W, offset: 0, rows: gates * shape[0], columns: shape[1], block }, x, y);
  },
  fit: ({ dense, kept, matrix, bound }) => ({ W: keepLargest(dense, kept, matrix.shape[1], bound.block) }),
});
