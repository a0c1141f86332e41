/** Low-rank matrix factorization: a matrix as the product of two thin ones. */
import { optional, positiveInteger } from '../../arguments/schema.js';
import type { Value } from '../../graph/ops.js';
import { part } from '../../kernels/planner.js';
import { factorize, multiply } from '../../tensor/linear-algebra.js';
import { denseProduct, gateOf, once, sliceColumns, worthFactoring } from '../column-blocks.js';
import { defineMethod, type LookupOf, type Planning, type Preparation } from '../define-method.js';
import { gateValues, joinGates } from '../gates.js';
import type { Apply, Matrix, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';

interface Rank {
  readonly r: number;
}
type LowRank = Readonly<Record<'U' | 'V', TensorSpec>>;

/** Both factors equally wide, so that W varies as a dense weight: r var(U) var(V) = a^2 / 3. */
const factorBound = (r: number) => (a: number) => ((3 * a * a) / r) ** 0.25;

function tensors({ gates, shape: [m, n] }: Matrix, { r }: Rank): LowRank {
  const bound = factorBound(r);
  return {
    U: { shape: [gates, m, r], bound, masked: false },
    V: { shape: [gates, r, n], bound, masked: false },
  };
}

function prepare({ g, matrix, bound: { r }, tensors: { U, V } }: Preparation<Rank, LowRank>): Apply {
  const { gates, shape, columns } = matrix;
  const [m, n] = shape;
  const down = sliceColumns(g, g.reshape(V, [gates * r, n]), matrix);
  const up = Array.from({ length: gates }, (_, gate) => gateOf(g, U, gate));
  const product = once(() => denseProduct(g, g.matmul(U, V), matrix));
  const factored = (block: number, x: Value): Value => {
    const t = g.matmul(x, down[block]!, { transposeB: true });
    return g.concat(
      up.map((u, gate) => g.matmul(g.slice(t, 1, gate * r, r), u, { transposeB: true })),
      1,
    );
  };
  return (block, x, rows) => {
    const width = columns[block]!;
    const ops = gates === 1 ? 1 : 2 * gates + 1;
    return worthFactoring(rows.count, gates * m * width, gates * r * (m + width), ops)
      ? factored(block, x)
      : product()(block, x, rows);
  };
}

function plan({ p, x, y, matrix: { gates, shape }, bound: { r }, paths }: Planning<Rank, LowRank>): void {
  const [m, n] = shape;
  const t = p.scratch(gates * r);
  p.gemv({ tensor: paths.V, offset: 0, rows: gates * r, columns: n }, x, t, 'set');
  for (let gate = 0; gate < gates; gate++) {
    const u = { tensor: paths.U, offset: gate * m * r, rows: m, columns: r };
    p.gemv(u, part(t, gate * r, r), part(y, gate * m, m), 'add');
  }
}

/** The row of U, times V. */
const lookup: LookupOf<Rank, LowRank> = {
  prepare: ({ g, tensors: { U, V }, ids }) => g.matmul(g.gather(U, ids), V),
  plan: ({ p, ids, y, matrix: { shape }, bound: { r }, paths }) => {
    const [m, n] = shape;
    const t = p.scratch(r);
    p.embed({ tensor: paths.U, offset: 0, rows: m, columns: r }, ids, 0, t);
    p.mix({ tensor: paths.V, offset: 0, rows: r, columns: n }, t, y, 'set');
  },
};

/** W = U V per gate, U (gates, m, r), V (gates, r, n): r (m + n) values and multiply-adds. */
export const lmf = defineMethod({
  name: 'lmf',
  summary: 'the matrix is the product of two thin ones',
  law: 'W = U V, with U (m, r) and V (r, n)',
  source: 'Kuchaiev & Ginsburg 2017; [H] eq. 1-3',
  guide: {
    parameters: 'r (m + n) per gate',
    multiplyAdds: 'r (m + n) per gate',
    use:
      'Use it where every row may be equally poor; `hlf` has about 1 + m/n times its rank for the same ' +
      'parameters.',
    example: 'rnn1: lmf to 5x',
  },
  schema: { r: optional(positiveInteger('rank of the product')), layout },
  messages: {
    'rank-too-large': {
      severity: 'error',
      message: 'rank {r} is more than {most}, the most that the {m}x{n} matrix of {path} can have',
      hint: 'use at most {most}; below {even} it stores less than the dense matrix',
    },
  },
  open: ({ r }) => r === undefined,
  bind: ({ matrix: { shape }, site: { path }, args, fail, need }) => {
    const [m, n] = shape;
    const r = need('r');
    if (r === undefined) return undefined;
    const most = Math.min(m, n);
    if (r > most)
      return fail('rank-too-large', args.at('r'), { r, most, m, n, path, even: Math.ceil((m * n) / (m + n)) });
    return { r };
  },
  dial: ({ matrix: { shape } }) => ({ name: 'r', least: 1, most: Math.min(...shape), at: (r) => ({ r }) }),
  tensors,
  rank: (_, { r }) => r,
  show: ({ r }) => ({ r }),
  prepare,
  reconstruct: ({ U, V }, { gates, shape: [m, n] }, { r }) =>
    joinGates(gates, (gate) => multiply(gateValues(U, gates, gate), gateValues(V, gates, gate), [m, r, n])),
  plan,
  lookup,
  fit: ({ dense, matrix: { gates, shape }, bound: { r } }) => {
    const factors = Array.from({ length: gates }, (_, gate) => factorize(gateValues(dense, gates, gate), shape, r));
    return { U: joinGates(gates, (gate) => factors[gate]!.u), V: joinGates(gates, (gate) => factors[gate]!.v) };
  },
});
