/** Hybrid (half) factorization: some output rows stored in full, the others at low rank. */
import { named, optional, positiveInteger, withDefault, yesNo } from '../../arguments/schema.js';
import type { Value } from '../../graph/ops.js';
import { part } from '../../kernels/planner.js';
import { factorize, largestSingularValues, multiply } from '../../tensor/linear-algebra.js';
import { denseProduct, gateOf, once, sliceColumns, worthFactoring } from '../column-blocks.js';
import {
  type Binding,
  defineMethod,
  type Fitting,
  type LookupOf,
  type Planning,
  type Preparation,
} from '../define-method.js';
import { gateValues, joinGates } from '../gates.js';
import type { Apply, Matrix, TensorSpec } from '../method.js';
import { layout } from '../parameters.js';
import { planUpperRows } from '../upper-rows.js';

/** j rows in full, the other m - j at rank k. */
interface Split {
  readonly j: number;
  readonly k: number;
  /** Hidden units may be reordered when given weights are fitted. */
  readonly permute: boolean;
}
type Hybrid = Readonly<Record<'A' | 'B' | 'C', TensorSpec>>;

/** A' as a dense weight; the low part so that it varies alike: k var(B) var(C) = a^2 / 3. */
function tensors({ gates, shape: [m, n] }: Matrix, { j, k }: Split): Hybrid {
  const bound = (a: number) => ((3 * a * a) / k) ** 0.25;
  return {
    A: { shape: [gates, j, n], bound: (a) => a, masked: false },
    B: { shape: [gates, m - j, k], bound, masked: false },
    C: { shape: [gates, k, n], bound, masked: false },
  };
}

/** All rows of [A'; C] in one product, then the low rows of each gate from its k sums ([H] algorithm 1). */
function prepare({ g, matrix, bound: { j, k }, tensors: { A, B, C } }: Preparation<Split, Hybrid>): Apply {
  const { gates, shape, columns } = matrix;
  const [m, n] = shape;
  const short = j + k;
  const down = once(() => sliceColumns(g, g.reshape(g.concat([A, C], 1), [gates * short, n]), matrix));
  const up = Array.from({ length: gates }, (_, gate) => gateOf(g, B, gate));
  const product = once(() => denseProduct(g, g.concat([A, g.matmul(B, C)], 1), matrix));
  const factored = (block: number, x: Value): Value => {
    const t = g.matmul(x, down()[block]!, { transposeB: true });
    const parts = up.flatMap((b, gate) => [
      g.slice(t, 1, gate * short, j),
      g.matmul(g.slice(t, 1, gate * short + j, k), b, { transposeB: true }),
    ]);
    return g.concat(parts, 1);
  };
  return (block, x, rows) => {
    const width = columns[block]!;
    const cost = gates * (short * width + k * (m - j));
    return worthFactoring(rows.count, gates * m * width, cost, 3 * gates + 1)
      ? factored(block, x)
      : product()(block, x, rows);
  };
}

function plan({ p, x, y, matrix: { gates, shape }, bound: { j, k }, paths }: Planning<Split, Hybrid>): void {
  const [m, n] = shape;
  const t = p.scratch(gates * k);
  p.gemv({ tensor: paths.C, offset: 0, rows: gates * k, columns: n }, x, t, 'set');
  planUpperRows(p, { tensor: paths.A, offset: 0, rows: gates * j, columns: n }, x, { count: gates, apart: m, y });
  for (let gate = 0; gate < gates; gate++) {
    const b = { tensor: paths.B, offset: gate * (m - j) * k, rows: m - j, columns: k };
    p.gemv(b, part(t, gate * k, k), part(y, gate * m + j, m - j), 'add');
  }
}

/**
 * One of the first j rows as it is, the others from their row of B: where vocabularies are sorted by count, the words
 * that occur most are the rich ones. A table has zeros where the other part has the row.
 */
const lookup: LookupOf<Split, Hybrid> = {
  prepare: ({ g, tensors: { A, B, C }, matrix: { shape }, bound: { j }, ids }) => {
    const [m] = shape;
    const rich = g.gather(g.pad(A, 0, 0, m), ids);
    const low = g.gather(g.pad(B, 0, j, m), ids);
    return g.add(rich, g.matmul(low, C));
  },
  plan: ({ p, ids, y, matrix: { shape }, bound: { j, k }, paths }) => {
    const [m, n] = shape;
    const t = p.scratch(k);
    p.embed({ tensor: paths.A, offset: 0, rows: j, columns: n }, ids, 0, y);
    p.embed({ tensor: paths.B, offset: 0, rows: m - j, columns: k }, ids, j, t);
    p.mix({ tensor: paths.C, offset: 0, rows: k, columns: n }, t, y, 'add');
  },
};

function reconstruct(
  { A, B, C }: Readonly<Record<keyof Hybrid, Float64Array>>,
  { gates, shape: [m, n] }: Matrix,
  { j, k }: Split,
): Float64Array {
  return joinGates(2 * gates, (half) => {
    const gate = Math.floor(half / 2);
    if (half % 2 === 0) return gateValues(A, gates, gate);
    return multiply(gateValues(B, gates, gate), gateValues(C, gates, gate), [m - j, k, n]);
  });
}

