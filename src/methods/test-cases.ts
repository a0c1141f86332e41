/** The weights that the conformance suite runs every method on: odd shapes, gates, cuts between column blocks. */
import type { Weight } from './method.js';
import { methods } from './methods.js';
import { matrixOf, type Written, weightOf } from './test-support.js';

/** Legal arguments of each method for a matrix (m, n); undefined where there are none. */
export const argumentsFor: Readonly<
  Record<string, (m: number, n: number) => Readonly<Record<string, Written>> | undefined>
> = {
  dense: () => ({}),
  prune: () => ({ sparsity: { percent: 50 } }),
  lmf: (m, n) => ({ r: Math.min(m, n, 3) }),
  hlf: (m, n) => (m < 2 ? undefined : { j: Math.ceil((m - 1) / 3), k: Math.min(n, Math.floor(m / 2), 2) }),
  kp: () => ({}),
  dkp: () => ({ sparsity: { percent: 50 } }),
  hkp: (m) => (m < 2 ? undefined : { rows: Math.ceil((m - 1) / 3) }),
  tt: (m, n) => ({ ranks: Math.min(m, n, 2) }),
  circulant: (m, n) => ({ block: Math.min(m, n, 5) }),
};

/** Rows, then the widths of the column blocks. 26x52 is 650x1300 scaled down; 7 + 13 and 5 + 15 cut inside a block. */
const shapes: readonly (readonly number[])[] = [
  [1, 1],
  [1, 7],
  [7, 1],
  [7, 13],
  [7, 6, 7],
  [12, 20],
  [12, 7, 13],
  [16, 5, 15],
  [26, 26, 26],
];

export interface Case {
  readonly title: string;
  readonly weight: Weight;
}
const listed: readonly Case[] = methods.flatMap(({ name }) =>
  shapes.flatMap(([rows, ...columns]) =>
    [1, 4].flatMap((gates): Case[] => {
      const matrix = matrixOf(gates, rows!, ...columns);
      const given = argumentsFor[name]!(...matrix.shape);
      const title = `${name} ${gates} x ${rows}x${columns.join('+')}`;
      return given === undefined ? [] : [{ title, weight: weightOf(name, given, matrix) }];
    }),
  ),
);

/** Both association orders, each with a cut inside a Kronecker block. */
const orders: readonly Case[] = ['kp', 'dkp'].flatMap((name) =>
  [
    { B: [2, 4], C: [6, 5] },
    { B: [6, 5], C: [2, 4] },
    { B: [12, 20], C: [1, 1] },
    { B: [1, 1], C: [12, 20] },
    { B: [16, 4], C: [3, 5] },
  ].map((given) => ({
    title: `${name} B=${given.B.join('x')} C=${given.C.join('x')}`,
    weight: weightOf(name, given, matrixOf(4, 12, 7, 13)),
  })),
);

/** Three to five factors in several orders, the cut between column blocks inside the first. */
const chains: readonly Case[] = [
  { B: [2, 4], C: [3, 1], D: [2, 5] },
  { B: [3, 5], C: [2, 2], D: [2, 2] },
  { B: [1, 2], C: [12, 2], D: [1, 5] },
  { B: [2, 2], C: [1, 1], D: [3, 2], E: [1, 1], F: [2, 5] },
].map((given) => ({
  title: `kp ${Object.entries(given)
    .map(([name, shape]) => `${name}=${shape.join('x')}`)
    .join(' ')}`,
  weight: weightOf('kp', given, matrixOf(4, 12, 7, 13)),
}));

/** The same under rows in full: the cut between column blocks falls inside a Kronecker block. */
const hybrids: readonly Case[] = [
  { rows: 2, B: [2, 4], C: [5, 5] },
  { rows: 6, B: [3, 5], C: [2, 4] },
  { rows: 11, B: [1, 4], C: [1, 5] },
].map((given) => ({
  title: `hkp rows=${given.rows} B=${given.B.join('x')} C=${given.C.join('x')}`,
  weight: weightOf('hkp', given, matrixOf(4, 12, 7, 13)),
}));

/** Two to four cores, with ranks by the cut, the cut between column blocks inside a digit. */
const trains: readonly Case[] = [
  {
    shapes: [
      [2, 4],
      [6, 5],
    ],
    ranks: [3],
  },
  {
    shapes: [
      [6, 5],
      [2, 4],
    ],
    ranks: [7],
  },
  {
    shapes: [
      [3, 2],
      [2, 5],
      [2, 2],
    ],
    ranks: [6, 4],
  },
  {
    shapes: [
      [2, 5],
      [1, 2],
      [3, 1],
      [2, 2],
    ],
    ranks: [2, 3, 3],
  },
  {
    shapes: [
      [1, 1],
      [12, 20],
    ],
    ranks: [1],
  },
].map(({ shapes, ranks }) => ({
  title: `tt ${shapes.map((s) => s.join('x')).join(' ')} ranks ${ranks.join(' ')}`,
  weight: weightOf('tt', { shapes: { list: shapes }, ranks: { list: ranks } }, matrixOf(4, 12, 7, 13)),
}));

/** Blocks over all gates below each other, some reaching from one gate into the next. */
const blocked: readonly Case[] = ['prune', 'dkp'].flatMap((name) =>
  [
    [4, 1],
    [1, 4],
    [8, 4],
    [16, 1],
    [3, 5],
  ].map((block) => ({
    title: `${name} block=${block.join('x')}`,
    weight: weightOf(name, { sparsity: { percent: 50 }, block }, matrixOf(4, 12, 7, 13)),
  })),
);
export const cases: readonly Case[] = [...listed, ...orders, ...chains, ...hybrids, ...trains, ...blocked];
