/** Block circulant matrices: every block is one column and its turns. */
import { optional, positiveInteger } from '../../arguments/schema.js';
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { denseProduct } from '../column-blocks.js';
import { type Binding, defineMethod, type Fitting, type Planning } from '../define-method.js';
import type { Matrix, MatrixShape, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';

interface Blocks {
  readonly block: number;
}
type Columns = Readonly<Record<'V', TensorSpec>>;

/** Blocks down and across, those cut at the edges included. */
const blocksOf = ([m, n]: MatrixShape, block: number): MatrixShape => [Math.ceil(m / block), Math.ceil(n / block)];

const storedOf = (shape: MatrixShape, block: number): number => {
  const [down, across] = blocksOf(shape, block);
  return down * across * block;
};

/** W of every gate from V (gates, down, across, block): a column over and over, each row read one float earlier. */
function multipliedOut(g: Builder, V: Value, { gates, shape }: Matrix, { block }: Blocks): Value {
  const [down, across] = blocksOf(shape, block);
  const count = gates * down * across;
  const repeated = g.broadcast(g.reshape(V, [count, 1, block]), [count, 2 * block - 1, block]);
  const turned = g.slice(g.reshape(repeated, [count, block, 2 * block - 1]), 2, 0, block);
  // (block row, block column, column, row) -> (block row, row, block column, column).
  const placed = g.transpose(g.reshape(turned, [gates * down, across, block, block]), [0, 3, 1, 2]);
  const whole = g.reshape(placed, [gates, down * block, across * block]);
  return g.slice(g.slice(whole, 1, 0, shape[0]), 2, 0, shape[1]);
}

/** Visits every element of W with its place in V, for all gates. */
function eachElement({ gates, shape }: Matrix, { block }: Blocks, visit: (w: number, v: number) => void): void {
  const [m, n] = shape;
  const [down, across] = blocksOf(shape, block);
  for (let gate = 0; gate < gates; gate++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const first = ((gate * down + Math.floor(i / block)) * across + Math.floor(j / block)) * block;
        visit((gate * m + i) * n + j, first + ((((i - j) % block) + block) % block));
      }
    }
  }
}

function plan({ p, x, y, matrix: { gates, shape }, bound: { block }, paths }: Planning<Blocks, Columns>): void {
  const [down, across] = blocksOf(shape, block);
  const v = { tensor: paths.V, offset: 0, rows: gates * down, columns: across * block };
  p.circulant(v, block, x, { count: gates, apart: shape[0], y });
}

/** The nearest: every value is the mean of the elements that it stands for; those cut away stay zero. */
function fit({ dense, matrix, bound }: Fitting<Blocks>): Readonly<Record<keyof Columns, Float64Array>> {
  const sums = new Float64Array(matrix.gates * storedOf(matrix.shape, bound.block));
  const counts = new Float64Array(sums.length);
  eachElement(matrix, bound, (w, v) => {
    sums[v]! += dense[w]!;
    counts[v]! += 1;
  });
  return { V: sums.map((sum, v) => sum / Math.max(counts[v]!, 1)) };
}

const schema = { block: optional(positiveInteger('rows and columns of a block')), layout };
const messages = {
  'block-too-large': {
    severity: 'error',
    message: 'block = {block} is more than {most}, the shorter side of the {m}x{n} matrix of {path}',
    hint: 'use at most {most}; {uncut}',
  },
} as const;

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

function bind({ matrix: { shape }, site: { path }, args, fail, need }: Binding<typeof schema, typeof messages>) {
  const block = need('block');
  const [m, n] = shape;
  const most = Math.min(m, n);
  if (block === undefined || block <= most) return block === undefined ? undefined : { block };
  const whole = greatestDivisor(m, n);
  const uncut =
    whole === 1 ? 'every block but 1 is cut at an edge' : `a block of ${whole} or a divisor of it is nowhere cut`;
  return fail('block-too-large', args.at('block'), { block, most, m, n, path, uncut });
}

/** The smallest block of every size that a matrix can be stored in, fewest values first. */
function blocksBySize(shape: MatrixShape): readonly number[] {
  const bySize = new Map<number, number>();
  for (let block = Math.min(...shape); block >= 1; block--) bySize.set(storedOf(shape, block), block);
  return [...bySize].sort(([a], [b]) => a - b).map(([, block]) => block);
}

/** W[i, j] = v[(i - j) mod block] in blocks that are cut at the edges: down across block values per gate. */
export const circulant = defineMethod({
  name: 'circulant',
  summary: 'blocks whose every column is the one before, turned down by one',
  law: 'W[i, j] = v[(i - j) mod block] in every block, blocks cut at the edges of W',
  source: 'Cheng et al. 2015; Ding et al. 2017; [H] section 4, "block circular decomposition"',
  guide: {
    parameters: 'ceil(m / block) ceil(n / block) block per gate',
    multiplyAdds:
      'about 2 m n / block per gate and those of the transforms; m n for values in other formats than float32',
    use:
      'Use it where bytes and time both matter and large blocks are accurate enough: the emitted C multiplies in the ' +
      'frequency domain, whatever the block, so a step costs about half as many times less as the block is long.',
    example: 'rnn1: circulant to 10x',
  },
  schema,
  messages,
  open: ({ block }) => block === undefined,
  bind,
  dial: ({ matrix: { shape } }) => {
    const blocks = blocksBySize(shape);
    return { name: 'block', least: 0, most: blocks.length - 1, at: (setting) => ({ block: blocks[setting]! }) };
  },
  tensors: ({ gates, shape }, { block }): Columns => ({
    V: { shape: [gates, ...blocksOf(shape, block), block], bound: (a) => a, masked: false },
  }),
  rank: ({ shape }) => Math.min(...shape),
  show: ({ block }) => ({ block }),
  prepare: ({ g, tensors, matrix, bound }) => denseProduct(g, multipliedOut(g, tensors.V, matrix, bound), matrix),
  reconstruct: ({ V }, matrix, bound) => {
    const w = new Float64Array(matrix.gates * matrix.shape[0] * matrix.shape[1]);
    eachElement(matrix, bound, (inW, inV) => {
      w[inW] = V[inV]!;
    });
    return w;
  },
  plan,
  fit,
});
