/**
 * The other factor of an integer product: a vector as codes from -127 to 127 with one scale, taken anew from its
 * largest magnitude each time. All in float32, in one order that every processor has, so that the codes are the same
 * bit by bit.
 */
import { leastScale, scaleOf } from '../tensor/grid.js';
import { unitRoundoff } from './sum-errors.js';

const { fround } = Math;

/** Floats in front of the codes, of which the first is the scale; codes then begin where a vector may. */
export const codesAt = 4;

/** Floats of a buffer for `count` codes, filled up to whole vectors of 16. */
export const codeFloats = (count: number): number => codesAt + 4 * Math.ceil(count / 16);

/** Where a matrix is applied to many vectors: x as (before, columns, after). */
export interface Vectors {
  readonly before: number;
  readonly columns: number;
  readonly after: number;
}

/** Vector `i` of x, in the order in which their codes lie. */
export const vectorAt = <A extends ArrayLike<number>>(x: A, { columns, after }: Vectors, i: number): Float64Array => {
  const first = Math.floor(i / after) * columns * after + (i % after);
  return Float64Array.from({ length: columns }, (_, k) => x[first + k * after]!);
};

/** 1.5 * 2^23: a float32 sum with it keeps no fraction, and rounds ties to even. */
const nearest = 12_582_912;

/** Scale and codes of a vector of float32 values; NaN and infinity make the scale NaN and all codes 0. */
export function quantized(x: ArrayLike<number>): { readonly scale: number; readonly codes: Int8Array } {
  const codes = new Int8Array(x.length);
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]!)) return { scale: Number.NaN, codes };
    most = Math.max(most, Math.abs(x[i]!));
  }
  const scale = scaleOf(most, 127);
  const inverse = fround(1 / scale);
  for (let i = 0; i < x.length; i++) codes[i] = fround(fround(x[i]! * inverse) + nearest) - nearest;
  return { scale, codes };
}

/**
 * How far scale * code may be from each value, of a vector whose values the program has within `errors`. Of one that it
 * has exactly, this is known; else it is half a step, and what scale, inverse and product round.
 */
export function quantizingErrors(values: ArrayLike<number>, errors: ArrayLike<number>): Float64Array {
  const result = new Float64Array(values.length);
  let most = 0;
  let exact = true;
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(values[i]!) + errors[i]!);
    exact &&= errors[i] === 0 && fround(values[i]!) === values[i];
  }
  const step = Math.max((most / 127) * (1 + 2 * unitRoundoff), leastScale);
  if (!exact) return result.fill(step * (0.5 + 4 * 127 * unitRoundoff));
  const { scale, codes } = quantized(values);
  return result.map((_, i) => Math.abs(values[i]! - scale * codes[i]!));
}
