/**
 * How a method or a layer says what the emitted C has to do: buffers and calls of a small closed set of kernels.
 * A planner may write a plan, or only count bytes and multiply-adds: the caller cannot tell.
 */

import type { Block } from '../tensor/blocks.js';

/** A run of floats in the emitted program's working memory. Negative ids never occur; parts share the id. */
export interface Buffer {
  readonly id: number;
  /** In floats from the start of the buffer `id`. */
  readonly offset: number;
  readonly size: number;
}

export const part = (buffer: Buffer, offset: number, size: number): Buffer => ({
  id: buffer.id,
  offset: buffer.offset + offset,
  size,
});

/** `rows * columns` values of a weight tensor, row-major and contiguous from element `offset`. */
export interface MatrixRef {
  /** Path of the tensor in the weight file, `rnn1.B`. */
  readonly tensor: string;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** A matrix of which only some blocks are stored. */
export interface SparseRef extends MatrixRef {
  readonly block: Block;
}

/** Where a matrix is applied inside a vector of more axes. */
export interface Along {
  /** Product of the extents before and after the axis. */
  readonly before: number;
  readonly after: number;
  readonly mode: 'set' | 'add';
}

/** The results of several gates in one buffer: that of each begins `apart` floats behind the one before. */
export interface Gates {
  readonly count: number;
  readonly apart: number;
  readonly y: Buffer;
}

/** Which row of a table is wanted: an id of a model input, from 0 to `count`. */
export interface Ids {
  readonly input: string;
  readonly count: number;
}

/** What a method may ask for. */
export interface Planner {
  /** Working memory that lives until the end of the calling plan. */
  scratch: (size: number) => Buffer;
  /** y = W x, or y += W x. */
  gemv: (w: MatrixRef, x: Buffer, y: Buffer, mode: 'set' | 'add') => void;
  /** y += (B (x) C) x for every gate, in the cheaper association order. */
  kron: (b: MatrixRef, c: MatrixRef, x: Buffer, gates: Gates) => void;
  /** y += x. */
  add: (x: Buffer, y: Buffer) => void;
  /** W along the middle axis of x (before, columns, after): y (before, rows, after) = W x, or += W x. */
  gemm: (w: MatrixRef, x: Buffer, y: Buffer, along: Along) => void;
  /**
   * y += W x for circulant blocks, directly or by transforms, whichever is cheaper; `v` (gates * blocks down, blocks
   * across * block) has the first column of each.
   */
  circulant: (v: MatrixRef, block: number, x: Buffer, gates: Gates) => void;
  /**
   * y += S x for a sparse S: only its kept blocks are stored. `s` is the whole tensor, all gates below each other; the
   * sides of `block` divide its rows and columns.
   */
  sparse: (s: SparseRef, x: Buffer, y: Buffer) => void;
  /** y = V^T x, or y += V^T x. */
  mix: (v: MatrixRef, x: Buffer, y: Buffer, mode: 'set' | 'add') => void;
  /** y = the row of `table` for id - `first`; zeros where the table has no such row. */
  embed: (table: MatrixRef, ids: Ids, first: number, y: Buffer) => void;
  /** y = row id of a sparse S. */
  embedSparse: (s: SparseRef, ids: Ids, y: Buffer) => void;
}

/** A state before a step and after it. */
export interface StateBuffers {
  readonly now: Buffer;
  readonly next: Buffer;
}

/** What a layer may ask for besides. */
export interface LayerPlanner extends Planner {
  /** y = bias. */
  bias: (tensor: string, y: Buffer) => void;
  /** y = 0. */
  clear: (y: Buffer) => void;
  copy: (x: Buffer, y: Buffer) => void;
  /** z holds the pre-activations of gates i, f, g, o, each of c.size. cNext = f c + i g, h = o tanh(cNext). */
  lstmCell: (z: Buffer, c: Buffer, cNext: Buffer, h: Buffer) => void;
  /** y = sigmoid(z) x, or y += sigmoid(z) x, one by one. */
  gate: (z: Buffer, x: Buffer, y: Buffer, mode: 'set' | 'add') => void;
  /** hNext = n + u (h - n) with u = sigmoid(update), n = tanh(candidate): both of h.size, before activation. */
  gruCell: (update: Buffer, candidate: Buffer, h: Buffer, hNext: Buffer) => void;
  /** largest.next = max(largest.now, x), or x where `seen.now` is 0: at the first step. Both states are filled. */
  runningMax: (x: Buffer, seen: StateBuffers, largest: StateBuffers) => void;
  /** In place. */
  activate: (kind: 'tanh' | 'sigmoid' | 'relu', x: Buffer) => void;
}
