/**
 * The closed list of kernel calls: what the emitted C does, in order. Every function over calls (cost, bytes,
 * slow reference, rendering) is a table with one row per kind. Knows no method, no layer and no template.
 */
import type { Block } from '../tensor/blocks.js';
import type { IntegerFormat, NumberFormat } from '../tensor/number-format.js';
import type { Buffer, MatrixRef, SparseRef } from './planner.js';

/** In which number format the values of a region are stored; float32 when left out. */
interface Formatted {
  readonly format?: NumberFormat;
}

/**
 * How the values of a weight lie in the weight blob; sizes follow from it in exactly one place, `regions.ts`. In the
 * formats of less than 8 bits values follow each other without gaps.
 */
export type RegionLayout =
  /**
   * For `gemv`: panels of 32 rows, the leftover rows in at most one panel each of 16, 8 and 4; inside a panel k-major:
   * for each column the values of the panel's rows. Rows are padded with zeros to a multiple of 4; of 8 in formats
   * other than float32, and then no panel has 4.
   */
  | ({ readonly kind: 'panels'; readonly matrix: MatrixRef } & Formatted)
  /**
   * For integer products: panels of 32 rows, the leftover rows in at most one panel each of 16 and 8; a panel run by
   * run, a run in groups of 4 columns (8 in int4) that it is filled up to with zeros (`quads.ts`).
   */
  | ({ readonly kind: 'quads'; readonly matrix: MatrixRef } & Formatted)
  /** Row-major values as they are: the left Kronecker factor, inner tensor-train cores, tables, biases (one row). */
  | ({ readonly kind: 'rows'; readonly matrix: MatrixRef } & Formatted)
  /** For `spectral`: the spectra of circulant blocks, as `storedSpectra` orders them; as many values as the matrix. */
  | { readonly kind: 'spectra'; readonly matrix: MatrixRef; readonly block: number; readonly format?: never }
  /** For `spectral`: `rootsOf` a block, one pair for each frequency. `matrix` says whose they are, and nothing else. */
  | { readonly kind: 'roots'; readonly matrix: MatrixRef; readonly block: number; readonly format?: never }
  /** The transpose, row-major, each row padded with zeros to `padded` values: right Kronecker factors, last cores. */
  | ({ readonly kind: 'columns'; readonly matrix: MatrixRef; readonly padded: number } & Formatted)
  /**
   * The float32 scales of a region in an integer format: one for all of its tensor (per=tensor), else one per run of a
   * row, in the order in which the kernels meet them: for panels, panel by panel and run by run those of its rows; for
   * rows, row by row; for columns, run by run those of all rows, padded as they are; for a sparse matrix those of its
   * rows, or those of the runs of its stored values.
   */
  | {
      readonly kind: 'scales';
      readonly matrix: MatrixRef;
      readonly values: ScaledLayout;
      readonly format: IntegerFormat;
    }
  /**
   * One of the arrays of a sparse matrix with `kept` stored values. In compressed rows of blocks: `starts` (rows of
   * blocks + 1, uint32), `indices` (which column of blocks, ascending in a row; uint16 when there are <= 65535 of them,
   * else uint32), `values` (block by block, each column after column). In slices (`slices.ts`): `order` and `counts`
   * (a number for each row), `indices` and `values`, as the kernel meets them.
   */
  | ({
      readonly kind: 'sparse';
      readonly section: SparseSection;
      /** Single entries in slices of 8 rows. */
      readonly sliced?: true;
      readonly matrix: SparseRef;
      readonly kept: number;
    } & Formatted);
/** A layout whose values may have scales. */
export type ScaledLayout = Exclude<RegionLayout, { readonly kind: 'scales' | 'spectra' | 'roots' }>;
export type SparseSection = 'starts' | 'order' | 'counts' | 'indices' | 'values';

/** Where the columns of a product lie in the stored matrix: from `first` on, of `columns`. */
export interface ColumnsWithin {
  readonly first: number;
  readonly columns: number;
}

/** One weight as stored: index into `InferencePlan.regions`. */
export type RegionId = number;

/**
 * Calls never write outside the floats of the buffers they name: `y` may be followed by the next gate's values. Sums
 * of products run over ascending columns, in one chain or in 2 or 4 interleaved ones
 * (`sum-errors.ts`).
 */
