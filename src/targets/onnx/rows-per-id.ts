/**
 * Values of which each row depends on an id alone: gathered rows of a table, their products with a matrix, and these
 * with a bias. An engine makes such a row once for each distinct id. Only finds them.
 */
import type { Graph, Op, OpOf, Value } from '../../graph/ops.js';
import { sameShape, size } from '../../tensor/shape.js';
import type { Uses } from '../graph-uses.js';
import type { DistinctRule } from './distinct-rule.js';

/** The left or the right operand of a product; also an axis of its result, as the left one makes the rows. */
export type Side = 0 | 1;

/** A matrix whose rows (axis 0) or columns (axis 1) belong to ids. */
export interface OfIds {
  readonly ids: Value;
  readonly axis: Side;
}

/** One whose rows or columns depend on their id alone: those of a table, or made of such an operand. */
export interface PerId extends OfIds {
  readonly operand: Side | 'table';
}

export const otherSide = (side: Side): Side => (side === 0 ? 1 : 0);

/** The axis of an operand that a product of matrices sums over. */
export function innerAxis({ attrs }: OpOf<'matmul'>, side: Side): Side {
  const turned = side === 0 ? attrs.transposeA : attrs.transposeB;
  return turned ? side : otherSide(side);
}

class Finder {
  readonly #graph: Graph;
  readonly #rule: DistinctRule;
  readonly found = new Map<Value, PerId>();

  constructor(graph: Graph, uses: Uses, rule: DistinctRule) {
    this.#graph = graph;
    this.#rule = rule;
    graph.ops.forEach((op, v) => {
      const rows = uses.live[v] ? this.#find(op) : undefined;
      if (rows !== undefined) this.found.set(v, rows);
    });
  }

  #shape = (v: Value): readonly number[] => this.#graph.ops[v]!.shape;

  #find(op: Op): PerId | undefined {
    if (op.kind === 'gather' && op.shape.length === 2) return { ids: op.inputs[1]!, axis: 0, operand: 'table' };
    if (op.kind === 'matmul') return this.#product(op);
    return op.kind === 'add' ? this.#shifted(op) : undefined;
  }

  #product(op: OpOf<'matmul'>): PerId | undefined {
    for (const side of [0, 1] as const) {
      const inner = innerAxis(op, side);
      const rows = this.found.get(op.inputs[side]!);
      if (rows === undefined || rows.axis === inner || op.shape.length !== 2) continue;
      const summands = this.#shape(op.inputs[side]!)[inner]!;
      if (summands < this.#rule.leastSummands || size(op.shape) * summands < this.#rule.leastProduct) continue;
      return { ids: rows.ids, axis: side, operand: side };
    }
    return undefined;
  }

  /** Plus what is the same for every id. */
  #shifted({ inputs, shape }: OpOf<'add'>): PerId | undefined {
    for (const side of [0, 1] as const) {
      const rows = this.found.get(inputs[side]!);
      const added = this.#shape(inputs[otherSide(side)]!);
      if (rows === undefined || !sameShape(this.#shape(inputs[side]!), shape) || added.length > 2) continue;
      if ((added[added.length - 2 + rows.axis] ?? 1) === 1) return { ...rows, operand: side };
    }
    return undefined;
  }
}

/** All of the live ops of a graph; products only where it pays to make them for distinct ids. */
export const findRowsPerId = (graph: Graph, uses: Uses, rule: DistinctRule): ReadonlyMap<Value, PerId> =>
  new Finder(graph, uses, rule).found;
