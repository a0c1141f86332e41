/**
 * Vectors of which one run is given and all else is zero, for products whose column blocks are wanted apart. What can
 * take its columns of the run alone reads it where it lies; only for others is the vector written.
 */
import { type Buffer, part } from './planner.js';

/** A run that lies in `from`, and where it begins in the vector. */
export interface LoneRun {
  readonly from: Buffer;
  readonly first: number;
}

export class LoneRuns {
  readonly #runs = new Map<number, LoneRun & { readonly x: Buffer; written: boolean }>();

  /** From now on `x` stands for the run between zeros. */
  add(x: Buffer, run: LoneRun): void {
    this.#runs.set(x.id, { ...run, x, written: false });
  }

  /** The run of a vector; undefined for any other, and for a part of one. */
  find(x: Buffer): LoneRun | undefined {
    const run = this.#runs.get(x.id);
    return run?.x.size === x.size ? run : undefined;
  }

  /** What must be written before a call reads `buffers`: each vector once. */
  unwritten(buffers: readonly Buffer[]): readonly { readonly from: Buffer; readonly to: Buffer; zeros: Buffer[] }[] {
    return buffers.flatMap(({ id }) => {
      const run = this.#runs.get(id);
      if (run === undefined || run.written) return [];
      run.written = true;
      const { x, from, first } = run;
      const end = first + from.size;
      const zeros = [part(x, 0, first), part(x, end, x.size - end)].filter(({ size }) => size > 0);
      return [{ from, to: part(x, first, from.size), zeros }];
    });
  }
}

/** Columns of a left Kronecker factor, and their share of the vector. */
export interface FactorColumns {
  readonly first: number;
  readonly count: number;
  readonly x: Buffer;
}

/** The columns of B (b1 of them, c1 floats of x each) that a run of x meets; undefined where it meets all. */
export function metColumns(
  x: Buffer,
  { from, first: start }: LoneRun,
  b1: number,
  c1: number,
): FactorColumns | undefined {
  const first = Math.floor(start / c1);
  const count = Math.ceil((start + from.size) / c1) - first;
  if (count === b1) return undefined;
  const whole = start === first * c1 && from.size === count * c1;
  return { first, count, x: whole ? from : part(x, first * c1, count * c1) };
}
