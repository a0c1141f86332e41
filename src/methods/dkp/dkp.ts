/** Doped Kronecker product: B (x) C plus a sparse overlay S that gives freedom back to single values. */
import type { Parameter } from '../../arguments/schema.js';
import { named, withDefault } from '../../arguments/schema.js';
import { defined } from '../../support/assert.js';
import type { Block } from '../../tensor/blocks.js';
import { formatShape } from '../../tensor/shape.js';
import { block, blockMessages, blockMismatch, showBlock } from '../block-pattern.js';
import { denseProduct } from '../column-blocks.js';
import { defineMethod, type Fitting, type Planning, type Preparation } from '../define-method.js';
import {
  type Factors,
  factorTensors,
  fitKronecker,
  kroneckerProduct,
  kroneckerValues,
  multipliedOut,
  planKronecker,
} from '../kronecker-product.js';
import {
  type FactorPair,
  factorB,
  factorC,
  resolvePair,
  shapeMessages,
  shapesStack,
  whyPair,
} from '../kronecker-shapes.js';
import { keepLargest } from '../magnitude.js';
import type { Apply, Matrix, TensorSpec } from '../method.js';
import { layout, sparsity } from '../parameters.js';

/** The factors, and what is pruned together of S. */
interface Bound extends FactorPair {
  readonly block: Block;
}
type Doped = Readonly<Record<'B' | 'C' | 'S', TensorSpec>>;

/** [D] eq. 1 is form 1; the forms 2a and 2b weigh the two parts. */
const form: Parameter<string> = {
  doc: 'how the two parts are weighed during training, [D] eq. 1, 2a, 2b',
  expects: 'one of `1`, `2a`, `2b`',
  read: (e) => {
    if (e.kind === 'number') return e.value === 1 ? '1' : undefined;
    const text = e.kind === 'name' ? e.text : e.kind === 'string' ? e.value : '';
    return ['1', '2a', '2b'].find((f) => f === text);
  },
};

const tensors = (matrix: Matrix, pair: Bound): Doped => ({
  ...factorTensors(matrix, pair),
  S: { shape: [matrix.gates, ...matrix.shape], bound: (a) => a, masked: true, block: pair.block },
});

/** Plain: one product with the sum. Co-matrix dropout: each part by itself, its rows drawn ([D] eq. 7-8). */
function prepare({ g, matrix, bound, mode, tensors: { B, C, S } }: Preparation<Bound, Doped>): Apply {
  const draw = mode.kind === 'train' ? mode.draw : undefined;
  if (draw === undefined) return denseProduct(g, g.add(multipliedOut(g, { B, C }, matrix), S), matrix);
  const [keepStructured, keepSparse] = [draw('kp'), draw('sparse')];
  const structured = kroneckerProduct(g, { B, C }, matrix, bound);
  const sparse = denseProduct(g, S, matrix);
  return (columns, x, rows) => {
    const kept = (all: number): number => g.slice(all, 0, rows.start, rows.count);
    return g.add(
      g.mul(kept(keepStructured), structured(columns, x, rows)),
      g.mul(kept(keepSparse), sparse(columns, x, rows)),
    );
  };
}

function plan({ p, x, y, matrix, bound, paths }: Planning<Bound, Doped>): void {
  const [m, n] = matrix.shape;
  planKronecker(p, { x, y }, matrix, { pair: bound, paths });
  p.sparse({ tensor: paths.S, offset: 0, rows: matrix.gates * m, columns: n, block: bound.block }, x, y);
}

const mostRounds = 10;

interface Descent {
  readonly values: Factors<Float64Array> & { readonly S: Float64Array };
  /** Sum of squares of what is left. */
  readonly error: number;
}

/** Turn by turn from an overlay: B (x) C to what S leaves, S to what B (x) C leaves. The error falls every round. */
function descend({ dense, kept, matrix, bound }: Fitting<Bound>, start: Float64Array): Descent {
  let best: Descent | undefined;
  let overlay = start;
  const { gates } = matrix;
  for (let round = 0; round < mostRounds; round++) {
    const factors = fitKronecker(minus(dense, overlay), gates, bound);
    const residual = minus(dense, kroneckerValues(factors, gates, bound));
    overlay = keepLargest(residual, kept, matrix.shape[1], bound.block);
    const error = minus(residual, overlay).reduce((sum, r) => sum + r * r, 0);
    const settled = best !== undefined && error >= best.error * (1 - 1e-4);
    if (best === undefined || error < best.error) best = { values: { ...factors, S: overlay }, error };
    if (settled) break;
  }
  return defined(best, 'the first round of a fit');
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]!);

/** From both ends, as neither is always nearer: all of W left to B (x) C, or its largest values to S. */
function fit(fitting: Fitting<Bound>): Descent['values'] {
  const { dense, kept, matrix, bound } = fitting;
  const fromFactors = descend(fitting, new Float64Array(dense.length));
  const fromOverlay = descend(fitting, keepLargest(dense, kept, matrix.shape[1], bound.block));
  return (fromFactors.error <= fromOverlay.error ? fromFactors : fromOverlay).values;
}

/** W = B (x) C + S per gate, S (gates, m, n) masked: m1 n1 + m2 n2 values and those that are kept. */
export const dkp = defineMethod({
  name: 'dkp',
  summary: 'a Kronecker product plus a sparse overlay',
  law: 'W = B (x) C + S, with B (m1, n1), C (m2, n2), m = m1 m2, n = n1 n2 and S sparse',
  source: '[D] eq. 1-8',
  schema: { B: factorB, C: factorC, sparsity, block, form: named(withDefault(form, '1')), layout },
  messages: { ...shapeMessages, ...blockMessages },
  check: ({ values, at }, fail) => {
    if (values.form !== '1') {
      const instead = 'leave `form` out: W = B (x) C + S, [D] eq. 1';
      fail('not-in-this-version', at('form'), { what: `form=${values.form}`, instead });
    }
  },
  stacks: shapesStack,
  bind: ({ matrix, site: { path }, args, fail }): Bound | undefined => {
    const pair = resolvePair(matrix, args.values);
    if (!('b' in pair)) return fail('shapes', args.at(args.given('B') ? 'B' : 'C'), { ...pair, path });
    const { block } = args.values;
    const wrong = blockMismatch(matrix, block);
    return wrong === undefined ? { ...pair, block } : fail('block', args.at('block'), { ...wrong, path });
  },
  tensors,
  rank: ({ shape }) => Math.min(...shape),
  why: whyPair,
  show: ({ b, c, block }) => ({ B: formatShape(b), C: formatShape(c), ...showBlock(block) }),
  prepare,
  reconstruct: ({ B, C, S }, { gates }, pair) => kroneckerValues({ B, C }, gates, pair).map((k, i) => k + S[i]!),
  plan,
  fit,
});
