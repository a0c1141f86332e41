/**
 * A pruning recipe of another tool in common terms: which parameters are pruned how far and when, and how the learning
 * rate moves. Everything a recipe says is either here or listed as not carried; nothing is dropped in silence.
 */

/** `weight_ih_l0` as written, a regular expression over such names, or every prunable parameter. */
export type ParameterPattern =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'all' };

export interface Pruning {
  /** What the recipe calls it, for messages. */
  readonly origin: string;
  readonly parameters: readonly ParameterPattern[];
  /** Fractions of values that are zero. */
  readonly initial: number;
  readonly final: number;
  /** Epochs; fractions are parts of one. */
  readonly from: number;
  readonly to: number;
  /** Epochs between two updates of the masks. */
  readonly every: number;
  readonly curve: 'cubic' | 'linear';
  /** `4x1`: rows by columns of the blocks that are pruned whole. */
  readonly block: readonly [rows: number, columns: number] | undefined;
  /** One ranking over all its parameters. */
  readonly global: boolean;
}

/** A learning rate as a schedule of the language. */
export type Rate =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'decay'; readonly start: number | undefined; readonly by: number; readonly every: number }
  | {
      readonly kind: 'linear';
      readonly start: number;
      readonly end: number;
      readonly from: number;
      readonly to: number;
    };

export interface Recipe {
  readonly prunings: readonly Pruning[];
  readonly rate: Rate | undefined;
  readonly epochs: number | undefined;
  /** One line for each thing that has no counterpart, or is not what it was. */
  readonly notCarried: readonly string[];
}
