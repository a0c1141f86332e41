/** Hybrid Kronecker product: some output rows stored in full over a Kronecker product. */
import { optional, positiveInteger } from '../../arguments/schema.js';
import { part } from '../../kernels/planner.js';
import { formatShape } from '../../tensor/shape.js';
import { denseProduct, once } from '../column-blocks.js';
import {
  type Binding,
  defineMethod,
  type Fitting,
  type Planning,
  type Preparation,
  stackedMatrix,
} from '../define-method.js';
import { gateValues, joinGates } from '../gates.js';
import {
  type Factors,
  factoredKronecker,
  factorTensors,
  fitKronecker,
  kroneckerValues,
  multipliedOut,
} from '../kronecker-product.js';
import { factorB, factorC, isStackable, neededShape } from '../kronecker-shapes.js';
import type { Apply, Matrix, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';
import { planUpperRows } from '../upper-rows.js';
import { foundShape, matchingSplit, nearestSplits, type Split, splitRank, splitsBySize } from './splits.js';

type Hybrid = Readonly<Record<'A', TensorSpec>> & Factors<TensorSpec>;

/** The same columns with other rows. */
const withRows = ({ gates, shape: [, n], columns }: Matrix, rows: number): Matrix => ({
  gates,
  shape: [rows, n],
  columns,
});
const lowerPart = (matrix: Matrix, { rows }: Split): Matrix => withRows(matrix, matrix.shape[0] - rows);

/** A' as a dense weight, and B (x) C so that it varies alike. */
const tensors = (matrix: Matrix, { rows, pair }: Split): Hybrid => ({
  A: { shape: [matrix.gates, rows, matrix.shape[1]], bound: (a) => a, masked: false },
  ...factorTensors(matrix, pair),
});

/** Where factors are cheaper: both parts apart, put together gate by gate. Else one product with [A'; B (x) C]. */
function prepare({ g, matrix, bound, tensors: { A, B, C } }: Preparation<Split, Hybrid>): Apply {
  const { gates, shape } = matrix;
  const lower = lowerPart(matrix, bound);
  const upperProduct = once(() => denseProduct(g, A, withRows(matrix, bound.rows)));
  const lowerProduct = factoredKronecker(g, { B, C }, lower, bound.pair);
  const product = once(() => denseProduct(g, g.concat([A, multipliedOut(g, { B, C }, lower)], 1), matrix));
  return (block, x, rows) => {
    const below = lowerProduct(block, x, rows);
    if (below === undefined) return product()(block, x, rows);
    const above = upperProduct()(block, x, rows);
    const [samples] = g.shape(x);
    const byGate = [above, below].map((part) => g.reshape(part, [samples!, gates, g.shape(part)[1]! / gates]));
    return g.reshape(g.concat(byGate, 2), [samples!, gates * shape[0]]);
  };
}

function plan({ p, x, y, matrix: { gates, shape }, bound, paths }: Planning<Split, Hybrid>): void {
  const [m, n] = shape;
  const { rows, pair } = bound;
  const [b, c] = [pair.b, pair.c];
  planUpperRows(p, { tensor: paths.A, offset: 0, rows: gates * rows, columns: n }, x, { count: gates, apart: m, y });
  p.kron(
    { tensor: paths.B, offset: 0, rows: gates * b[0], columns: b[1] },
    { tensor: paths.C, offset: 0, rows: gates * c[0], columns: c[1] },
    x,
    { count: gates, apart: m, y: part(y, rows, y.size - rows) },
  );
}

type Values = Readonly<Record<keyof Hybrid, Float64Array>>;

function reconstruct({ A, B, C }: Values, { gates }: Matrix, { pair }: Split): Float64Array {
  const lower = kroneckerValues({ B, C }, gates, pair);
  return joinGates(2 * gates, (half) => gateValues(half % 2 === 0 ? A : lower, gates, Math.floor(half / 2)));
}

/** The nearest: the upper rows as they are, the nearest Kronecker product to the others. */
function fit({ dense, matrix: { gates, shape }, bound: { rows, pair } }: Fitting<Split>): Values {
  const n = shape[1];
  const gate = (index: number): Float64Array => gateValues(dense, gates, index);
  const lower = joinGates(gates, (index) => gate(index).subarray(rows * n));
  return { A: joinGates(gates, (index) => gate(index).subarray(0, rows * n)), ...fitKronecker(lower, gates, pair) };
}

const schema = { rows: optional(positiveInteger('rows stored in full')), B: factorB, C: factorC, layout };
const messages = {
  'one-row': {
    severity: 'error',
    message: '`hkp` needs at least 2 rows, the matrix of {path} is {m}x{n}',
    hint: 'leave {path} dense',
  },
  'too-many-rows': {
    severity: 'error',
    message: 'rows = {rows} leaves no row of the {m}x{n} matrix of {path} to B (x) C',
    hint: 'use at most {most} rows; without `rows` a goal such as `to 10x` chooses them',
  },
  shapes: {
    severity: 'error',
    message: '{found}, but {path} is {needed}',
    hint: 'the nearest legal ones are {nearest}',
  },
} as const;
type HkpBinding = Binding<typeof schema, typeof messages>;

/** False after a report: too few rows for two parts. */
function allowsRows({ matrix, site: { path }, args, fail }: HkpBinding): boolean {
  const [m, n] = matrix.shape;
  const { rows } = args.values;
  if (m < 2) fail('one-row', args.at('rows'), { m, n, path });
  else if (rows !== undefined && rows >= m) fail('too-many-rows', args.at('rows'), { rows, m, n, path, most: m - 1 });
  return m >= 2 && (rows === undefined || rows < m);
}

function failShapes({ matrix, site: { path }, args, fail }: HkpBinding): undefined {
  const { values } = args;
  return fail('shapes', args.at(args.given('B') ? 'B' : 'C'), {
    found: foundShape(values),
    path,
    needed: neededShape(matrix, values.layout),
    nearest: nearestSplits(matrix.shape, values),
  });
}

const among =
  'under each number of rows, the factors of the largest rank that cost less than one row more; of these only those ' +
  'whose rank no smaller one exceeds';

/** W = [A'; B (x) C] per gate, A' (gates, rows, n): rows n + m1 n1 + m2 n2 values. */
export const hkp = defineMethod({
  name: 'hkp',
  summary: 'the upper rows in full, the lower rows as a Kronecker product',
  law: "W = [A'; B (x) C], with A' (rows, n), B (m1, n1), C (m2, n2), m - rows = m1 m2 and n = n1 n2",
  source: 'Thakker et al. 2019b; [D] section 1, table 3',
  guide: {
    parameters: 'rows n + m1 n1 + m2 n2 per gate',
    multiplyAdds: 'rows n and those of `kp`',
    use:
      'Use it between the strength of `kp` and 5 times; [D] table 3 finds `dkp` better at the same number ' +
      'of parameters.',
    example: 'rnn1: hkp to 10x',
  },
  schema,
  messages,
  open: ({ rows, B, C }) =>
    rows === undefined ? B === undefined || C === undefined : B === undefined && C === undefined,
  stacks: (written, matrix) =>
    isStackable(matrix, written.layout) &&
    matchingSplit(matrix.shape, written) === undefined &&
    (written.B ?? written.C) !== undefined &&
    matchingSplit(stackedMatrix(matrix).shape, written) !== undefined,
  bind: (binding) => {
    const { matrix, args, need } = binding;
    const { B, C } = args.values;
    if (!allowsRows(binding)) return undefined;
    if ((B === undefined || C === undefined) && need('rows') === undefined) return undefined;
    return matchingSplit(matrix.shape, args.values) ?? failShapes(binding);
  },
  dial: (binding) => {
    if (!allowsRows(binding)) return undefined;
    const splits = splitsBySize(binding.matrix.shape, binding.args.values);
    if (splits.length === 0) return failShapes(binding);
    const name = binding.args.given('rows') ? 'B and C' : 'rows';
    return { name, least: 0, most: splits.length - 1, at: (setting) => splits[setting]!, among };
  },
  tensors,
  rank: ({ shape }, split) => splitRank(shape, split),
  show: ({ rows, pair: { b, c } }) => ({ rows, B: formatShape(b), C: formatShape(c) }),
  prepare,
  reconstruct,
  plan,
  fit,
});
