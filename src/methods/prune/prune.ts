/** Magnitude pruning: only the largest values of a matrix are kept. Schedule and mask are the trainer's. */
import { denseProduct } from '../column-blocks.js';
import { defineMethod } from '../define-method.js';
import { keepLargest } from '../magnitude.js';
import { block, isBlocked, layout, sparsity } from '../parameters.js';

/** W (gates, m, n), masked: as many values and multiply-adds as are kept. */
export const prune = defineMethod({
  name: 'prune',
  summary: 'only the largest values are kept',
  law: 'W * mask',
  source: 'Zhu & Gupta 2017',
  schema: { sparsity, block, layout },
  messages: {},
  check: (args, fail) => {
    if (isBlocked(args.values.block)) {
      const instead = 'leave `block` out: single values are pruned';
      fail('not-in-this-version', args.at('block'), { what: `block=${args.values.block.join('x')}`, instead });
    }
  },
  bind: () => ({}),
  tensors: ({ gates, shape: [m, n] }) => ({ W: { shape: [gates, m, n], bound: (a: number) => a, masked: true } }),
  rank: ({ shape }) => Math.min(...shape),
  show: () => ({}),
  prepare: ({ g, tensors, matrix }) => denseProduct(g, tensors.W, matrix),
  reconstruct: ({ W }) => W.slice(),
  plan: ({ p, x, y, paths, matrix: { gates, shape } }) => {
    p.sparse({ tensor: paths.W, offset: 0, rows: gates * shape[0], columns: shape[1] }, x, y);
  },
  fit: ({ dense, kept }) => ({ W: keepLargest(dense, kept) }),
});