export interface CallAttrs {
  /**
   * y = W x or y += W x; `w` lies in panels. With `codes`, where `quantize` has left x, the product is one of integers
   * and `w` lies in quads: y += sum of codes * (scale of the run * scale of x), run by run. With `within`, W is only
   * some columns of the matrix that lies in `w`.
   */
  readonly gemv: {
    readonly w: RegionId;
    readonly scales?: RegionId;
    readonly codes?: Buffer;
    readonly rows: number;
    readonly columns: number;
    readonly within?: ColumnsWithin;
    readonly x: Buffer;
    readonly y: Buffer;
    readonly mode: 'set' | 'add';
  };
  /**
   * codes = x on a grid of 255 codes (`quantize.ts`): the scale in the first float, bytes behind the fourth. With x as
   * (before, columns, after) every vector x[p, :, q] by itself, one behind the other; `t` holds one of them where
   * `after` is not 1.
   */
  readonly quantize: {
    readonly x: Buffer;
    readonly codes: Buffer;
    readonly before: number;
    readonly columns: number;
    readonly after: number;
    readonly t?: Buffer;
    /** The scale of all vectors, one float, where it is calibrated; else each has that of its largest magnitude. */
    readonly scale?: RegionId;
  };
  /**
   * y += (B (x) C) x for every gate, the y of each `apart` floats behind the one before. With X = x as (columns of B,
   * columns of C), Y = B X C^T. `order` 'b-first': T = B X, for all gates one product, and Y = T C^T; 'c-first':
   * T = X C^T, for all gates one product, and Y = B T. `t` holds T, its rows padded to a multiple of 4 floats. `b` lies
   * as rows, `c` as columns, the gates of each below each other. With `within`, B is only some columns of the matrix
   * that lies in `b`.
   */
  readonly kron: {
    readonly b: RegionId;
    readonly bScales?: RegionId;
    readonly c: RegionId;
    readonly cScales?: RegionId;
    readonly bShape: readonly [rows: number, columns: number];
    readonly cShape: readonly [rows: number, columns: number];
    readonly within?: ColumnsWithin;
    readonly gates: number;
    readonly apart: number;
    readonly order: 'b-first' | 'c-first';
    readonly t: Buffer;
    /** Where factors in other formats than float32 are decoded to. */
    readonly bValues?: Buffer;
    readonly cValues?: Buffer;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  /**
   * W along the middle axis: with x as (before, columns, after) and y as (before, rows, after), y[p] = W x[p] or
   * y[p] += W x[p] for every p < before. `w` lies as columns where `after` is 1, else as rows. With `codes`, where
   * `quantize` has left all vectors of x, every product is one of integers as `gemv` has it, and `w` lies in quads; `t`
   * holds the result of one where `after` is not 1.
   */
  readonly gemm: {
    readonly w: RegionId;
    readonly scales?: RegionId;
    readonly codes?: Buffer;
    readonly t?: Buffer;
    /** Where values in another format than float32 are decoded to. */
    readonly decoded?: Buffer;
    readonly rows: number;
    readonly columns: number;
    readonly before: number;
    readonly after: number;
    readonly x: Buffer;
    readonly y: Buffer;
    readonly mode: 'set' | 'add';
  };
  /**
   * y += W x for blocks (block, block) of W[i, j] = v[(i - j) mod block], cut at the edges of (rows, columns). `w` lies
   * as rows: the first column of every block. `t` holds one of them twice, and a vector of 4 behind it.
   */
  readonly circulant: {
    readonly w: RegionId;
    readonly scales?: RegionId;
    /** Where the values of one block are decoded to, in other formats than float32. */
    readonly decoded?: Buffer;
    readonly rows: number;
    readonly columns: number;
    readonly block: number;
    readonly t: Buffer;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  /**
   * The same for every gate, the y of each `apart` floats behind the one before, in the frequency domain: x is
   * transformed block by block, every frequency multiplied with the spectra of all blocks, and the sums transformed
   * back (`spectra.ts`). `w` lies as spectra. `t` is working memory.
   */
  readonly spectral: {
    readonly w: RegionId;
    readonly roots: RegionId;
    /** Of one gate. */
    readonly rows: number;
    readonly columns: number;
    readonly block: number;
    readonly gates: number;
    readonly apart: number;
    readonly t: Buffer;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  /**
   * y += S x with S in blocks. `kept` counts values; it may be 0, and then `indices` and `values` are empty. With
   * `codes`, where `quantize` has left x, the product is one of integers: y += sum of codes * (scale * scale of x), in
   * each row of blocks run by run of its stored values.
   */
  readonly sparse: {
    readonly starts: RegionId;
    readonly indices: RegionId;
    readonly values: RegionId;
    readonly scales?: RegionId;
    readonly codes?: Buffer;
    /** Where the values of one row are decoded to, in other formats than float32. */
    readonly decoded?: Buffer;
    readonly rows: number;
    readonly columns: number;
    readonly block: Block;
    readonly kept: number;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  /**
   * y += S x, S entry by entry in slices of 8 rows that have about as many (`slices.ts`): 8 sums side by side. `kept`
   * may be 0, and then `indices` and `values` are empty. For many steps `t` holds x of 4 of them side by side.
   */
  readonly sliced: {
    readonly order: RegionId;
    readonly counts: RegionId;
    readonly indices: RegionId;
    readonly values: RegionId;
    readonly rows: number;
    readonly columns: number;
    readonly kept: number;
    readonly t?: Buffer;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  /** y = V^T x or y += V^T x with V (rows, columns), as rows. */
  readonly mix: {
    readonly w: RegionId;
    readonly scales?: RegionId;
    /** Where values in another format than float32 are decoded to. */
    readonly decoded?: Buffer;
    readonly rows: number;
    readonly columns: number;
    readonly x: Buffer;
    readonly y: Buffer;
    readonly mode: 'set' | 'add';
  };
  /** y = w. */
  readonly bias: { readonly w: RegionId; readonly y: Buffer };
  /** y = 0. */
  readonly clear: { readonly y: Buffer };
  /** y = x; the buffers never overlap. */
  readonly copy: { readonly x: Buffer; readonly y: Buffer };
  /**
   * y = row `id of input` - `first` of a table of `rows` rows of `width` floats, zeros where it has no such row. Ids
   * are below `ids`.
   */
  readonly embed: {
    readonly table: RegionId;
    readonly scales?: RegionId;
    readonly rows: number;
    readonly width: number;
    readonly input: string;
    readonly first: number;
    readonly ids: number;
    readonly y: Buffer;
  };
  /** y = row `id of input` of a sparse S with a row for each id. */
  readonly embedSparse: Omit<CallAttrs['sparse'], 'x'> & { readonly input: string };
  /** z: gates i, f, g, o before activation, of c.size each, overwritten. cNext = f c + i g, h = o tanh(cNext). */
  readonly lstmCell: { readonly z: Buffer; readonly c: Buffer; readonly cNext: Buffer; readonly h: Buffer };
  /** y += x. */
  readonly add: { readonly x: Buffer; readonly y: Buffer };
  /** y = sigmoid(z) x, or y += sigmoid(z) x, one by one: how much of x a gate lets through. */
  readonly gate: { readonly z: Buffer; readonly x: Buffer; readonly y: Buffer; readonly mode: 'set' | 'add' };
  /** hNext = n + u (h - n) with u = sigmoid(update) and n = tanh(candidate): of h.size each, before activation. */
  readonly gruCell: {
    readonly update: Buffer;
    readonly candidate: Buffer;
    readonly h: Buffer;
    readonly hNext: Buffer;
  };
  /** next = max(now, x) one by one, or x where seen is 0: at the first step. seenNext = 1. */
  readonly runningMax: {
    readonly x: Buffer;
    readonly seen: Buffer;
    readonly now: Buffer;
    readonly seenNext: Buffer;
    readonly next: Buffer;
  };
  /** In place. */
  readonly activate: { readonly function: 'tanh' | 'sigmoid' | 'relu'; readonly x: Buffer };
}
export type CallKind = keyof CallAttrs;
export type KernelCall = { [K in CallKind]: { readonly kind: K; readonly layer: string } & CallAttrs[K] }[CallKind];
export type CallOf<K extends CallKind> = Extract<KernelCall, { readonly kind: K }>;
