/** Collects tfjs nodes for one graph and names their values. Knows names and sharing, not what any op means. */
import type { Graph, Op, Value } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import type { Shape } from '../../tensor/shape.js';
import { findUses, type Uses } from '../graph-uses.js';
import type { TfjsAttribute, TfjsConstant, TfjsNode, TfjsOp } from './tfjs-model.js';

/** What the kernels that will run a model do beyond those of tfjs; files for anyone count on none of it. */
export interface OwnKernels {
  /** Whether a product (m, k) (k, n) takes its operands turned or not, as they lie, at no cost; sums over rows, too. */
  readonly takesProduct: (m: number, k: number, n: number) => boolean;
}

type Attributes = Readonly<Record<string, TfjsAttribute>>;

export class TfjsWriter {
  readonly nodes: TfjsNode[] = [];
  readonly constants: TfjsConstant[] = [];
  readonly uses: Uses;
  readonly kernels: OwnKernels | undefined;
  private readonly graph: Graph;
  private readonly names: (string | undefined)[];
  private readonly wanted = new Map<Value, string>();
  private readonly shared = new Map<string, string>();
  /** Results that share their values with another node's: reshapes. */
  private readonly aliases = new Map<string, string>();
  private readonly rightShapes = new Map<string, string>();
  private temporaries = 0;

  constructor(graph: Graph, kernels?: OwnKernels) {
    this.graph = graph;
    this.kernels = kernels;
    this.uses = findUses(graph);
    this.names = graph.ops.map(() => undefined);
    for (const [name, value] of Object.entries(graph.outputs)) {
      const { kind } = graph.ops[value]!;
      const isNode = kind !== 'input' && kind !== 'constant' && !this.uses.tiles.has(value);
      if (isNode && !this.wanted.has(value)) this.wanted.set(value, name);
    }
  }

  op(value: Value): Op {
    return this.graph.ops[value]!;
  }
  shape(value: Value): Shape {
    return this.graph.ops[value]!.shape;
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

  node(op: TfjsNode['op'], inputs: readonly string[], name: string, attributes: Attributes = {}): string {
    this.nodes.push({ name, op, inputs, attributes });
    if (op === 'Reshape' || op === 'Identity') this.aliases.set(name, this.storage(inputs[0]!));
    return name;
  }
  private storage(name: string): string {
    return this.aliases.get(name) ?? name;
  }
  /**
   * A name under which `name` may be the right operand of a product. The wasm backend keeps its packed form by the
   * values' identity and not by their shape, so values that are a right operand in two shapes need a copy.
   */
  rightOperand(name: string, shape: Shape): string {
    const stored = this.storage(name);
    const asked = shape.slice(-2).join('x');
    const first = this.rightShapes.get(stored) ?? asked;
    this.rightShapes.set(stored, first);
    if (first === asked) return name;
    return this.once(`copy ${stored} ${asked}`, () => this.temporary('AddV2', [name, this.scalar(0)]));
  }
  /** A node whose result has no value of its own in the graph. */
  temporary(op: TfjsOp, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(op, inputs, `tmp/${this.temporaries++}`, attributes);
  }
  /** Gives the node written last its final name. */
  rename(from: string, to: string): void {
    const last = this.nodes.pop();
    invariant(last?.name === from, `${from} is not the last node`);
    this.nodes.push({ ...last, name: to });
  }
  /** The same node once for all who ask with the same key. */
  once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.shared.set(key, name);
    return name;
  }

  /** A stored tensor. */
  constant(name: string, shape: Shape, data: Float32Array | Int32Array): string {
    this.constants.push({ name, shape, data });
    const type = data instanceof Float32Array ? 'float32' : 'int32';
    return this.node('Const', [], name, { dtype: { type } });
  }
  /** A list of int32 (shape, axes, sizes). */
  integers(values: readonly number[]): string {
    return this.once(`i32 ${values.join(',')}`, () =>
      this.constant(`i32/${values.length === 0 ? 'none' : values.join('_')}`, [values.length], Int32Array.from(values)),
    );
  }
  /** One int32, as a scalar. */
  integer(value: number): string {
    return this.once(`int ${value}`, () => this.constant(`int/${value}`, [], Int32Array.of(value)));
  }
  /** A float scalar. */
  scalar(value: number): string {
    return this.once(`f32 ${value}`, () => this.constant(`f32/${value}`, [], Float32Array.of(value)));
  }
}