const schema = {
  j: optional(positiveInteger('rows stored in full')),
  k: withDefault(positiveInteger('rank of the other rows'), 1),
  permute: named(withDefault(yesNo('hidden units may be reordered when given weights are fitted'), false)),
  layout,
};
const messages = {
  softmax: {
    severity: 'error',
    message:
      '`hlf` cannot compress the softmax {path}: its upper rows would be richer than its lower ones, so that some ' +
      'classes would be told apart better than others ([H] section 6)',
    hint: 'use `lmf`, `prune` or `kp` for {path}',
  },
  'stacked-permute': {
    severity: 'error',
    message: '`permute=yes` chooses hidden units that are rich in all gates, `layout=stacked` rows of single gates',
    hint: 'leave `layout=stacked` out',
  },
  'one-row': {
    severity: 'error',
    message: '`hlf` needs at least 2 rows, the matrix of {path} is {m}x{n}',
    hint: 'leave {path} dense',
  },
  'too-many-rows': {
    severity: 'error',
    message: 'j + k = {sum} is more than the {m} rows of the {m}x{n} matrix of {path}',
    hint: 'with k = {k} use a j of at most {most}',
  },
  'rank-too-large': {
    severity: 'error',
    message: 'k = {k} is more than {most}, the most that the lower rows of the {m}x{n} matrix of {path} can have',
    hint: 'use a k of at most {most}; k = 1 gives the largest rank for its size',
  },
} as const;

/** k, when the site and the matrix allow it. */
function allowedRank({ matrix, site, args, fail }: Binding<typeof schema, typeof messages>): number | undefined {
  const [m, n] = matrix.shape;
  const { path } = site;
  const { k } = args.values;
  const most = Math.min(m - 1, n);
  if (site.layerKind === 'softmax') return fail('softmax', site.span, { path });
  if (m < 2) return fail('one-row', site.span, { m, n, path });
  if (k > most) return fail('rank-too-large', args.at('k'), { k, most, m, n, path });
  return k;
}

/** What rank k leaves of each row, squared, when the low part serves only the rows that are not rich. */
function lost(dense: Float64Array, { gates, shape }: Matrix, k: number, rich: ReadonlySet<number>): Float64Array {
  const [m, n] = shape;
  const low = Array.from({ length: m }, (_, row) => row).filter((row) => !rich.has(row));
  return joinGates(gates, (gate) => {
    const w = gateValues(dense, gates, gate);
    const rows = low.map((row) => w.subarray(row * n, (row + 1) * n));
    const { right } = largestSingularValues(
      joinGates(rows.length, (i) => rows[i]!),
      [rows.length, n],
      k,
    );
    return Float64Array.from({ length: m }, (_, row) => distance(w.subarray(row * n, (row + 1) * n), right));
  });
}

/** Squared distance of a row from the space of orthonormal vectors. */
function distance(row: Float64Array, basis: readonly Float64Array[]): number {
  const squares = row.reduce((sum, v) => sum + v * v, 0);
  const within = basis.map((vector) => row.reduce((sum, v, i) => sum + v * vector[i]!, 0));
  return Math.max(0, squares - within.reduce((sum, v) => sum + v * v, 0));
}

const unfit =
  'hlf is training-aware: which rows are rich is learned, so it cannot be applied to a trained network ' +
  '([H] section 6); `permute=yes` lets hidden units be reordered, so that the rich rows are chosen';

/** Rows in the order that `permute=yes` has given them: the first j as they are, the others by SVD. */
function fit({ dense, matrix: { gates, shape }, bound: { j, k } }: Fitting<Split>) {
  const [m, n] = shape;
  const gate = (index: number): Float64Array => gateValues(dense, gates, index);
  const low = Array.from({ length: gates }, (_, i) => factorize(gate(i).slice(j * n), [m - j, n], k));
  return {
    A: joinGates(gates, (i) => gate(i).slice(0, j * n)),
    B: joinGates(gates, (i) => low[i]!.u),
    C: joinGates(gates, (i) => low[i]!.v),
  };
}

/** W = [A'; B C] per gate: j n + k (m - j + n) values and multiply-adds ([H] eq. 4-5). */
export const hlf = defineMethod({
  name: 'hlf',
  summary: 'the upper rows in full, the lower rows at low rank (also written `hmd`)',
  law: "W = [A'; B C], with A' (j, n), B (m - j, k) and C (k, n)",
  source: '[H] eq. 4-5, algorithm 1',
  guide: {
    parameters: 'j n + k (m - j + n) per gate',
    multiplyAdds: 'the same',
    use:
      'Use it for 2 to 5 times where speed matters: two dense products, no indices. Not on the final ' +
      'softmax; given weights are fitted only with `permute=yes`.',
    example: 'rnn1.input, rnn1.recurrent: hlf to 2.5x',
  },
  schema,
  messages,
  check: ({ values, at }, fail) => {
    if (values.permute && values.layout === 'stacked') fail('stacked-permute', at('permute'), {});
  },
  open: ({ j }) => j === undefined,
  bind: (binding) => {
    const k = allowedRank(binding);
    const j = k === undefined ? undefined : binding.need('j');
    if (k === undefined || j === undefined) return undefined;
    const { matrix, site, args, fail } = binding;
    const [m, n] = matrix.shape;
    if (j + k <= m) return { j, k, permute: args.values.permute };
    return fail('too-many-rows', args.at('j'), { sum: j + k, m, n, k, most: m - k, path: site.path });
  },
  dial: (binding) => {
    const k = allowedRank(binding);
    if (k === undefined) return undefined;
    const { permute } = binding.args.values;
    return { name: 'j', least: 1, most: binding.matrix.shape[0] - k, at: (j) => ({ j, k, permute }) };
  },
  tensors,
  rank: ({ shape }, { j, k }) => Math.min(j + k, ...shape),
  show: ({ j, k, permute }) => ({ j, k, ...(permute ? { permute: 'yes' } : {}) }),
  richRows: (matrix, { j, k, permute }) =>
    permute ? { count: j, lost: (dense, rich) => lost(dense, matrix, k, rich) } : undefined,
  prepare,
  reconstruct,
  plan,
  lookup,
  unfit: ({ permute }) => (permute ? undefined : unfit),
  fit,
});
