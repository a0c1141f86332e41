/** Codes of vectors that have not changed since: what several products of one buffer share. */
import type { Buffer } from './planner.js';
import type { Vectors } from './quantize.js';

interface Known {
  readonly x: Buffer;
  readonly vectors: Vectors;
  readonly codes: Buffer;
}

const sameBuffer = (a: Buffer, b: Buffer): boolean => a.id === b.id && a.offset === b.offset && a.size === b.size;

export class KnownCodes {
  #known: readonly Known[] = [];

  /** Codes of a buffer that is cut into vectors like this; undefined where there are none. */
  find(x: Buffer, { columns, after }: Vectors): Buffer | undefined {
    return this.#known.find(
      (known) => sameBuffer(known.x, x) && known.vectors.columns === columns && known.vectors.after === after,
    )?.codes;
  }

  add(x: Buffer, vectors: Vectors, codes: Buffer): void {
    this.#known = [...this.#known, { x, vectors, codes }];
  }

  /** Forgets the codes of buffers that are written to. */
  changed(written: readonly Buffer[]): void {
    this.#known = this.#known.filter(({ x }) => !written.some(({ id }) => id === x.id));
  }

  clear(): void {
    this.#known = [];
  }
}
