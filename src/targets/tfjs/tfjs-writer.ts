/** Collects tfjs nodes for one graph. Knows names and sharing, not what any op means. */
import type { Graph } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import type { Shape } from '../../tensor/shape.js';
import { GraphWriter } from '../graph-writer.js';
import type { TfjsAttribute, TfjsConstant, TfjsNode, TfjsOp } from './tfjs-model.js';

/** What the kernels that will run a model do beyond those of tfjs; files for anyone count on none of it. */
export interface OwnKernels {
  /** Whether a product (m, k) (k, n) takes its operands turned or not, as they lie, at no cost; sums over rows, too. */
  readonly takesProduct: (m: number, k: number, n: number) => boolean;
}

type Attributes = Readonly<Record<string, TfjsAttribute>>;

export class TfjsWriter extends GraphWriter {
  readonly nodes: TfjsNode[] = [];
  readonly constants: TfjsConstant[] = [];
  readonly kernels: OwnKernels | undefined;
  /** Results that share their values with another node's: reshapes. */
  private readonly aliases = new Map<string, string>();
  private readonly rightShapes = new Map<string, string>();

  constructor(graph: Graph, kernels?: OwnKernels) {
    // Parts of a split are results of one node.
    super(graph, (value, uses) => !uses.tiles.has(value));
    this.kernels = kernels;
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
    return this.node(op, inputs, this.temporaryName(), attributes);
  }
  /** Gives the node written last its final name. */
  rename(from: string, to: string): void {
    const last = this.nodes.pop();
    invariant(last?.name === from, `${from} is not the last node`);
    this.nodes.push({ ...last, name: to });
  }
  protected alias(from: string, to: string): void {
    this.node('Identity', [from], to);
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
