/**
 * Which new values may be written over the values that they replace, so that a weight lies in memory once and an
 * update writes no second copy of it. Decided from the graph alone: whatever reads the old value must run before.
 */

import { sameShape } from '../tensor/shape.js';
import type { Graph, OpKind, Value } from './ops.js';

/** Ops that make each element of their result from the same element of an operand of its shape. */
const elementwise: ReadonlySet<OpKind> = new Set<OpKind>(['add', 'sub', 'mul', 'div']);

/** Ops by operand. */
function readersOf({ ops }: Graph): readonly (readonly Value[])[] {
  const readers: Value[][] = ops.map(() => []);
  ops.forEach(({ inputs }, v) => {
    for (const i of new Set(inputs)) readers[i]!.push(v);
  });
  return readers;
}

/** 1 for every op that `last` depends on. */
function ancestorsOf({ ops }: Graph, last: Value): Uint8Array {
  const found = new Uint8Array(last + 1);
  found[last] = 1;
  for (let v = last; v >= 0; v--) if (found[v] === 1) for (const i of ops[v]!.inputs) found[i] = 1;
  found[last] = 0;
  return found;
}

/** Ops that read the memory of `value`: a reshape shares it. */
function memoryReaders(graph: Graph, readers: readonly (readonly Value[])[], value: Value): readonly Value[] {
  return readers[value]!.flatMap((v) =>
    graph.ops[v]!.kind === 'reshape' ? [v, ...memoryReaders(graph, readers, v)] : [v],
  );
}

/** Whether `result` may be written where the input `old` lies. */
function mayOverwrite(graph: Graph, readers: readonly (readonly Value[])[], old: Value, result: Value): boolean {
  const { ops } = graph;
  const op = ops[result]!;
  if (!elementwise.has(op.kind)) return false;
  // A product and its sum may be one node, which reads operands while it writes.
  if (op.inputs.some((i) => ops[i]!.kind === 'matmul')) return false;
  const all = memoryReaders(graph, readers, old);
  const memory = new Set([old, ...all.filter((v) => ops[v]!.kind === 'reshape')]);
  if (Object.values(graph.outputs).some((v) => memory.has(v))) return false;
  if (op.inputs.some((i) => memory.has(i) && !sameShape(ops[i]!.shape, op.shape))) return false;
  const before = ancestorsOf(graph, result);
  return all.every((v) => v === result || before[v] === 1);
}

/** Outputs, among those that are carried to an input, that may be written to the memory of that input. */
export function writtenInPlace(graph: Graph, carries: ReadonlyMap<string, string>): ReadonlySet<string> {
  const readers = readersOf(graph);
  const inputs = new Map(graph.ops.flatMap((op, v) => (op.kind === 'input' ? [[op.attrs.name, v] as const] : [])));
  const found = [...carries].filter(([output, input]) => {
    const [old, result] = [inputs.get(input), graph.outputs[output]];
    return old !== undefined && result !== undefined && mayOverwrite(graph, readers, old, result);
  });
  return new Set(found.map(([output]) => output));
}
