/** The number formats of safetensors files as floats. Reading widens or rounds to float32; nothing else is done. */

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

const floatOfBits = (bits: number): number => {
  word[0] = bits;
  return real[0]!;
};

/** IEEE 754 half precision to a number, exactly. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 (the upper half of a float32) to a number, exactly. */
export const fromBfloat16 = (bits: number): number => floatOfBits((bits << 16) >>> 0);

/** Bytes of one element and how it is read, little-endian, per type that can be read. */
export const numberTypes: ReadonlyMap<
  string,
  { readonly bytes: number; readonly read: (view: DataView, at: number) => number }
> = new Map([
  ['F64', { bytes: 8, read: (view, at) => view.getFloat64(at, true) }],
  ['F32', { bytes: 4, read: (view, at) => view.getFloat32(at, true) }],
  ['F16', { bytes: 2, read: (view, at) => fromFloat16(view.getUint16(at, true)) }],
  ['BF16', { bytes: 2, read: (view, at) => fromBfloat16(view.getUint16(at, true)) }],
]);
