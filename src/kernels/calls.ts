/**
 * The closed list of kernel calls: what the emitted C does, in order. Every function over calls (cost, bytes,
 * slow reference, rendering) is a table with one row per kind. Knows no method, no layer and no template.
 */
import type { Buffer, MatrixRef } from './planner.js';

/** How the values of a weight lie in the weight blob; sizes follow from it in exactly one place, `regions.ts`. */
export type RegionLayout =
  /** Row panels, k-major, rows padded to a multiple of 4: for `gemv`. */
  | { readonly kind: 'panels'; readonly matrix: MatrixRef }
  /** Row-major floats as they are: Kronecker factors, embedding tables, biases. */
  | { readonly kind: 'rows'; readonly matrix: MatrixRef }
  /** The transpose of a matrix, row-major, rows padded as the kernel wants: for Kronecker factors. */
  | { readonly kind: 'columns'; readonly matrix: MatrixRef; readonly padded: number }
  /** Compressed sparse rows: row pointers, column indices, values of `kept` entries. */
  | { readonly kind: 'sparse'; readonly matrix: MatrixRef; readonly kept: number };

/** One weight as stored: index into `InferencePlan.regions`. */
export type RegionId = number;

export interface CallAttrs {
  readonly gemv: {
    readonly w: RegionId;
    readonly rows: number;
    readonly columns: number;
    readonly x: Buffer;
    readonly y: Buffer;
    readonly mode: 'set' | 'add';
  };
  /** `order` 'b-first': (B X) C^T, 'c-first': B (X C^T); `t` holds the intermediate product. */
  readonly kron: {
    readonly b: RegionId;
    readonly c: RegionId;
    readonly bShape: readonly [number, number];
    readonly cShape: readonly [number, number];
    readonly order: 'b-first' | 'c-first';
    readonly t: Buffer;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  readonly sparse: {
    readonly s: RegionId;
    readonly rows: number;
    readonly columns: number;
    readonly x: Buffer;
    readonly y: Buffer;
  };
  readonly bias: { readonly w: RegionId; readonly y: Buffer };
  readonly copy: { readonly x: Buffer; readonly y: Buffer };
  readonly embed: {
    readonly table: RegionId;
    readonly rows: number;
    readonly width: number;
    readonly input: string;
    readonly y: Buffer;
  };
  readonly lstmCell: { readonly z: Buffer; readonly c: Buffer; readonly cNext: Buffer; readonly h: Buffer };
  readonly activate: { readonly function: 'tanh' | 'sigmoid' | 'relu'; readonly x: Buffer };
}
export type CallKind = keyof CallAttrs;
export type KernelCall = { [K in CallKind]: { readonly kind: K; readonly layer: string } & CallAttrs[K] }[CallKind];
export type CallOf<K extends CallKind> = Extract<KernelCall, { readonly kind: K }>;
