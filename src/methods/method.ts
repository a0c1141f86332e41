/**
 * What the compiler sees of a compression method: how a weight matrix is stored, applied, counted, fitted and
 * planned. No type parameter and nothing particular to one method leaks out of here.
 */
import type { Constants } from '../arguments/read.js';
import type { Schema } from '../arguments/schema.js';
import type { Entries } from '../diagnostics/catalogue.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Buffer, Ids, Planner } from '../kernels/planner.js';
import type { Call } from '../syntax/ast.js';
import type { Block } from '../tensor/blocks.js';
import type { NumberFormat } from '../tensor/number-format.js';
import type { Shape } from '../tensor/shape.js';

export type MatrixShape = readonly [rows: number, columns: number];

/** The matrix a method stores: `gates` matrices of one shape, each with the same arguments. */
export interface Matrix {
  readonly gates: number;
  readonly shape: MatrixShape;
  /** Widths of the column blocks, left to right: [input, recurrent] when fused, else one. Their sum is shape[1]. */
  readonly columns: readonly number[];
  /** The share of each column block in its product is needed by itself. */
  readonly apart?: true;
  /** A table whose rows are looked up by id: it is never multiplied by a vector. */
  readonly lookup?: true;
}

/** What `alternate` trains in turns: the structured part of a weight, or what lies over it. */
export type Part = 'structure' | 'overlay';

/** A trained scalar, one for each layer, that starts at 1 and is multiplied into tensors when training is over. */
export interface Scale {
  /** Its name behind that of the layer: `alpha`, `beta`. */
  readonly name: string;
  /** What the loss takes on: `weight` times its magnitude, or times that of its inverse. */
  readonly penalty: { readonly of: 'magnitude' | 'inverse'; readonly weight: number };
}

export interface TensorSpec {
  /** The leading axis is the gate. */
  readonly shape: Shape;
  /** Half-width of the uniform draw, from the half-width `a` of a dense weight; 0 starts at zero. */
  readonly bound: (a: number) => number;
  /** Pruned by schedule: stored sparse, its kept values counted by the pool it belongs to. */
  readonly masked: boolean;
  /** Of a masked tensor: what is pruned together, over all gates below each other. Absent: single values. */
  readonly block?: Block;
  /** Absent where nothing of the weight trains in turns. */
  readonly part?: Part;
  /** The tensor stands for its product with this scalar while it is trained; not counted, not stored. */
  readonly scale?: Scale;
}

/** Whether the graph is for training (and then how random row draws are had) or for inference. */
export type Mode =
  | {
      readonly kind: 'train';
      /** Co-matrix dropout is on when present: (steps * batch, gates * rows) factors 0 or 1/p, per name. */
      readonly draw?: (name: string) => Value;
    }
  | { readonly kind: 'infer' };

/** Rows of the time-major batch that a product covers: draws are sliced to them. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

/** x (count, columns[block]) -> its share of W x, (count, gates * rows), gate by gate. */
export type Apply = (block: number, x: Value, rows: RowRange) => Value;

/** How rows of a table are had by id. */
export interface Lookup {
  /** ids (count) -> rows (count, columns). The tensors without their gate axis. */
  readonly prepare: (g: Builder, tensors: Readonly<Record<string, Value>>, ids: Value) => Value;
  /** y = row id. `tensors` gives each tensor's path in the weight file. */
  readonly plan: (p: Planner, ids: Ids, y: Buffer, tensors: Readonly<Record<string, string>>) => void;
}

