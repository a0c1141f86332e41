/** What `tt` may be given: the shapes of its cores, and the ranks between them. */
import { optional, type Parameter } from '../../arguments/schema.js';
import type { Expression } from '../../syntax/ast.js';
import type { MatrixShape } from '../method.js';

/** More cores than this are never worth their calls. */
export const mostCores = 6;

const shapeOf = (e: Expression): MatrixShape | undefined =>
  e.kind === 'shape' && e.dimensions.length === 2 && e.dimensions.every((d) => d >= 1)
    ? [e.dimensions[0]!, e.dimensions[1]!]
    : undefined;
const integerOf = (e: Expression): number | undefined =>
  e.kind === 'number' && e.integer && e.value >= 1 ? e.value : undefined;

/** `least` to `most` items that `read` takes, or undefined. */
function listOf<T>(e: Expression, read: (item: Expression) => T | undefined, least: number, most: number) {
  if (e.kind !== 'list' || e.items.length < least || e.items.length > most) return undefined;
  const items = e.items.map(read);
  return items.every((item) => item !== undefined) ? (items as readonly T[]) : undefined;
}

/** Rows and columns of every core. */
export const shapes: Parameter<readonly MatrixShape[] | undefined> = optional({
  doc: 'rows and columns of the cores, left to right',
  expects: `a list of 2 to ${mostCores} shapes such as [13x10, 10x10, 5x13]`,
  read: (e) => listOf(e, shapeOf, 2, mostCores),
});

/** One rank for all, or a list of one between each core and the next. */
export const ranks: Parameter<number | readonly number[] | undefined> = optional({
  doc: 'ranks between the cores',
  expects: `an integer of at least 1, or a list of 1 to ${mostCores - 1} of them such as [8, 6]`,
  read: (e): number | readonly number[] | undefined => integerOf(e) ?? listOf(e, integerOf, 1, mostCores - 1),
});
