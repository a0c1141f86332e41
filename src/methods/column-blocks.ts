/**
 * Products by column blocks: how a matrix that is cut into [input | recurrent] columns is applied in graph ops.
 * Shared by the methods; knows none of them.
 */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Apply, Matrix } from './method.js';

/** First column of every block. */
export function blockStarts({ columns }: Matrix): readonly number[] {
  let start = 0;
  return columns.map((width) => {
    start += width;
    return start - width;
  });
}

/** Columns of a first factor that a column block touches: a cut may fall inside one. */
export interface Touched {
  /** First of them, and how many. */
  readonly first: number;
  readonly count: number;
  /** Zeros in front of x, so that it starts with column `first`. */
  readonly before: number;
}

/** Each column of the first factor stands for `width` columns of the matrix. */
export function touchedColumns(matrix: Matrix, width: number): readonly Touched[] {
  return blockStarts(matrix).map((start, block) => {
    const first = Math.floor(start / width);
    const end = Math.ceil((start + matrix.columns[block]!) / width);
    return { first, count: end - first, before: start - first * width };
  });
}

/** w (rows, n) cut into its column blocks. */
export const sliceColumns = (g: Builder, w: Value, matrix: Matrix): readonly Value[] =>
  blockStarts(matrix).map((start, block) => g.slice(w, 1, start, matrix.columns[block]!));

/** The product with w (gates, rows, columns): one matmul per block. */
export function denseProduct(g: Builder, w: Value, matrix: Matrix): Apply {
  const [rows, columns] = matrix.shape;
  const blocks = sliceColumns(g, g.reshape(w, [matrix.gates * rows, columns]), matrix);
  return (block, x) => g.matmul(x, blocks[block]!, { transposeB: true });
}

/** Gate `gate` of t (gates, rows, columns), as (rows, columns). */
export function gateOf(g: Builder, t: Value, gate: number): Value {
  const [, rows, columns] = g.shape(t);
  return g.reshape(g.slice(t, 0, gate, 1), [rows!, columns!]);
}

/**
 * What one more op costs an engine, in multiply-adds of a large product. Measured in orders of magnitude only:
 * some 5 us of dispatch at some 20 G multiply-adds per second.
 */
const opCost = 100_000;

/**
 * Whether to apply factors one after the other rather than their product, for `rows` samples: `factored` and
 * `dense` are multiply-adds per sample, `ops` is how many more ops the factored form takes.
 */
export const worthFactoring = (rows: number, dense: number, factored: number, ops: number): boolean =>
  rows * (dense - factored) > ops * opCost;

/** `make` on the first call, the same value after: products of factors are only made where a block needs them. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
