/**
 * What the compiler sees of a layer: the signal it makes, the tensors and state it has, its equations in graph ops
 * and its plan in kernel calls, each written once for training, evaluation and the emitted C.
 */
import type { Constants } from '../arguments/read.js';
import type { Schema } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Buffer, LayerPlanner } from '../kernels/planner.js';
import type { RowRange } from '../methods/method.js';
import type { Call } from '../syntax/ast.js';
import type { Shape } from '../tensor/shape.js';

/** What flows between layers: token ids, or vectors once per step or once per sequence. */
export type Signal =
  | { readonly kind: 'ids'; readonly vocabulary: number }
  | { readonly kind: 'vector'; readonly width: number; readonly perStep: boolean };

/** Which way a layer of a pair walks over the sequence. */
export type Direction = 'forward' | 'backward';

/** The matrices of a layer that may be compressed: `gates.length` (or 1) of (rows, sum of columns). */
export interface MatrixFamily {
  /** [] when there is only one. */
  readonly gates: readonly string[];
  readonly rows: number;
  readonly columns: readonly number[];
  /** Names of the column blocks, ['input', 'recurrent']; [] when there is only one. */
  readonly parts: readonly string[];
  /** What cannot be had by one product of all gates with all columns; undefined: nothing. */
  readonly apart?: Apart;
  /** The one matrix is a table with a row for each id: looked up, never multiplied. */
  readonly lookup?: true;
}

/**
 * `gates`: gates read different vectors, so each is a weight by itself. `blocks`: of `gate`, the shares of the column
 * blocks are needed one by one: a method that divides columns freely stores them so, any other is applied twice.
 */
export type Apart = { readonly kind: 'gates' } | { readonly kind: 'blocks'; readonly gate: number };

/** A tensor that no method stores: a bias. */
export interface LayerTensor {
  readonly shape: Shape;
  /** Drawn as a dense weight, or a constant. */
  readonly init: { readonly kind: 'weight' } | { readonly kind: 'constant'; readonly value: number };
  /** Where only part of the tensor starts at another value (the forget bias): [start, count, value]. */
  readonly patch?: readonly [start: number, count: number, value: number];
}

/** All products W x of a layer, by whatever methods its rules chose. */
export interface Linear {
  /**
   * Share of column block `block`: x (count, columns[block]) -> (count, gates * rows), gate by gate. Of some gates only
   * where `apart` is `gates`.
   */
  readonly apply: (block: number, x: Value, rows: RowRange, gates?: readonly number[]) => Value;
  /** Rows of the layer's table: ids (count) -> (count, columns). */
  readonly lookup: (ids: Value) => Value;
}

/** What a layer has at hand when it is lowered to ops. Sequences are time-major: (steps * batch, width). */
export interface LayerForward {
  readonly g: Builder;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: readonly Value[];
  readonly linear: () => Linear;
  /** By the names in `LayerShape.tensors`. */
  readonly tensor: (name: string) => Value;
  /** (batch, width) as it stood before the first step. */
  readonly state: (name: string) => Value;
  /**
   * (steps * batch): 1 at the steps of a sequence, 0 behind its end; undefined where all are as long as the graph.
   * A layer that mixes steps must look at it. Walking forward needs it not: nothing of a sequence comes after its end.
   */
  readonly present: () => Value | undefined;
  /** (batch, width) after the last step. */
  readonly carry: (name: string, value: Value) => void;
  /** Steps are walked from the last to the first. */
  readonly backward?: boolean;
}

/** A model input of token ids in the emitted C. */
export interface IdInput {
  readonly kind: 'ids';
  readonly input: string;
}
export type PlanValue = Buffer | IdInput;

/** What a layer has at hand when it is planned for one time step, batch 1. */
export interface LayerPlan {
  readonly p: LayerPlanner;
  readonly inputs: readonly PlanValue[];
  /**
   * y += W [x0 | x1 | ...]: one buffer per column block; y holds all gates. Of some gates only where
   * `apart` is `gates`.
   */
  readonly linear: (blocks: readonly Buffer[], y: Buffer, gates?: readonly number[]) => void;
  /**
   * The same where `apart` is `blocks`: the shares of that gate, and of weights of one column block, go to the block's
   * own buffer of `ys`; all others to the first. The buffers of `ys` add up to W [x0 | x1 | ...].
   */
  readonly shares: (blocks: readonly Buffer[], ys: readonly Buffer[]) => void;
  /** y = the row of the layer's table for the id that is fed. */
  readonly lookup: (ids: IdInput, y: Buffer) => void;
  /** Path in the weight file. */
  readonly tensor: (name: string) => string;
  /** `next` must be filled; `now` stays as it was until the step ends. */
  readonly state: (name: string) => { readonly now: Buffer; readonly next: Buffer };
}

/** One resolved layer, all sizes known. A definition with `layers=n` or `bidirectional=yes` makes several. */
export interface LayerShape {
  readonly signal: Signal;
  readonly family?: MatrixFamily;
  readonly tensors: Readonly<Record<string, LayerTensor>>;
  /** Name -> width. */
  readonly states: Readonly<Record<string, number>>;
  /** Probability of dropping, on the output; 0 for none. */
  readonly dropout: number;
  /** One of a pair that walks over the whole sequence, each from its end, from a zero state. */
  readonly direction?: Direction;
  /** Settings in force, defaults included, as `explain` prints them: "forget bias 0". */
  readonly notes?: readonly string[];
  /** For inputs: what must be fed. */
  readonly feeds?: 'ids' | 'features';
  /** Its output is logits over classes, and the loss applies to it. */
  readonly classifies?: boolean;
  readonly forward: (ctx: LayerForward) => Value;
  readonly plan: (ctx: LayerPlan) => PlanValue;
}

/** One of the layers that a definition makes. */
export interface LayerPart {
  readonly shape: LayerShape;
  /** From 1 with `layers=n`. */
  readonly index?: number;
  /** What it is, where that is not the definition's word: `concat`. */
  readonly kind?: string;
  /** The parts it reads, by place in the list; undefined: what the definition reads. */
  readonly reads?: readonly number[];
}

export interface LayerDefinition {
  /** The word of the language. */
  readonly word: string;
  readonly summary: string;
  /** Number of input layers, given positionally before the schema's arguments; `several`: two or more. */
  readonly arity: number | 'several';
  readonly schema: Schema;
  /**
   * The resolved layers, in order, or undefined when an error was reported; the last is what the definition's name
   * stands for. `call` holds only the arguments behind the inputs.
   */
  readonly resolve: (
    call: Call,
    inputs: readonly Signal[],
    constants: Constants,
    report: Report,
  ) => readonly LayerPart[] | undefined;
}
