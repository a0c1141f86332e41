/** What simplification rules share. A rule sees one op whose operands are already simplified. */
import type { Builder } from '../graph/builder.js';
import type { OpKind, OpOf, Value } from '../graph/ops.js';

/** A value equal to the op's result and cheaper, or undefined when the rule does not apply. */
export type Rule<K extends OpKind> = (b: Builder, op: OpOf<K>) => Value | undefined;

/** The number that every element of `v` equals, when that is known. */
export function constantOf(b: Builder, v: Value): number | undefined {
  const op = b.ops[v]!;
  return op.kind === 'constant' ? op.attrs.value : undefined;
}

/** The op that makes `v` when it is of `kind`. */
export function madeBy<K extends OpKind>(b: Builder, v: Value, kind: K): OpOf<K> | undefined {
  const op = b.ops[v]!;
  return op.kind === kind ? (op as unknown as OpOf<K>) : undefined;
}
