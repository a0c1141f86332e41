/**
 * Shapes of Kronecker factors: which pairs a matrix has, which one is best, and which are nearest to what was
 * written. Shared by `kp`, `dkp` and `hkp`.
 */
import { optional, shape } from '../arguments/schema.js';
import { kronCosts } from '../kernels/costs.js';
import { formatShape } from '../tensor/shape.js';
import { stackedMatrix } from './define-method.js';
import type { Matrix, MatrixShape } from './method.js';

/** B (x) C: rows and columns of both. */
export interface FactorPair {
  readonly b: MatrixShape;
  readonly c: MatrixShape;
}

/** The arguments `B` and `C`. */
export const factorB = optional(shape('rows and columns of the left Kronecker factor', 2));
export const factorC = optional(shape('rows and columns of the right Kronecker factor', 2));

/** The arguments as they were read. */
export interface WrittenFactors {
  readonly B: readonly number[] | undefined;
  readonly C: readonly number[] | undefined;
}
export interface WrittenShapes extends WrittenFactors {
  readonly layout: 'gates' | 'stacked' | undefined;
}

export const pairParameters = ({ b, c }: FactorPair): number => b[0] * b[1] + c[0] * c[1];

/** Upper bound of rank B * rank C. */
export const pairRank = ({ b, c }: FactorPair): number => Math.min(...b) * Math.min(...c);

/** Multiply-adds in the cheaper order. */
const pairCost = ({ b, c }: FactorPair): number => Math.min(...Object.values(kronCosts(b, c)));

/** As a program writes it: B=13x65, C=50x20. */
export const formatPair = ({ b, c }: FactorPair): string => `B=${formatShape(b)}, C=${formatShape(c)}`;

function divisors(value: number): readonly number[] {
  const small: number[] = [];
  for (let d = 1; d * d <= value; d++) if (value % d === 0) small.push(d);
  const large = small.filter((d) => d * d !== value).map((d) => value / d);
  return [...small, ...large.reverse()];
}

/** Fewest parameters, then largest rank bound, then fewest multiply-adds, then the smaller B. */
export const byMerit = (x: FactorPair, y: FactorPair): number =>
  pairParameters(x) - pairParameters(y) ||
  pairRank(y) - pairRank(x) ||
  pairCost(x) - pairCost(y) ||
  x.b[0] * x.b[1] - y.b[0] * y.b[1] ||
  x.b[0] - y.b[0];

/** All pairs of a matrix. */
export function allPairs([m, n]: MatrixShape): readonly FactorPair[] {
  const columns = divisors(n);
  return divisors(m).flatMap((m1) => columns.map((n1): FactorPair => ({ b: [m1, n1], c: [m / m1, n / n1] })));
}

/** All pairs of a matrix, the best first. */
export const factorPairs = (matrix: MatrixShape): readonly FactorPair[] => [...allPairs(matrix)].sort(byMerit);

/** The first of `factorPairs`, without putting the others in order. */
export const bestPair = (matrix: MatrixShape): FactorPair =>
  allPairs(matrix).reduce((best, pair) => (byMerit(pair, best) < 0 ? pair : best));

/** Which of the rules above decided between all pairs of a matrix; undefined where a factor is written. */
export function whyPair({ B, C }: WrittenFactors, { shape }: Matrix): string | undefined {
  if ((B ?? C) !== undefined) return undefined;
  const best = bestPair(shape);
  const rules: readonly (readonly [string, (pair: FactorPair) => number])[] = [
    ['the fewest parameters', pairParameters],
    ['the largest rank bound', pairRank],
    ['the fewest multiply-adds', pairCost],
  ];
  let left = allPairs(shape);
  const said: string[] = [];
  for (const [rule, of] of rules) {
    if (left.length === 1) break;
    said.push(`${rule} of ${left.length}${said.length === 0 ? ' factor pairs' : ''}`);
    left = left.filter((pair) => of(pair) === of(best));
  }
  if (left.length > 1) said.push('the smaller B');
  return `${formatPair(best)}: ${said.join(', then ') || 'the only factor pair'}`;
}

/** The best pair of every size, smallest first: what a goal chooses from. */
export function pairsBySize(matrix: MatrixShape): readonly FactorPair[] {
  const pairs = factorPairs(matrix);
  return pairs.filter((pair, i) => i === 0 || pairParameters(pair) !== pairParameters(pairs[i - 1]!));
}

