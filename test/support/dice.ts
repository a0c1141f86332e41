/** Draws of random programs, by number: the same seed and purpose draw the same. Knows nothing of programs. */
import { bitsAt, streamKey } from '../../src/tensor/random.js';

export class Dice {
  readonly #key;
  #at = 0;

  constructor(seed: number, purpose: string) {
    this.#key = streamKey(seed, purpose);
  }

  below(limit: number): number {
    return bitsAt(this.#key, this.#at++) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** The text in `percent` of 100 cases, as the one item of a list; else none. */
  maybe(percent: number, text: () => string): readonly string[] {
    return this.chance(percent) ? [text()] : [];
  }
}

export const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
