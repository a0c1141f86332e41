/**
 * Where a hybrid Kronecker matrix is cut: how many rows stand in full, and which factors make the rest. What a goal
 * may choose from, and what is nearest to arguments that do not fit. Builds nothing.
 */
import { formatShape } from '../../tensor/shape.js';
import {
  allPairs,
  apart,
  byMerit,
  type FactorPair,
  formatPair,
  matchingPair,
  pairDistance,
  pairParameters,
  pairRank,
  pairsBySize,
  type WrittenFactors,
} from '../kronecker-shapes.js';
import type { MatrixShape } from '../method.js';

/** `rows` rows in full over B (x) C. */
export interface Split {
  readonly rows: number;
  readonly pair: FactorPair;
}

/** The arguments as they were read. */
export interface WrittenSplit extends WrittenFactors {
  readonly rows: number | undefined;
}

/** Upper bound of the rank. */
export const splitRank = ([m, n]: MatrixShape, { rows, pair }: Split): number => Math.min(rows + pairRank(pair), m, n);

const splitParameters = ([, n]: MatrixShape, { rows, pair }: Split): number => rows * n + pairParameters(pair);

/** Factors under rows in full: the largest rank that costs less than one row more, then as for `kp`. */
function pairUnderRows(below: MatrixShape): FactorPair {
  const pairs = allPairs(below);
  const most = Math.min(...pairs.map(pairParameters)) + below[1];
  const merit = (x: FactorPair, y: FactorPair): number => pairRank(y) - pairRank(x) || byMerit(x, y);
  return pairs
    .filter((pair) => pairParameters(pair) < most)
    .reduce((best, pair) => (merit(pair, best) < 0 ? pair : best));
}

const pairFor = (below: MatrixShape, written: WrittenFactors): FactorPair | undefined =>
  (written.B ?? written.C) === undefined ? pairUnderRows(below) : matchingPair(below, written);

/** The split that the arguments give; undefined when they leave it open or do not fit. */
export function matchingSplit([m, n]: MatrixShape, written: WrittenSplit): Split | undefined {
  const { B, C } = written;
  if (written.rows === undefined && (B === undefined || C === undefined)) return undefined;
  const rows = written.rows ?? m - B![0]! * C![0]!;
  const pair = rows >= 1 && rows < m ? pairFor([m - rows, n], written) : undefined;
  return pair && { rows, pair };
}

const counted = (most: number): readonly number[] => Array.from({ length: Math.max(most, 0) }, (_, i) => i + 1);

/**
 * What a goal chooses from, fewest parameters first. More parameters never come with a lower rank: a cut that leaves
 * a prime number of rows to the factors is worth less than one a few rows above it.
 */
export function splitsBySize(matrix: MatrixShape, written: WrittenSplit): readonly Split[] {
  const [m, n] = matrix;
  const splits =
    written.rows !== undefined
      ? pairsBySize([m - written.rows, n]).map((pair): Split => ({ rows: written.rows!, pair }))
      : counted(m - 1).flatMap((rows): readonly Split[] => {
          const pair = pairFor([m - rows, n], written);
          return pair === undefined ? [] : [{ rows, pair }];
        });
  const measured = splits.map((split) => ({
    split,
    size: splitParameters(matrix, split),
    rank: splitRank(matrix, split),
  }));
  let [size, rank] = [0, 0];
  return measured
    .sort((x, y) => x.size - y.size || y.rank - x.rank)
    .flatMap((one) => {
      if (one.size === size || one.rank < rank) return [];
      [size, rank] = [one.size, one.rank];
      return [one.split];
    });
}

/** As a program writes it. */
export const formatSplit = ({ rows, pair }: Split): string => `rows=${rows}, ${formatPair(pair)}`;

/** The three legal splits nearest to what was written, as a program writes them. */
export function nearestSplits([m, n]: MatrixShape, written: WrittenSplit): string {
  const distance = ({ rows, pair }: Split): number =>
    (written.rows === undefined ? 0 : apart(rows, written.rows)) + pairDistance(pair, written);
  const nearer = (x: Split, y: Split): number => distance(x) - distance(y) || byMerit(x.pair, y.pair);
  const nearest = counted(m - 1).map((rows) =>
    allPairs([m - rows, n])
      .map((pair): Split => ({ rows, pair }))
      .reduce((best, split) => (nearer(split, best) < 0 ? split : best)),
  );
  const list = nearest.sort(nearer).slice(0, 3);
  return list.map((split) => `(${formatSplit(split)})`).join(', ');
}

const rowsText = (rows: number): string => `${rows} row${rows === 1 ? '' : 's'}`;

/** What the arguments make, in the words of an error. */
export function foundShape({ rows, B, C }: WrittenSplit): string {
  const over = rows === undefined ? 'at least 1 row' : rowsText(rows);
  if (B === undefined || C === undefined) {
    const [name, given, other] = B === undefined ? ['C', C, 'B'] : ['B', B, 'C'];
    return `${name}=${formatShape(given ?? [])} under ${over} fits no ${other}`;
  }
  const made = formatShape([(rows ?? 1) + B[0]! * C[0]!, B[1]! * C[1]!]);
  const more = rows === undefined ? ' or more' : '';
  return `B=${formatShape(B)} and C=${formatShape(C)} under ${over} make ${made}${more}`;
}
