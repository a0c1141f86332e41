/** Doped Kronecker product: B (x) C plus a sparse overlay S that gives freedom back to single values. */
import type { Parameter } from '../../arguments/schema.js';
import { named, real, withDefault } from '../../arguments/schema.js';
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
import { layout, ranking, sparsity } from '../parameters.js';

type Doped = Readonly<Record<'B' | 'C' | 'S', TensorSpec>>;

/** [D] eq. 1, 2a, 2b: the forms 2a and 2b weigh the two parts, while they are trained. */
const forms = ['1', '2a', '2b'] as const;
type Form = (typeof forms)[number];

interface Doping extends FactorPair {
  /** What is pruned together of S. */
  readonly block: Block;
  readonly form: Form;
  /** Weight of the norms that the forms 2a and 2b make small. */
  readonly penalty: number;
}

const form: Parameter<Form> = {
  doc: 'how the two parts are weighed during training, [D] eq. 1, 2a, 2b',
  expects: 'one of `1`, `2a`, `2b`',
  words: forms,
  read: (e) => {
    if (e.kind === 'number') return e.value === 1 ? '1' : undefined;
    const text = e.kind === 'name' ? e.text : e.kind === 'string' ? e.value : '';
    return forms.find((f) => f === text);
  },
};

/** alpha scales B (x) C through B; a tensor that no scalar weighs has none. */
function tensors(matrix: Matrix, doping: Doping): Doped {
  const { B, C } = factorTensors(matrix, doping);
  const S: TensorSpec = { shape: [matrix.gates, ...matrix.shape], bound: (a) => a, masked: true, block: doping.block };
  const weight = doping.penalty;
  const alpha: Pick<TensorSpec, 'scale'> =
    doping.form === '2b' ? { scale: { name: 'alpha', penalty: { of: 'inverse', weight } } } : {};
  const beta: Pick<TensorSpec, 'scale'> =
    doping.form === '1' ? {} : { scale: { name: 'beta', penalty: { of: 'magnitude', weight } } };
  return {
    B: { ...B, part: 'structure', ...alpha },
    C: { ...C, part: 'structure' },
    S: { ...S, part: 'overlay', ...beta },
  };
}

const show = ({ b, c, block: pattern, form: written, penalty }: Doping): Readonly<Record<string, string | number>> => ({
  B: formatShape(b),
  C: formatShape(c),
  ...showBlock(pattern),
  ...(written === '1' ? {} : { form: written, penalty }),
});

/** Plain: one product with the sum. Co-matrix dropout: each part by itself, its rows drawn ([D] eq. 7-8). */
function prepare({ g, matrix, bound, mode, tensors: { B, C, S } }: Preparation<Doping, Doped>): Apply {
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

function plan({ p, x, y, matrix, bound, paths }: Planning<Doping, Doped>): void {
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
function descend({ dense, kept, matrix, bound }: Fitting<Doping>, start: Float64Array): Descent {
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
function fit(fitting: Fitting<Doping>): Descent['values'] {
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
  guide: {
    parameters: 'those of `kp` and the kept values; indices are bytes, not parameters',
    multiplyAdds: 'those of `kp` and the kept values',
    use:
      'Use it for 10 to 100 times: `kp` for the bulk, single values where it fails. Train it with ' +
      '`regularize = cmr(...)`.',
    example: 'rnn1: dkp to 25x',
  },
  schema: {
    B: factorB,
    C: factorC,
    sparsity,
    block,
    ranking,
    form: named(withDefault(form, '1')),
    penalty: named(withDefault(real('weight of |beta| (2a), or of |beta| + |1 / alpha| (2b), in the loss', 0), 1e-4)),
    layout,
  },
  messages: {
    ...shapeMessages,
    ...blockMessages,
    'nothing-to-penalize': {
      severity: 'error',
      message: '`penalty` weighs alpha and beta, form 1 has neither',
      hint: 'write `form=2a` or `form=2b`, or leave `penalty` out',
    },
  },
  check: ({ values, at, given }, fail) => {
    if (values.form === '1' && given('penalty')) fail('nothing-to-penalize', at('penalty'), {});
  },
  stacks: shapesStack,
  bind: ({ matrix, site: { path }, args, fail }): Doping | undefined => {
    const pair = resolvePair(matrix, args.values);
    if (!('b' in pair)) return fail('shapes', args.at(args.given('B') ? 'B' : 'C'), { ...pair, path });
    const { block, form: written, penalty } = args.values;
    const wrong = blockMismatch(matrix, block);
    if (wrong !== undefined) return fail('block', args.at('block'), { ...wrong, path });
    return { ...pair, block, form: written, penalty };
  },
  tensors,
  rank: ({ shape }) => Math.min(...shape),
  why: whyPair,
  show,
  prepare,
  reconstruct: ({ B, C, S }, { gates }, pair) => kroneckerValues({ B, C }, gates, pair).map((k, i) => k + S[i]!),
  plan,
  fit,
});
