/**
 * Shapes and ranks of a tensor train: what a matrix may be cut into, what is nearest to shapes that do not fit, and
 * the most that a rank can be. Builds nothing.
 */
import { formatShape } from '../../tensor/shape.js';
import { cuts, nearestCuts, product, sum } from '../cuts.js';
import type { MatrixShape } from '../method.js';

/** Core k is (ranks[k], rows, columns, ranks[k + 1]); the first and the last rank are 1. */
export interface Train {
  readonly shapes: readonly MatrixShape[];
  readonly ranks: readonly number[];
}

/** What core k is as a matrix inside the product: W x applies the cores from the last to the first. */
export interface CoreMatrix {
  /** Its rank to the left times its rows; its columns times its rank to the right. */
  readonly rows: number;
  readonly columns: number;
  /** Columns of the cores to the left, rows of the cores to the right. */
  readonly before: number;
  readonly after: number;
}

export function coreMatrix({ shapes, ranks }: Train, k: number): CoreMatrix {
  const [rows, columns] = shapes[k]!;
  return {
    rows: ranks[k]! * rows,
    columns: columns * ranks[k + 1]!,
    before: product(shapes.slice(0, k).map((s) => s[1])),
    after: product(shapes.slice(k + 1).map((s) => s[0])),
  };
}

/** Multiply-adds of W x. */
export const trainCost = (train: Train): number =>
  train.shapes.reduce((sum, _, k) => sum + product(Object.values(coreMatrix(train, k))), 0);

/** The shape that cores make. */
export const madeShape = (shapes: readonly MatrixShape[]): MatrixShape => [
  product(shapes.map((s) => s[0])),
  product(shapes.map((s) => s[1])),
];

/** The most that the rank between each core and the next can be: one side of the cut has no more directions. */
export const mostRanks = (shapes: readonly MatrixShape[]): readonly number[] =>
  shapes.slice(1).map((_, k) => {
    const [left, right] = [shapes.slice(0, k + 1), shapes.slice(k + 1)].map((side) => product(madeShape(side)));
    return Math.min(left!, right!);
  });

/** One rank for all, where a cut allows less that. */
export const uniform = (shapes: readonly MatrixShape[], rank: number): Train => ({
  shapes,
  ranks: [1, ...mostRanks(shapes).map((most) => Math.min(rank, most)), 1],
});

/** Upper bound of the rank of W: that of a sum of Kronecker products, and of each factor that the cores are. */
export function trainRank(train: Train): number {
  const { shapes, ranks } = train;
  const terms = product(ranks) * product(shapes.map((s) => Math.min(...s)));
  const cores = shapes.map((_, k) => {
    const { rows, columns, before, after } = coreMatrix(train, k);
    return before * after * Math.min(rows, columns);
  });
  return Math.min(terms, ...cores, ...madeShape(shapes));
}

/** `value` cut as evenly as it can be, falling. */
function evenCut(value: number, parts: number): readonly number[] {
  const best = cuts(value, parts).reduce((a, b) => (sum(b) < sum(a) ? b : a));
  return [...best].sort((a, b) => b - a);
}

/**
 * Shapes when none are given: rows and columns cut as evenly as they can be. Rows fall and columns rise, so that x
 * becomes short before the middle cores, whose matrices grow with the square of the rank.
 */
export function evenShapes([m, n]: MatrixShape, cores: number): readonly MatrixShape[] {
  const columns = [...evenCut(n, cores)].reverse();
  return evenCut(m, cores).map((rows, k): MatrixShape => [rows, columns[k]!]);
}

export const formatShapes = (shapes: readonly MatrixShape[]): string => `[${shapes.map(formatShape).join(', ')}]`;

/** The legal shapes nearest to those written, as a program writes them. */
export function nearestShapes([m, n]: MatrixShape, written: readonly MatrixShape[]): string {
  const sides = [0, 1].map((side) =>
    nearestCuts(
      side === 0 ? m : n,
      written.map((s) => s[side]!),
      2,
    ),
  );
  const [rows, columns] = [sides[0]!, sides[1]!];
  const pairs = [
    [rows[0], columns[0]],
    [rows[1], columns[0]],
    [rows[0], columns[1]],
  ];
  return pairs
    .flatMap(([r, c]) => (r && c ? [formatShapes(r.map((v, k): MatrixShape => [v, c[k]!]))] : []))
    .join(' or ');
}
