/** What passes share: rewriting a graph into a fresh builder in one forward walk, and leaving out dead ops. */
import type { Builder } from '../graph/builder.js';
import type { Graph, Op, Value } from '../graph/ops.js';

/** Writes one op, its operands already renamed; gives the value that stands for its result. */
export type Write<B extends Builder> = (b: B, op: Op, inputs: readonly Value[], v: Value) => Value;

/** Writes an op as it is. */
export const copy: Write<Builder> = (b, op, inputs) => b.push(op.kind, inputs, op.attrs, op.shape);

/** Every op of `graph` written to `b` by `write`; then only what the outputs need. */
export function rebuild<B extends Builder>(graph: Graph, b: B, write: Write<B> = copy): Graph {
  const renamed: Value[] = [];
  graph.ops.forEach((op, v) => {
    const inputs = op.inputs.map((i) => renamed[i]!);
    renamed.push(write(b, op, inputs, v));
  });
  const outputs = Object.entries(graph.outputs).map(([name, v]) => [name, renamed[v]!] as const);
  return withoutUnused(b.finish(Object.fromEntries(outputs)));
}

/** How often each value is used: as an operand, and as an output. */
export function countUses(graph: Graph): Int32Array {
  const uses = new Int32Array(graph.ops.length);
  for (const op of graph.ops) for (const i of op.inputs) uses[i]!++;
  for (const v of Object.values(graph.outputs)) uses[v]!++;
  return uses;
}

/** The ops that some output depends on, in order. */
export function withoutUnused(graph: Graph): Graph {
  const needed = new Uint8Array(graph.ops.length);
  for (const v of Object.values(graph.outputs)) needed[v] = 1;
  for (let v = graph.ops.length - 1; v >= 0; v--) {
    if (needed[v] === 1) for (const i of graph.ops[v]!.inputs) needed[i] = 1;
  }
  const renamed = new Int32Array(graph.ops.length);
  const ops: Op[] = [];
  graph.ops.forEach((op, v) => {
    if (needed[v] === 0) return;
    renamed[v] = ops.push({ ...op, inputs: op.inputs.map((i) => renamed[i]!) }) - 1;
  });
  const outputs = Object.entries(graph.outputs).map(([name, v]) => [name, renamed[v]!] as const);
  return { ops, outputs: Object.fromEntries(outputs) };
}
