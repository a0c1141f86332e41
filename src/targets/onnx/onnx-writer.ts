/** Collects ONNX nodes for one graph and names their values. Knows names and sharing, not what any op means. */
import type { Graph, Op, OpKind, OpOf, Value } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import type { Shape } from '../../tensor/shape.js';
import { findUses, type Uses } from '../graph-uses.js';
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from './onnx-model.js';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

export class OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly uses: Uses;
  private readonly graph: Graph;
  private readonly names: (string | undefined)[];
  private readonly wanted = new Map<Value, string>();
  private readonly shared = new Map<string, string>();
  private temporaries = 0;

  constructor(graph: Graph) {
    this.graph = graph;
    this.uses = findUses(graph);
    this.names = graph.ops.map(() => undefined);
    for (const [name, value] of Object.entries(graph.outputs)) {
      const kind = graph.ops[value]!.kind;
      if (!this.wanted.has(value) && kind !== 'input' && kind !== 'constant') this.wanted.set(value, name);
    }
  }

  op(value: Value): Op {
    return this.graph.ops[value]!;
  }
  shape(value: Value): Shape {
    return this.graph.ops[value]!.shape;
  }
  /** The op behind `value` when it is of this kind and nothing else reads it. */
  onlyReader<K extends OpKind>(value: Value, kind: K): OpOf<K> | undefined {
    const op = this.op(value);
    return op.kind === kind && this.uses.counts[value] === 1 ? (op as unknown as OpOf<K>) : undefined;
  }

  /** The name of a value that is written. */
  name(value: Value): string {
    const name = this.names[value];
    invariant(name !== undefined, `value ${value} is read before it is written`);
    return name;
  }
  isNamed(value: Value): boolean {
    return this.names[value] !== undefined;
  }
  setName(value: Value, name: string): void {
    this.names[value] = name;
  }
  /** Gives `value` its name: the output's it is for, else one that no program can use. */
  claim(value: Value): string {
    const name = this.wanted.get(value) ?? `op/${value}`;
    this.names[value] = name;
    return name;
  }

  /** Appends a node with one result. */
  node(op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }
  /** A node whose result has no value of its own in the graph. */
  temporary(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(op, inputs, `tmp/${this.temporaries++}`, attributes);
  }
  /** The same node once for all who ask with the same key. */
  once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.shared.set(key, name);
    return name;
  }

  /** A list of int64 (shape, axes, lengths). */
  integers(values: readonly number[]): string {
    return this.once(`i64 ${values.join(',')}`, () => {
      const name = `i64/${values.length === 0 ? 'none' : values.join('_')}`;
      this.initializers.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
      return name;
    });
  }
  /** A float scalar. */
  scalar(value: number): string {
    return this.once(`f32 ${value}`, () => {
      const name = `f32/${value}`;
      this.initializers.push({ name, shape: [], data: Float32Array.of(value) });
      return name;
    });
  }
}
