/**
 * Sums of many terms. A gradient with many uses arrives as a tree of `add`s of equal shapes; passes that shorten
 * such sums see its terms as one list, and say which fewer terms have the same total.
 */
import { Builder } from '../graph/builder.js';
import type { Graph, Op, Value } from '../graph/ops.js';
import { sameShape } from '../tensor/shape.js';
import { copy, countUses, rebuild } from './rebuild.js';

/** A term of a sum: its value in the new graph, and the op it came from in the old one. */
export interface Term {
  readonly value: Value;
  readonly before: Op;
}

/** Values (of the new graph) with the same total as `terms`, fewer of them; undefined leaves the sum alone. */
export type Combine = (b: Builder, terms: readonly Term[]) => readonly Value[] | undefined;

const isTerm = (ops: readonly Op[], op: Op): boolean =>
  op.kind === 'add' && op.inputs.every((i) => sameShape(ops[i]!.shape, op.shape));

/** Which adds are only a step inside a larger sum. */
function innerAdds(graph: Graph, adds: Uint8Array): Uint8Array {
  const uses = countUses(graph);
  const inner = new Uint8Array(graph.ops.length);
  graph.ops.forEach((op, v) => {
    if (adds[v] === 0) return;
    for (const i of op.inputs) if (adds[i] === 1 && uses[i] === 1) inner[i] = 1;
  });
  return inner;
}

/** Terms of the sum whose last add is `root`, left to right. */
function termsOf(graph: Graph, root: Value, inner: Uint8Array): Value[] {
  const terms: Value[] = [];
  const open = [...graph.ops[root]!.inputs].reverse();
  while (open.length > 0) {
    const v = open.pop()!;
    if (inner[v] === 1) open.push(...[...graph.ops[v]!.inputs].reverse());
    else terms.push(v);
  }
  return terms;
}

/** The total of `values`, at least one, left to right. */
export const addAll = (b: Builder, values: readonly Value[]): Value => values.reduce((total, v) => b.add(total, v));

/** `graph` with every sum of two or more terms shortened by `combine`. */
export function rewriteSums(graph: Graph, combine: Combine): Graph {
  const adds = Uint8Array.from(graph.ops, (op) => (isTerm(graph.ops, op) ? 1 : 0));
  const inner = innerAdds(graph, adds);
  const renamed: Value[] = [];
  return rebuild(graph, new Builder(), (b, op, inputs, v) => {
    const root = adds[v] === 1 && inner[v] === 0;
    const terms = root ? termsOf(graph, v, inner).map((t) => ({ value: renamed[t]!, before: graph.ops[t]! })) : [];
    const fewer = root ? combine(b, terms) : undefined;
    const result = fewer === undefined ? copy(b, op, inputs, v) : addAll(b, fewer);
    renamed.push(result);
    return result;
  });
}

/** `items` by key, keys in order of first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const k = key(item);
    const group = groups.get(k);
    if (group === undefined) groups.set(k, [item]);
    else group.push(item);
  }
  return groups;
}
