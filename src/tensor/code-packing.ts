/**
 * How codes lie in bytes. int8: two's complement, one byte each. int4 and int3: 8 codes in 4 or 3 bytes, each as
 * code + 8 or code + 4 in 4 or 3 bits, the first code in the lowest bits of the first byte. Codes that fill up the
 * last 8 are 0, and their bytes are only there as far as real codes reach.
 */
import { type IntegerWord, integerFormats } from './number-format.js';

/** What is added to a code so that it is not negative. */
const offsets: Readonly<Record<IntegerWord, number>> = { int8: 0, int4: 8, int3: 4 };

/** Bytes of `count` codes. */
export const packedBytes = (word: IntegerWord, count: number): number =>
  Math.ceil((count * integerFormats[word].bits) / 8);

/** Codes to bytes. */
export function packCodes(word: IntegerWord, codes: ArrayLike<number>): Uint8Array {
  const { bits } = integerFormats[word];
  const result = new Uint8Array(packedBytes(word, codes.length));
  for (let i = 0; i < codes.length; i++) {
    const pattern = (codes[i]! + offsets[word]) & (2 ** bits - 1);
    const at = i * bits;
    const shifted = pattern << (at % 8);
    result[at >> 3]! |= shifted & 255;
    // A code of 3 bits may cross into the next byte.
    if (shifted > 255) result[(at >> 3) + 1]! |= shifted >> 8;
  }
  return result;
}

/** The first `count` codes of bytes. */
export function unpackCodes(word: IntegerWord, bytes: Uint8Array, count: number): Int8Array {
  const { bits } = integerFormats[word];
  return new Int8Array(count).map((_, i) => {
    const at = i * bits;
    const two = bytes[at >> 3]! | ((bytes[(at >> 3) + 1] ?? 0) << 8);
    return ((two >> (at % 8)) & (2 ** bits - 1)) - offsets[word];
  });
}
