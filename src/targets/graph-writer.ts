/**
 * What the writers of graphs for engines share: names of values, what is written once for many, and the ends of a
 * model. Knows no format.
 */
import type { Graph, Op, Value } from '../graph/ops.js';
import { invariant } from '../support/assert.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { DataType } from '../tensor/tensor.js';
import { findUses, type Uses } from './graph-uses.js';

/** An input or output of a model. */
export interface ModelValue {
  readonly name: string;
  readonly shape: Shape;
  readonly type: DataType;
}

/** As golden files show it. */
export const printValue = (role: string, { name, type, shape }: ModelValue): string =>
  `${role} ${name}: ${type} ${formatShape(shape)}`;

export abstract class GraphWriter {
  readonly uses: Uses;
  private readonly graph: Graph;
  private readonly names: (string | undefined)[];
  private readonly wanted = new Map<Value, string>();
  private readonly shared = new Map<string, string>();
  private temporaries = 0;

  /** `names`: whether a value that is computed may be written under the name of an output. */
  constructor(graph: Graph, names: (value: Value, uses: Uses) => boolean = () => true) {
    this.graph = graph;
    this.uses = findUses(graph);
    this.names = graph.ops.map(() => undefined);
    for (const [name, value] of Object.entries(graph.outputs)) {
      const { kind } = this.op(value);
      const computed = kind !== 'input' && kind !== 'constant' && names(value, this.uses);
      if (computed && !this.wanted.has(value)) this.wanted.set(value, name);
    }
  }

  op(value: Value): Op {
    return this.graph.ops[value]!;
  }
  shape(value: Value): Shape {
    return this.op(value).shape;
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
  /** A name for what has no value of its own in the graph. */
  protected temporaryName(): string {
    return `tmp/${this.temporaries++}`;
  }

  /** The same node once for all who ask with the same key. */
  once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.shared.set(key, name);
    return name;
  }

  /** Writes a second name of a value. */
  protected abstract alias(from: string, to: string): void;

  /** Outputs; those that no op writes under their own name (inputs, constants, second names) get a node. */
  writeOutputs(): ModelValue[] {
    return Object.entries(this.graph.outputs).flatMap(([name, value]) => this.writeOutput(name, value));
  }

  protected writeOutput(name: string, value: Value): readonly ModelValue[] {
    const op = this.op(value);
    if (this.name(value) !== name) this.alias(this.name(value), name);
    return [{ name, shape: op.shape, type: op.kind === 'input' ? op.attrs.type : 'float32' }];
  }
}
