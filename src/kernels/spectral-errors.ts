/**
 * How far circulant products by transforms in float32 may be from the reference. A transform is a chain of stages that
 * keep lengths (but for a factor), so what a stage rounds, relative to the length of what it works on, adds up over the
 * stages; by Cauchy and Schwarz an error of a spectrum reaches a result at most as far as lengths multiply. With c_J
 * the block of a row and x_J the part of x that it meets,
 *
 *     |error| <= (eta + 2) u sum_J |c_J| |x_J| + (eta + 1) u |y| + the rounding of the sums over J,
 *
 * where |.| are Euclidean lengths, those of x and y over the two blocks that share a transform.
 */
import type { CallOf } from './calls.js';
import type { Execution } from './memory.js';
import { blocksOf, frequenciesOf, isRealAt, radicesOf, type Spectrum, spectrumOf, together } from './spectra.js';
import { sumErrors, unitRoundoff as u } from './sum-errors.js';
import { rowSums } from './sums.js';

/** Of products by turns: two roundings in each part, and the turn itself is rounded. */
const turning = 4;

/**
 * What one stage rounds, in u. Sums and differences of two round once. An odd stage adds sums and differences of
 * opposite values times cosines and sines: chains of (radix + 3) / 2 roundings, whose coefficients have squares that
 * add up to at most 1 + h + h (radix + 2) / 2 for each of the two, h = (radix - 1) / 2.
 */
function stageError(radix: number): number {
  if (radix === 2) return 1;
  if (radix === 4) return 2;
  const half = (radix - 1) / 2;
  return (half + 2) * Math.sqrt((2 * (1 + half + (half * (radix + 2)) / 2)) / radix) + 2;
}

/** What a transform of `block` numbers rounds, in u of the length of its result; products of roundings included. */
export function transformError(block: number): number {
  const stages = radicesOf(block);
  const once = stages.reduce((sum, radix) => sum + stageError(radix), 0) + turning * Math.max(0, stages.length - 1);
  return once * (1 + 2 ** -8);
}

/** Far above what numbers below the normal range lose in a whole transform, once it is multiplied by u. */
const underflow = 2 ** -80;

function lengthOf(v: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < v.length; i++) squares += v[i]! * v[i]!;
  return Math.sqrt(squares);
}

/** The block that shares a transform with another. */
const partnerOf = (index: number): number => index - (index % together) + ((index + together / 2) % together);

/** Lengths over both blocks that share a transform. */
const shared = (lengths: readonly number[]): readonly number[] =>
  lengths.map((length, i) => Math.hypot(length, lengths[partnerOf(i)] ?? 0) + underflow);

/** Blocks of a vector, the last one filled up with zeros. */
const blocksOfVector = (v: ArrayLike<number>, block: number): readonly Float64Array[] =>
  Array.from({ length: Math.ceil(v.length / block) }, (_, i) =>
    new Float64Array(block).map((__, t) => v[i * block + t] ?? 0),
  );

interface RowOfBlocks {
  readonly c: readonly Float32Array[];
  /** Length of what the row gives, over all rows of the blocks, cut or not. */
  readonly length: number;
  /** What each result of the row is off by before it is transformed back. */
  readonly error: number;
}

/** The sums over the blocks of a row at every frequency, and what rounding them does to any result. */
function frequencySums(c: readonly Spectrum[], x: readonly Spectrum[], block: number) {
  const terms = 2 * x.length;
  let [error, squares] = [0, 0];
  for (let k = 0; k < frequenciesOf(block); k++) {
    const times = isRealAt(k, block) ? 1 : 2;
    // Real parts, then imaginary parts, of c x: each a chain in which products with both parts take turns.
    const factors = new Float64Array(2 * terms);
    const values = new Float64Array(terms);
    x.forEach(({ re, im }, J) => {
      const spectrum = c[J]!;
      factors.set([spectrum.re[k]!, -spectrum.im[k]!], 2 * J);
      factors.set([spectrum.im[k]!, spectrum.re[k]!], terms + 2 * J);
      values.set([re[k]!, im[k]!], 2 * J);
    });
    const errors = sumErrors({ factors, values, errors: new Float64Array(terms) }, rowSums(2, terms));
    error += (times * Math.hypot(errors[0]!, errors[1]!)) / block;
    const sums = [0, 1].map((part) => values.reduce((sum, v, i) => sum + v * factors[part * terms + i]!, 0));
    squares += times * (sums[0]! ** 2 + sums[1]! ** 2);
  }
  return { error, length: Math.sqrt(squares / block) };
}

/** The error bounds of y, which still holds what is added to. */
export function spectralErrors(call: CallOf<'spectral'>, { memory, weights }: Execution): Float64Array {
  const { block, rows, gates, apart } = call;
  const [down, across] = blocksOf(call);
  const [x, xErrors, v] = [memory.values(call.x), memory.errors(call.x), weights.matrix(call.w)];
  const eta = transformError(block);
  const parts = blocksOfVector(x, block);
  const reach = blocksOfVector(
    x.map((value, j) => Math.abs(value) + xErrors[j]!),
    block,
  );
  const lengths = shared(reach.map(lengthOf));
  const spectra = parts.map(spectrumOf);
  const each = Array.from({ length: down }, (_, row): RowOfBlocks => {
    const c = parts.map((__, J) => v.subarray((row * across + J) * block, (row * across + J + 1) * block));
    const { error, length } = frequencySums(c.map(spectrumOf), spectra, block);
    const pushed = c.reduce((sum, column, J) => sum + lengthOf(column) * lengths[J]!, underflow);
    return { c, length, error: error * (1 + 2 ** -10) + (eta + 2) * u * pushed * (1 + 2 * (across + 2) * u) };
  });
  const back = shared(each.map(({ length, error }) => length + Math.sqrt(block) * error));
  const [y, result] = [memory.values(call.y), memory.errors(call.y).slice()];
  each.forEach(({ c, error }, row) => {
    const first = (row % (down / gates)) * block;
    const start = Math.floor(row / (down / gates)) * apart + first;
    for (let i = 0; i < Math.min(block, rows - first); i++) {
      const own = error + (eta + 1) * u * back[row]! + pushedErrors(c, xErrors, i);
      result[start + i]! += own + u * (Math.abs(y[start + i]!) + result[start + i]! + back[row]! + own);
    }
  });
  return result;
}

/** What the errors of x do to row `i` of a row of blocks. */
function pushedErrors(c: readonly Float32Array[], errors: Float64Array, i: number): number {
  let total = 0;
  errors.forEach((error, j) => {
    const block = c[0]!.length;
    total += Math.abs(c[Math.floor(j / block)]![(i - (j % block) + block) % block]!) * error;
  });
  return total;
}
