/**
 * The counter-based random generator: every draw is a pure function of (seed, purpose, step, index), so draws do
 * not depend on order, engine or thread, and a resumed run draws what an uninterrupted one would.
 */

/** 32-bit finalizer with full avalanche. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}

/** The two words that key one stream of draws. */
export interface StreamKey {
  readonly low: number;
  readonly high: number;
}

/** The stream for one purpose ("init rnn1.B", "dropout embed") at one step. */
export function streamKey(seed: number, purpose: string, step = 0): StreamKey {
  let low = mix(seed ^ 0x9e3779b9);
  let high = mix(Math.floor(seed / 0x1_0000_0000) ^ 0x85ebca6b);
  for (let i = 0; i < purpose.length; i++) {
    low = mix(low ^ purpose.charCodeAt(i));
    high = mix(high + Math.imul(purpose.charCodeAt(i), 0x27d4eb2f));
  }
  low = mix(low ^ step);
  high = mix(high ^ Math.floor(step / 0x1_0000_0000) ^ low);
  return { low: mix(low + high), high };
}

/** 32 random bits for index `i` of a stream. */
export function bitsAt(key: StreamKey, i: number): number {
  return mix(mix(i + key.low) ^ key.high) >>> 0;
}

/** A real in [0, 1) with 53 random bits; draws `2 i` and `2 i + 1` of the stream. */
export function uniformAt(key: StreamKey, i: number): number {
  return ((bitsAt(key, 2 * i) >>> 5) * 0x400_0000 + (bitsAt(key, 2 * i + 1) >>> 6)) / 0x20_0000_0000_0000;
}

/** Fills with uniform draws from (-bound, bound). */
export function fillUniform(data: Float32Array | Float64Array, bound: number, key: StreamKey): void {
  for (let i = 0; i < data.length; i++) data[i] = (2 * uniformAt(key, i) - 1) * bound;
}

/** Fills with 1/keep where a draw of Bernoulli(keep) is 1, else 0; `keep` counts to 31 bits. */
export function fillKeep(data: Float32Array, keep: number, key: StreamKey): void {
  if (keep >= 1) {
    data.fill(1);
    return;
  }
  // Integers and no branch: a branch on a random bit is mispredicted half of the time, and this runs a million times
  // before every training step.
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const kept = new Int32Array(Float32Array.of(1 / keep).buffer)[0]!;
  const threshold = Math.ceil(keep * 0x8000_0000) | 0;
  const { low, high } = key;
  for (let i = 0; i < bits.length; i++) {
    const draw = mix(mix(i + low) ^ high) >>> 1;
    bits[i] = kept & ((draw - threshold) >> 31);
  }
}