/** A method bound to a matrix, all arguments known and checked. */
export interface Weight {
  readonly method: string;
  readonly matrix: Matrix;
  /** As `explain` prints them: B = 13x65. Sparsity is the pool's, not listed here. */
  readonly arguments: readonly { readonly name: string; readonly value: string }[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  /** Upper bound of the rank of one gate's matrix, an overlay taken as full. */
  readonly rank: number;
  /** Why arguments that the program leaves open are what they are; undefined when it leaves none. */
  readonly chosen: string | undefined;
  /**
   * Called once per graph: may multiply factors out for the whole training step. The shares of all column blocks
   * add up to W x.
   */
  readonly prepare: (g: Builder, tensors: Readonly<Record<string, Value>>, mode: Mode) => Apply;
  /** Undefined where the method has no way to look a row up. */
  readonly lookup: Lookup | undefined;
  /** The matrices it stands for, (gates * rows * columns), from the values of its tensors. */
  readonly reconstruct: (values: Readonly<Record<string, Float64Array>>) => Float64Array;
  /** y += W x. x holds all columns; y all gates. `tensors` gives each tensor's path in the weight file. */
  readonly plan: (p: Planner, x: Buffer, y: Buffer, tensors: Readonly<Record<string, string>>) => void;
  /** Present where rows may be reordered before the weight is fitted. */
  readonly richRows?: RichRows;
  /** Why it cannot be fitted to given matrices; undefined where it can. */
  readonly unfit: string | undefined;
  /** Tensor values nearest to dense matrices (gates * rows * columns), or why there are none. */
  readonly fit: (dense: Float64Array, kept: number) => Fitted;
  /** Number format of its values in the first C program, for what it costs there; float32 when left out. */
  readonly format?: NumberFormat;
}

/** A method that stores its upper rows better than the others. */
export interface RichRows {
  /** How many rows of each gate. */
  readonly count: number;
  /**
   * What is lost, squared, by each row of each gate (gates * rows) that is not stored in full, when the rows `rich` of
   * every gate are.
   */
  readonly lost: (dense: Float64Array, rich: ReadonlySet<number>) => Float64Array;
}

export type Fitted =
  | { readonly kind: 'fitted'; readonly values: Readonly<Record<string, Float64Array>> }
  | { readonly kind: 'refused'; readonly reason: string };

/** Where a weight sits, for methods that are not legal everywhere. */
export interface Site {
  /** `lstm`, `dense`, `softmax`. */
  readonly layerKind: string;
  readonly path: string;
  /** Where the rule names the method. */
  readonly span: Span;
}

/** The free argument of a method: larger settings store more. */
export interface Dial {
  /** The argument's name, for messages. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Which settings there are, where not every value of the argument is one. */
  readonly among?: string;
  /** The weight at a setting from `least` to `most`. */
  readonly at: (setting: number) => Weight;
}

/** A method with its arguments read but not yet bound to a matrix. */
export interface MethodUse {
  readonly method: Method;
  readonly call: Call;
  /** The sparsity written in the call, as a fraction; undefined when left to a goal or when not sparse. */
  readonly sparsity: number | undefined;
  readonly sparsitySpan: Span;
  /** `layout=stacked` was asked for. */
  readonly stacked: boolean;
  /** `ranking=global` was asked for: the masked tensors of all layers of the rule are pruned to one count. */
  readonly global: boolean;
  /** No argument is left to a goal (the sparsity of a sparse method included). */
  readonly complete: boolean;
  /**
   * Reports and returns undefined when an argument is missing or does not fit. The sparsity is not needed. Where the
   * shapes of Kronecker factors ask for it, the weight's own matrix is `matrix` with all gates stacked in one: same
   * x, same y, same values, one gate.
   */
  readonly bind: (matrix: Matrix, site: Site, report: Report) => Weight | undefined;
  /** How a goal is reached when an argument is open; absent for sparse methods, whose kept count is the dial. */
  readonly dial: ((matrix: Matrix, site: Site, report: Report) => Dial | undefined) | undefined;
}

/** What a method says of itself for its page in docs/methods. */
export interface Guide {
  readonly parameters: string;
  readonly multiplyAdds: string;
  /** When to use it, in whole sentences. */
  readonly use: string;
  /** A rule for the layer `rnn1` of the medium PTB model; the compiler works out its numbers. */
  readonly example: string;
}

export interface Method {
  /** The word of the language, the folder, and the prefix of its diagnostics. */
  readonly name: string;
  readonly summary: string;
  /** "W = U V, with U (m, r) and V (r, n)". */
  readonly law: string;
  /** "[H] eq. 1-3". */
  readonly source: string;
  readonly guide: Guide;
  /** Positional order; `sparsity`, `layout` included where they are legal. */
  readonly schema: Schema;
  /** What it alone says of wrong programs, under its own name: a code `name/key` for each. */
  readonly messages: Entries;
  /** Has a masked tensor whose kept count is decided over all weights of one rule in one layer, or in all layers. */
  readonly sparse: boolean;
  /** Its law is the same for any part of the columns: a matrix may be stored as its column blocks. */
  readonly columnwise: boolean;
  /** Can store a table whose rows are looked up. */
  readonly looksUp: boolean;
  readonly use: (call: Call, constants: Constants, report: Report) => MethodUse | undefined;
}
