/** Arguments that several methods share, and counts of what a weight stores. */
import { named, optional, percent, shape, withDefault, word } from '../arguments/schema.js';
import { size } from '../tensor/shape.js';
import type { Weight } from './method.js';

/** `layout=stacked`: all gates in one matrix; `layout=gates` (the default): one matrix per gate. */
export const layout = named(optional(word('one matrix per gate, or all gates in one', ['gates', 'stacked'])));

/** Share of values pruned to zero, counted over all gates of a rule in one layer; a goal may leave it out. */
export const sparsity = optional(percent('share of the values that are zero'));

/** Block of values that are pruned together. */
export const block = withDefault(shape('block of values pruned together', 2), [1, 1]);

/** Whether `block` asks for more than single values. */
export const isBlocked = ([rows, columns]: readonly number[]): boolean => rows !== 1 || columns !== 1;

/** Elements of masked tensors, kept or not. */
export const maskedElements = (weight: Weight): number =>
  Object.values(weight.tensors).reduce((sum, t) => sum + (t.masked ? size(t.shape) : 0), 0);

/** Stored values: all of the unmasked tensors and the `kept` ones of the masked. Indices are bytes, no parameters. */
export const parameterCount = (weight: Weight, kept: number): number =>
  Object.values(weight.tensors).reduce((sum, t) => sum + (t.masked ? 0 : size(t.shape)), kept);
