/**
 * float16 and bfloat16 as bits: rounded to nearest, ties to even, straight from float32. Subnormal values of both are
 * exact; what would round beyond the largest finite value becomes infinite, and callers refuse it.
 */
import type { FloatWord } from './number-format.js';

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

const bitsOf = (value: number): number => {
  word[0] = value;
  return bits[0]!;
};
const floatOf = (pattern: number): number => {
  bits[0] = pattern;
  return word[0]!;
};

/** `value` without its last `count` bits, rounded to nearest even; a carry runs into the exponent as it should. */
function dropBits(value: number, count: number): number {
  const half = 2 ** (count - 1);
  const kept = Math.floor(value / 2 ** count);
  const rest = value - kept * 2 ** count;
  return kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0);
}

/** The 16 bits of the nearest float16: 1 sign, 5 exponent, 10 fraction. */
export function float16Bits(value: number): number {
  const pattern = bitsOf(value);
  const sign = (pattern >>> 31) << 15;
  const magnitude = pattern & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // 65,520 and more round beyond 65,504.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  // From 2^-14 on: the exponent's bias falls from 127 to 15.
  if (magnitude >= 0x3880_0000) return sign | dropBits(magnitude - 0x3800_0000, 13);
  // Below, multiples of 2^-24; exact in double.
  const units = Math.abs(floatOf(pattern)) * 2 ** 24;
  const down = Math.floor(units);
  const rest = units - down;
  return sign | (down + (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? 1 : 0));
}

/** The value of 16 bits as float16. */
export function float16Value(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The 16 bits of the nearest bfloat16: the upper half of a float32. */
export function bfloat16Bits(value: number): number {
  const pattern = bitsOf(value);
  if ((pattern & 0x7fff_ffff) > 0x7f80_0000) return ((pattern >>> 16) | 0x40) & 0xffff;
  return dropBits(pattern, 16) & 0xffff;
}

/** The value of 16 bits as bfloat16. */
export const bfloat16Value = (pattern: number): number => floatOf((pattern << 16) >>> 0);

/** To the bits of each 16-bit float and back. */
export const smallFloats: Readonly<
  Record<
    Exclude<FloatWord, 'float32'>,
    { readonly bits: (value: number) => number; readonly value: (bits: number) => number }
  >
> = {
  float16: { bits: float16Bits, value: float16Value },
  bfloat16: { bits: bfloat16Bits, value: bfloat16Value },
};