/** How far two extents are apart, as a ratio. */
export const apart = (x: number, y: number): number => Math.abs(Math.log(x / y));

/** How far a pair is from what was written. */
export const pairDistance = ({ b, c }: FactorPair, { B, C }: WrittenFactors): number =>
  (B === undefined ? 0 : apart(b[0], B[0]!) + apart(b[1], B[1]!)) +
  (C === undefined ? 0 : apart(c[0], C[0]!) + apart(c[1], C[1]!));

function nearestPairs(matrix: MatrixShape, written: WrittenShapes): readonly FactorPair[] {
  const distance = (pair: FactorPair): number => pairDistance(pair, written);
  return [...factorPairs(matrix)].sort((x, y) => distance(x) - distance(y) || byMerit(x, y)).slice(0, 3);
}

const asShape = (written: readonly number[] | undefined): MatrixShape | undefined =>
  written === undefined ? undefined : [written[0]!, written[1]!];

/** The pair that the arguments give for a matrix; undefined when none has the matrix's size. */
export function matchingPair([m, n]: MatrixShape, { B, C }: WrittenFactors): FactorPair | undefined {
  const b = asShape(B);
  const c = asShape(C);
  if (b === undefined && c === undefined) return bestPair([m, n]);
  const [rows, columns] = (b ?? c)!;
  const rest: MatrixShape = [m / rows, n / columns];
  const pair: FactorPair = { b: b ?? rest, c: c ?? rest };
  const fits = pair.b[0] * pair.c[0] === m && pair.b[1] * pair.c[1] === n;
  return fits && rest.every(Number.isInteger) ? pair : undefined;
}

/** The factor shapes decide the layout: true when they fit all gates in one matrix and not one gate. */
export function shapesStack(written: WrittenShapes, matrix: Matrix): boolean {
  if (matrix.gates === 1 || written.layout !== undefined) return false;
  return (
    matchingPair(matrix.shape, written) === undefined &&
    matchingPair(stackedMatrix(matrix).shape, written) !== undefined
  );
}

/** What is wrong with the shapes, in the words of the error. */
export interface Mismatch {
  readonly found: string;
  readonly needed: string;
  readonly nearest: string;
}

/** The shapes alone may say that the gates are stacked. */
export const isStackable = ({ gates }: Matrix, layout: WrittenShapes['layout']): boolean =>
  gates > 1 && layout === undefined;

/** What factors have to make, in the words of an error. */
export function neededShape(matrix: Matrix, layout: WrittenShapes['layout']): string {
  const own = formatShape(matrix.shape);
  if (isStackable(matrix, layout))
    return `${own} per gate, or ${formatShape(stackedMatrix(matrix).shape)} for its ${matrix.gates} gates stacked`;
  return layout === 'stacked' ? `${own}, its gates stacked` : `${own}${matrix.gates > 1 ? ' per gate' : ''}`;
}

function mismatch(matrix: Matrix, written: WrittenShapes): Mismatch {
  const { B, C, layout } = written;
  const found =
    B !== undefined && C !== undefined
      ? `B=${formatShape(B)} and C=${formatShape(C)} make ${B[0]! * C[0]!}x${B[1]! * C[1]!}`
      : B !== undefined
        ? `B=${formatShape(B)} fits no C`
        : `C=${formatShape(C ?? [])} fits no B`;
  const stackable = isStackable(matrix, layout);
  const list = (shape: MatrixShape): string =>
    nearestPairs(shape, written)
      .map((p) => `(${formatPair(p)})`)
      .join(', ');
  const stacked = stackable ? `; stacked: ${list(stackedMatrix(matrix).shape)}` : '';
  return { found, needed: neededShape(matrix, layout), nearest: `${list(matrix.shape)}${stacked}` };
}

/** The pair for a matrix whose layout is decided, or what is wrong. */
export function resolvePair(matrix: Matrix, written: WrittenShapes): FactorPair | Mismatch {
  return matchingPair(matrix.shape, written) ?? mismatch(matrix, written);
}

/** The message for a `Mismatch`. */
export const shapeMessages = {
  shapes: {
    severity: 'error',
    message: '{found}, but {path} is {needed}',
    hint: 'the nearest legal pairs are {nearest}',
  },
} as const;
