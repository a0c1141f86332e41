/**
 * Elementwise work of all time steps at once, where the sequence does not wait for it: the factors of the gradients
 * of gates, which depend on the forward pass alone, are made as one tensor for all steps, and each step reads its rows.
 */
import { Builder } from '../graph/builder.js';
import type { Graph, Op, Value } from '../graph/ops.js';
import type { Pass } from './pass.js';
import { copy, withoutUnused } from './rebuild.js';
import { findGroups, type Group } from './step-groups.js';

/** A group, and the place of a member in it. */
type Place = readonly [group: Group, at: number];

/** Rewrites one graph; each group is written when its last operand is there. */
class StepBatcher {
  private readonly b = new Builder();
  private readonly graph: Graph;
  private readonly renamed: (Value | undefined)[] = [];
  /** Member -> its group, and its place there. */
  private readonly places = new Map<Value, Place>();
  private readonly batches = new Map<Group, Value>();
  /** Stacks by their parts, so that none is made twice. */
  private readonly stacks = new Map<string, Value>();

  constructor(graph: Graph, groups: readonly Group[]) {
    this.graph = graph;
    for (const group of groups) {
      for (const [at, v] of group.members.entries()) this.places.set(v, [group, at]);
    }
  }

  run(groups: readonly Group[]): Graph {
    const waiting = [...groups].reverse();
    for (const v of this.graph.ops.keys()) {
      if (!this.places.has(v)) this.value(v);
      while (waiting.at(-1)?.after === v) this.write(waiting.pop()!);
    }
    const outputs = Object.entries(this.graph.outputs).map(([name, v]) => [name, this.value(v)] as const);
    return withoutUnused(this.b.finish(Object.fromEntries(outputs)));
  }

  /** A value of the old graph: of a member of a group, its rows. A constant is written when it is first read. */
  private value(v: Value): Value {
    const known = this.renamed[v];
    if (known !== undefined) return known;
    const op = this.graph.ops[v]!;
    const place = this.places.get(v);
    const written = place === undefined ? this.copy(op, v) : this.rows(op.shape[0]!, place);
    this.renamed[v] = written;
    return written;
  }

  private copy(op: Op, v: Value): Value {
    const inputs = op.inputs.map((i) => this.value(i));
    return copy(this.b, op, inputs, v);
  }

  private rows(count: number, [group, at]: Place): Value {
    return this.b.slice(this.batches.get(group)!, 0, at * count, count);
  }

  /** The values of all steps in one: those of another group as they are, or a concat. */
  private stack(parts: readonly Value[]): Value {
    const group = this.places.get(parts[0]!)?.[0];
    if (group?.members.length === parts.length && parts.every((v, at) => group.members[at] === v))
      return this.batches.get(group)!;
    const key = parts.join(',');
    const stacked =
      this.stacks.get(key) ??
      this.b.concat(
        parts.map((v) => this.value(v)),
        0,
      );
    this.stacks.set(key, stacked);
    return stacked;
  }

  private write(group: Group): void {
    const ops = group.members.map((v) => this.graph.ops[v]!) as [Op, ...Op[]];
    const [first] = ops;
    const inputs = first.inputs.map((operand, at) =>
      ops.every((op) => op.inputs[at] === operand) ? this.value(operand) : this.stack(ops.map((op) => op.inputs[at]!)),
    );
    const shape = [first.shape[0]! * ops.length, ...first.shape.slice(1)];
    this.batches.set(group, this.b.push(first.kind, inputs, first.attrs, shape));
  }
}

export const batchSteps: Pass = {
  name: 'batch-steps',
  why: 'what every time step makes of the forward pass alone is made once for all of them',
  run: (graph) => {
    const groups = findGroups(graph);
    return groups.length === 0 ? graph : new StepBatcher(graph, groups).run(groups);
  },
};
