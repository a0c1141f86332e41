/** Tensor train: the digits of rows and columns, one core for each pair, chained by ranks. */
import type { Value } from '../../graph/ops.js';
import { part } from '../../kernels/planner.js';
import { defined } from '../../support/assert.js';
import { formatShape, size } from '../../tensor/shape.js';
import { balancedBounds } from '../balanced-factors.js';
import { type Binding, defineMethod, type Fail, type Fitting, type Planning, stackedMatrix } from '../define-method.js';
import { gateValues, joinGates } from '../gates.js';
import { isStackable, neededShape } from '../kronecker-shapes.js';
import type { Matrix, MatrixShape, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';
import { mostCores, ranks, shapes } from './arguments.js';
import { fitTrain, trainProduct, trainValues } from './cores.js';
import {
  coreMatrix,
  evenShapes,
  formatShapes,
  madeShape,
  mostRanks,
  nearestShapes,
  type Train,
  trainRank,
  uniform,
} from './train.js';

type Cores<V> = Readonly<Record<string, V>>;
const coreName = (k: number): string => `G${k + 1}`;

function tensors({ gates }: Matrix, { shapes, ranks }: Train): Cores<TensorSpec> {
  const cores = shapes.map(([rows, columns], k) => [ranks[k]!, rows, columns, ranks[k + 1]!]);
  const bounds = balancedBounds(cores.map(size), size(ranks));
  return Object.fromEntries(
    cores.map((core, k) => [coreName(k), { shape: [gates, ...core], bound: bounds[k]!, masked: false }]),
  );
}

/** The cores in order, from a record of them. */
const inOrder = <V>(cores: Cores<V>, { shapes }: Train): readonly V[] =>
  shapes.map((_, k) => defined(cores[coreName(k)], coreName(k)));

/** Core by core from the last to the first, gate by gate. */
function plan({ p, x, y, matrix, bound, paths }: Planning<Train, Cores<TensorSpec>>): void {
  const [m] = matrix.shape;
  for (let gate = 0; gate < matrix.gates; gate++) {
    let from = x;
    for (let k = bound.shapes.length - 1; k >= 0; k--) {
      const { rows, columns, before, after } = coreMatrix(bound, k);
      const w = { tensor: inOrder(paths, bound)[k]!, offset: gate * rows * columns, rows, columns };
      const to = k === 0 ? part(y, gate * m, m) : p.scratch(before * rows * after);
      p.gemm(w, from, to, { before, after, mode: k === 0 ? 'add' : 'set' });
      from = to;
    }
  }
}

function fit({ dense, matrix: { gates }, bound }: Fitting<Train>): Cores<Float64Array> {
  const fitted = Array.from({ length: gates }, (_, gate) => fitTrain(gateValues(dense, gates, gate), bound));
  return Object.fromEntries(bound.shapes.map((_, k) => [coreName(k), joinGates(gates, (gate) => fitted[gate]![k]!)]));
}

const schema = { shapes, ranks, layout };
const messages = {
  shapes: {
    severity: 'error',
    message: 'the cores {found} make {made}, but {path} is {needed}',
    hint: 'the nearest legal shapes are {nearest}',
  },
  'rank-count': {
    severity: 'error',
    message: '{given} ranks for {cores} cores, which have {needed} between them',
    hint: 'write one rank for all, or {needed} of them',
  },
  'rank-too-large': {
    severity: 'error',
    message: 'rank {rank} is more than {path} can have {where} in cores {shapes}: {most}',
    hint: 'use at most {nearest}',
  },
} as const;
type TrainBinding = Binding<typeof schema, typeof messages>;

/** Cores of a program that names none; three, the usual number, unless the ranks say otherwise. */
const coresFor = (ranks: number | readonly number[] | undefined): number =>
  typeof ranks === 'object' ? ranks.length + 1 : 3;

/** The shapes given or chosen, when they make the matrix. */
function resolveShapes({ matrix, site: { path }, args, fail }: TrainBinding): readonly MatrixShape[] | undefined {
  const { shapes, ranks, layout } = args.values;
  if (shapes === undefined) return evenShapes(matrix.shape, coresFor(ranks));
  const made = madeShape(shapes);
  if (made.every((extent, side) => extent === matrix.shape[side])) return shapes;
  const needed = neededShape(matrix, layout);
  const nearest = nearestShapes(matrix.shape, shapes);
  return fail('shapes', args.at('shapes'), {
    found: formatShapes(shapes),
    made: formatShape(made),
    path,
    needed,
    nearest,
  });
}

/** The train of given ranks, none larger than a cut allows. */
function resolveTrain(
  { site: { path }, args, fail }: TrainBinding,
  shapes: readonly MatrixShape[],
  ranks: number | readonly number[],
): Train | undefined {
  const most = mostRanks(shapes);
  const text = { path, shapes: formatShapes(shapes) };
  if (typeof ranks === 'number') {
    const limit = Math.max(...most);
    if (ranks <= limit) return uniform(shapes, ranks);
    return fail('rank-too-large', args.at('ranks'), {
      ...text,
      rank: ranks,
      where: 'anywhere',
      most: limit,
      nearest: `ranks=${limit}`,
    });
  }
  const k = ranks.findIndex((rank, cut) => rank > most[cut]!);
  if (k < 0) return { shapes, ranks: [1, ...ranks, 1] };
  const nearest = `ranks=[${ranks.map((rank, cut) => Math.min(rank, most[cut]!)).join(', ')}]`;
  const where = `between cores ${k + 1} and ${k + 2}`;
  return fail('rank-too-large', args.at('ranks'), { ...text, rank: ranks[k]!, where, most: most[k]!, nearest });
}

type Values = TrainBinding['args'];
function check({ values: { shapes, ranks }, at }: Values, fail: Fail<typeof messages>): void {
  if (shapes === undefined || typeof ranks !== 'object' || ranks.length === shapes.length - 1) return;
  fail('rank-count', at('ranks'), { given: ranks.length, cores: shapes.length, needed: shapes.length - 1 });
}

const among = 'cores as even as their number allows, one rank for all, cut where a core cannot have it';

/** W[(i1..id), (j1..jd)] = G1[i1, j1] ... Gd[id, jd], core k (rk-1, mk, nk, rk): as many values as the cores have. */
export const tt = defineMethod({
  name: 'tt',
  summary: `a chain of 2 to ${mostCores} small cores, one for each digit of the rows and columns`,
  law: 'W[(i1 .. id), (j1 .. jd)] = G1[i1, j1] ... Gd[id, jd], with Gk[ik, jk] a matrix (rk-1, rk), r0 = rd = 1',
  source: 'Tjandra et al. 2017; Grachev et al. 2019; [D] table 4',
  guide: {
    parameters: 'the sum of rk-1 mk nk rk per gate',
    multiplyAdds: 'the sum over cores of (n1 .. nk-1) (rk-1 mk) (nk rk) (mk+1 .. md) per gate',
    use:
      'Use it for strong compression of large matrices where multiply-adds do not matter: they may exceed ' +
      'the dense ones.',
    example: 'rnn1: tt to 20x',
  },
  schema,
  messages,
  check,
  open: ({ ranks }) => ranks === undefined,
  stacks: ({ shapes, layout }, matrix) => {
    if (shapes === undefined || !isStackable(matrix, layout)) return false;
    const made = formatShape(madeShape(shapes));
    return made !== formatShape(matrix.shape) && made === formatShape(stackedMatrix(matrix).shape);
  },
  bind: (binding) => {
    const shapes = resolveShapes(binding);
    const ranks = shapes === undefined ? undefined : binding.need('ranks');
    return shapes === undefined || ranks === undefined ? undefined : resolveTrain(binding, shapes, ranks);
  },
  dial: (binding) => {
    const shapes = resolveShapes(binding);
    if (shapes === undefined) return undefined;
    return {
      name: 'ranks',
      least: 1,
      most: Math.max(...mostRanks(shapes)),
      at: (rank) => uniform(shapes, rank),
      ...(binding.args.given('shapes') ? {} : { among }),
    };
  },
  tensors,
  why: ({ shapes, ranks }) => (shapes === undefined && ranks !== undefined ? `shapes: ${among}` : undefined),
  rank: (_, train) => trainRank(train),
  show: ({ shapes, ranks }) => ({ shapes: formatShapes(shapes), ranks: `[${ranks.slice(1, -1).join(', ')}]` }),
  prepare: ({ g, matrix, bound, tensors }) => trainProduct(g, inOrder<Value>(tensors, bound), matrix, bound),
  reconstruct: (values, { gates }, train) =>
    joinGates(gates, (gate) =>
      trainValues(
        inOrder(values, train).map((core) => gateValues(core, gates, gate)),
        train,
      ),
    ),
  plan,
  fit,
});
