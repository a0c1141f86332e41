/**
 * The closed list of graph ops. Every function over ops is a table with one row per kind, so a new op makes the
 * compiler list every missing row. Ops know no method, no layer and no engine.
 */
import type { Shape } from '../tensor/shape.js';
import type { DataType } from '../tensor/tensor.js';

/** Index of the op that makes it. */
export type Value = number;

// biome-ignore lint/complexity/noBannedTypes: an op without attributes
type None = {};

export interface OpAttrs {
  /** A tensor given from outside. */
  readonly input: { readonly name: string; readonly type: DataType };
  /** Every element equals `value` (float32). */
  readonly constant: { readonly value: number };
  /** Rank >= 2; leading axes are batch axes, equal or 1. */
  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  // Elementwise with numpy broadcasting.
  readonly add: None;
  readonly sub: None;
  readonly mul: None;
  readonly div: None;
  readonly max: None;
  // Elementwise.
  readonly neg: None;
  readonly exp: None;
  readonly log: None;
  readonly sqrt: None;
  readonly abs: None;
  readonly tanh: None;
  readonly sigmoid: None;
  readonly relu: None;
  /** 1 where x > 0, else 0. */
  readonly step: None;
  /** -1, 0 or 1. */
  readonly sign: None;
  /**
   * Every run of `run` values along the last axis (the last one shorter) on its symmetric grid of integers: the nearest
   * s q with s = max |x| / levels, `tensor/grid.ts`, in float32 in every engine. Its gradient passes straight through
   * (Bengio et al. 2013).
   */
  readonly snap: { readonly levels: number; readonly run: number };
  /**
   * [x (rows, columns), scales (rows, runs of a row)] -> x on grids of given scales, all above 0: s q with q = x / s
   * rounded, at most `levels` in magnitude, in float32 in every engine. Gradients by Esser et al. 2020: to x where its
   * code is not cut off, to a scale by `snapSlope`.
   */
  readonly snapTo: { readonly levels: number; readonly run: number };
  /** Of the same operands: by how much s q grows with s; q - x / s, or the end of the grid that x lies behind. */
  readonly snapSlope: { readonly levels: number; readonly run: number };
  // Layout.
  readonly reshape: None;
  readonly transpose: { readonly permutation: readonly number[] };
  /** To `shape`, by numpy broadcasting. */
  readonly broadcast: None;
  readonly concat: { readonly axis: number };
  /** `shape[axis]` elements from `start` along `axis`. */
  readonly slice: { readonly axis: number; readonly start: number };
  /** Zeros around x along `axis`: `before` of them in front, the rest behind. */
  readonly pad: { readonly axis: number; readonly before: number };
  /** Over `axes`; with `keep` they stay as 1. */
  readonly sum: { readonly axes: readonly number[]; readonly keep: boolean };
  // Lookup. Tables are (rows, width), ids (n) int32.
  readonly gather: None;
  /** [ids (n), updates (n, width)] -> (rows, width): updates of equal ids add up, other rows are 0. */
  readonly scatter: None;
  /** Over the last axis. */
  readonly softmax: None;
  /** [logits (n, classes), ids (n)] -> (n): -log softmax(logits)[i, ids[i]]. */
  readonly crossEntropy: None;
  /** [logits (n, classes), ids (n), dy (n)] -> (n, classes): (softmax(logits) - onehot(ids)) * dy per row. */
  readonly crossEntropyGradient: None;
}

export type OpKind = keyof OpAttrs;
export interface OpOf<K extends OpKind> {
  readonly kind: K;
  readonly inputs: readonly Value[];
  readonly shape: Shape;
  readonly attrs: OpAttrs[K];
}
export type Op = { [K in OpKind]: OpOf<K> }[OpKind];

/** One function per op kind, each typed for its own op. */
export type OpTable<F extends { readonly [K in OpKind]: unknown }> = { readonly [K in OpKind]: F[K] };

/** Inputs point backwards: a cycle cannot be written. */
export interface Graph {
  readonly ops: readonly Op[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/** Element type of an op's result. */
export const typeOf = (op: Op): DataType => {
  if (op.kind === 'input') return op.attrs.type;
  return 'float32';
};
