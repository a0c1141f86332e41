/** What passes share that take something out of all parts of a concat. */
import { Builder } from '../graph/builder.js';
import type { Graph, OpOf, Value } from '../graph/ops.js';
import { copy, countUses, rebuild } from './rebuild.js';

type Concat = OpOf<'concat'>;

/**
 * The graph with what `join` makes of each concat that `fits` and whose parts nothing else reads, its operands as the
 * builder has them; a concat is left as it is where that is undefined.
 */
export function joinConcats(
  graph: Graph,
  fits: (op: Concat) => boolean,
  join: (b: Builder, op: Concat) => Value | undefined,
): Graph {
  const uses = countUses(graph);
  const found = new Set<Value>();
  graph.ops.forEach((op, v) => {
    if (op.kind === 'concat' && fits(op) && op.inputs.every((i) => uses[i] === 1)) found.add(v);
  });
  return rebuild(graph, new Builder(), (b, op, inputs, v) => {
    const whole = op.kind === 'concat' && found.has(v) ? join(b, { ...op, inputs }) : undefined;
    return whole ?? copy(b, op, inputs, v);
  });
}
