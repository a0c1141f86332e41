/** Arguments that several methods share, and counts of what a weight stores. */
import { named, optional, percent, withDefault, word } from '../arguments/schema.js';
import { type Block, single } from '../tensor/blocks.js';
import { type Shape, size } from '../tensor/shape.js';
import type { Matrix, TensorSpec, Weight } from './method.js';

/** `layout=stacked`: all gates in one matrix; `layout=gates` (the default): one matrix per gate. */
export const layout = named(optional(word('one matrix per gate, or all gates in one', ['gates', 'stacked'])));

/** `ranking=global`: the values of all layers that the rule selects are ranked as one. */
export const ranking = named(
  withDefault(
    word('what competes for the kept values: each layer by itself, or all of the rule', ['layer', 'global']),
    'layer',
  ),
);

/** Share of values pruned to zero, counted over all that is ranked together; a goal may leave it out. */
export const sparsity = optional(percent('share of the values that are zero'));

/** Elements of masked tensors, kept or not. */
export const maskedElements = (weight: Weight): number =>
  Object.values(weight.tensors).reduce((sum, t) => sum + (t.masked ? size(t.shape) : 0), 0);

/** Name of the tensor that holds the whole matrix. */
export const wholeName = ({ lookup }: Matrix): 'table' | 'W' => (lookup === true ? 'table' : 'W');

/** How a weight's tensor stands in the weight file: a table's has no axis of gates. */
export const storedShape = ({ matrix }: Weight, { shape }: TensorSpec): Shape =>
  matrix.lookup === true ? shape.slice(1) : shape;

/** What a weight's masked tensors are pruned in. */
export const blockOf = (weight: Weight): Block => Object.values(weight.tensors).find((t) => t.masked)?.block ?? single;

/** Stored values: all of the unmasked tensors and the `kept` ones of the masked. Indices are bytes, no parameters. */
export const parameterCount = (weight: Weight, kept: number): number =>
  Object.values(weight.tensors).reduce((sum, t) => sum + (t.masked ? 0 : size(t.shape)), kept);

/** The arguments here, where a method has them: they mean the same in all. */
export interface Shared {
  readonly sparsity: number | undefined;
  readonly layout: 'gates' | 'stacked' | undefined;
  readonly ranking: 'layer' | 'global';
}
