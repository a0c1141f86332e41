/** Kronecker product: a matrix as B (x) C of two small ones, or of as many as are written. */
import { named, optional, type Parameter, shape } from '../../arguments/schema.js';
import type { Value } from '../../graph/ops.js';
import { defined } from '../../support/assert.js';
import { formatShape, size } from '../../tensor/shape.js';
import { balancedBounds } from '../balanced-factors.js';
import {
  type Binding,
  defineMethod,
  type Fail,
  type Planning,
  type Preparation,
  stackedMatrix,
} from '../define-method.js';
import { gateValues, joinGates } from '../gates.js';
import { fitKronecker, kroneckerProduct, kroneckerValues, planKronecker } from '../kronecker-product.js';
import {
  type FactorPair,
  factorB,
  factorC,
  isStackable,
  neededShape,
  pairsBySize,
  resolvePair,
  shapeMessages,
  shapesStack,
  whyPair,
} from '../kronecker-shapes.js';
import type { Apply, Matrix, MatrixShape, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';
import { chainProduct, planChain } from './chain-product.js';
import {
  type Chain,
  chainRank,
  chainsBySize,
  factorNames,
  formatChain,
  madeShape,
  mostChosen,
  nearestChains,
} from './chain-shapes.js';
import { chainValues, fitChain } from './chain-values.js';

type Factors<V> = Readonly<Record<string, V>>;
type Two<V> = Readonly<Record<'B' | 'C', V>>;

const another = (name: string): Parameter<readonly number[] | undefined> =>
  optional(shape(`rows and columns of factor ${name}, right of the one before`, 2));
const factorCount: Parameter<number> = {
  doc: 'how many factors to choose shapes for',
  expects: `an integer from 2 to ${mostChosen}`,
  example: '2',
  read: (e) => (e.kind === 'number' && e.integer && e.value >= 2 && e.value <= mostChosen ? e.value : undefined),
};
const schema = {
  B: factorB,
  C: factorC,
  D: another('D'),
  E: another('E'),
  F: another('F'),
  G: another('G'),
  H: another('H'),
  I: another('I'),
  factors: named(optional(factorCount)),
  layout,
};
const messages = {
  ...shapeMessages,
  'missing-factor': {
    severity: 'error',
    message: '`{given}` is given without `{missing}`, which stands left of it',
    hint: 'write all factors, or at most one of `B` and `C`, which gives the other',
  },
  'factor-count': {
    severity: 'error',
    message: '{written} shapes are written, but factors={factors}',
    hint: 'write `factors` without shapes, to have them chosen',
  },
  chain: {
    severity: 'error',
    message: '{found} make {made}, but {path} is {needed}',
    hint: 'the nearest legal factors are {nearest}',
  },
} as const;
type KpBinding = Binding<typeof schema, typeof messages>;
type Written = KpBinding['args']['values'];

const asShape = ([rows, columns]: readonly number[]): MatrixShape => [rows!, columns!];

/** The shapes as written, left to right; those left out are left out. */
const writtenShapes = (values: Written): Chain =>
  factorNames.flatMap((name) => (values[name] === undefined ? [] : [asShape(values[name])]));

/** More than `B` and `C`. */
const isLong = (values: Written): boolean => factorNames.slice(2).some((name) => values[name] !== undefined);

function check({ values, at }: KpBinding['args'], fail: Fail<typeof messages>): void {
  const shapes = writtenShapes(values);
  const last = factorNames.findLast((name) => values[name] !== undefined);
  const missing = factorNames.find((name) => values[name] === undefined);
  if (isLong(values) && last !== undefined && missing !== undefined && missing < last) {
    fail('missing-factor', at(last), { given: last, missing });
  } else if (values.factors !== undefined && shapes.length > 0 && shapes.length !== values.factors) {
    fail('factor-count', at('factors'), { written: shapes.length, factors: values.factors });
  }
}

const asChain = ({ b, c }: FactorPair): Chain => [b, c];

/** Chains that a goal chooses from, smallest first; undefined where all shapes are written. */
const choices = ({ factors = 2 }: Written, { shape }: Matrix): readonly Chain[] =>
  factors === 2 ? pairsBySize(shape).map(asChain) : chainsBySize(shape, factors);

const makes = (chain: Chain, { shape }: Matrix): boolean => formatShape(madeShape(chain)) === formatShape(shape);

/** The factors of a matrix, given or chosen. */
function resolveChain({ matrix, site: { path }, args, fail }: KpBinding): Chain | undefined {
  const { values } = args;
  const shapes = writtenShapes(values);
  if (shapes.length === 0 && values.factors !== undefined) return choices(values, matrix)[0];
  if (!isLong(values)) {
    const pair = resolvePair(matrix, values);
    return 'b' in pair ? asChain(pair) : fail('shapes', args.at(args.given('B') ? 'B' : 'C'), { ...pair, path });
  }
  if (makes(shapes, matrix)) return shapes;
  return fail('chain', args.at('B'), {
    found: formatChain(shapes),
    made: formatShape(madeShape(shapes)),
    path,
    needed: neededShape(matrix, values.layout),
    nearest: nearestChains(matrix.shape, shapes),
  });
}

function whyChain(values: Written, matrix: Matrix): string {
  const chains = choices(values, matrix);
  return `${formatChain(chains[0]!)}: the fewest parameters of ${values.factors} factors, then the largest rank bound`;
}

/** The factors in order, from a record of them. */
const inOrder = <V>(factors: Factors<V>, chain: Chain): readonly V[] =>
  chain.map((_, k) => defined(factors[factorNames[k]!], factorNames[k]!));

const inRecord = <V>(factors: readonly V[]): Factors<V> =>
  Object.fromEntries(factors.map((factor, k) => [factorNames[k]!, factor]));

function tensors({ gates }: Matrix, chain: Chain): Factors<TensorSpec> {
  const bounds = balancedBounds(chain.map(size));
  return inRecord(chain.map((f, k) => ({ shape: [gates, ...f], bound: bounds[k]!, masked: false })));
}

const pairOf = ([b, c]: Chain): FactorPair => ({ b: b!, c: c! });

function prepare({ g, matrix, bound, tensors: made }: Preparation<Chain, Factors<TensorSpec>>): Apply {
  if (bound.length > 2) return chainProduct(g, inOrder<Value>(made, bound), matrix, bound);
  return kroneckerProduct(g, made as Two<Value>, matrix, pairOf(bound));
}

function plan({ p, x, y, matrix, bound, paths }: Planning<Chain, Factors<TensorSpec>>): void {
  if (bound.length > 2) planChain(p, { x, y }, matrix, { chain: bound, paths: inOrder(paths, bound) });
  else planKronecker(p, { x, y }, matrix, { pair: pairOf(bound), paths: paths as Two<string> });
}

function reconstruct(values: Factors<Float64Array>, { gates }: Matrix, chain: Chain): Float64Array {
  if (chain.length === 2) return kroneckerValues(values as Two<Float64Array>, gates, pairOf(chain));
  const factors = inOrder(values, chain);
  return joinGates(gates, (gate) =>
    chainValues(
      factors.map((f) => gateValues(f, gates, gate)),
      chain,
    ),
  );
}

function fitFactors(dense: Float64Array, { gates }: Matrix, chain: Chain): Factors<Float64Array> {
  if (chain.length === 2) return fitKronecker(dense, gates, pairOf(chain));
  const fitted = Array.from({ length: gates }, (_, gate) => fitChain(gateValues(dense, gates, gate), chain));
  return inRecord(chain.map((_, k) => joinGates(gates, (gate) => fitted[gate]![k]!)));
}

/** W = B (x) C (x) ... per gate, B (gates, m1, n1), C (gates, m2, n2), ...: m1 n1 + m2 n2 + ... values. */
export const kp = defineMethod({
  name: 'kp',
  summary: 'the matrix is the Kronecker product of two small ones, or of more',
  law: 'W = B (x) C (x) ..., with B (m1, n1), C (m2, n2), ..., m = m1 m2 ... and n = n1 n2 ...',
  source: '[D]; Thakker et al. 2019',
  guide: {
    parameters: 'the sizes of the factors per gate',
    multiplyAdds: 'those of the cheapest order of the factors',
    use:
      'Use it for the strongest compression, 50 times and more, where a fixed pattern is enough; `dkp` ' +
      'gives the lost freedom back to single values.',
    example: 'rnn1: kp(B=13x65, C=50x20)',
  },
  schema,
  messages,
  check,
  open: (values) => writtenShapes(values).length === 0,
  stacks: (values, matrix) => {
    if (!isLong(values)) return shapesStack(values, matrix);
    const shapes = writtenShapes(values);
    return isStackable(matrix, values.layout) && !makes(shapes, matrix) && makes(shapes, stackedMatrix(matrix));
  },
  bind: resolveChain,
  dial: ({ matrix, args: { values } }) => {
    const chains = choices(values, matrix);
    const name = values.factors === undefined ? 'B and C' : 'factors';
    const among = 'of factors with equally many parameters, those with the largest rank bound';
    return { name, least: 0, most: chains.length - 1, at: (setting) => chains[setting]!, among };
  },
  tensors,
  rank: (_, chain) => chainRank(chain),
  why: (values, matrix) => {
    if (isLong(values)) return undefined;
    return values.factors === undefined || values.factors === 2 ? whyPair(values, matrix) : whyChain(values, matrix);
  },
  show: (chain) => Object.fromEntries(chain.map((f, k) => [factorNames[k]!, formatShape(f)])),
  prepare,
  reconstruct,
  plan,
  fit: ({ dense, matrix, bound }) => fitFactors(dense, matrix, bound),
});
