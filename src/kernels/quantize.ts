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

/**
 * Scale and codes of a vector of float32 values; NaN and infinity make the scale NaN and all codes 0. A scale that is
 * given, not that of the largest magnitude, cuts what is beyond 127 of it off.
 */
export function quantized(x: ArrayLike<number>, given?: number): { readonly scale: number; readonly codes: Int8Array } {
  const codes = new Int8Array(x.length);
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]!)) return { scale: Number.NaN, codes };
    most = Math.max(most, Math.abs(x[i]!));
  }
  const scale = given ?? scaleOf(most, 127);
  const inverse = fround(1 / scale);
  for (let i = 0; i < x.length; i++) {
    const product = Math.min(Math.max(fround(x[i]! * inverse), -127), 127);
    codes[i] = fround(product + nearest) - nearest;
  }
  return { scale, codes };
}

/**
 * How far scale * code may be from each value, of a vector whose values the program has within `errors`. Of one that it
 * has exactly, this is known; else it is half a step, what scale, inverse and product round, and what a given scale
 * cuts off.
 */
export function quantizingErrors(values: ArrayLike<number>, errors: ArrayLike<number>, given?: number): Float64Array {
  const result = new Float64Array(values.length);
  let most = 0;
  let exact = true;
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(values[i]!) + errors[i]!);
    exact &&= errors[i] === 0 && fround(values[i]!) === values[i];
  }
  const step = given ?? Math.max((most / 127) * (1 + 2 * unitRoundoff), leastScale);
  const inside = step * (0.5 + 4 * 127 * unitRoundoff);
  const beyond = (i: number): number =>
    given === undefined ? 0 : Math.max(0, Math.abs(values[i]!) + errors[i]! - 127 * given);
  if (!exact) return result.map((_, i) => inside + beyond(i));
  const { scale, codes } = quantized(values, given);
  return result.map((_, i) => Math.abs(values[i]! - scale * codes[i]!));
}
