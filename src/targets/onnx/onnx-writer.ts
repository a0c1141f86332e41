/** Collects ONNX nodes for one graph. Knows names and sharing, not what any op means. */
import type { OpKind, OpOf, Value } from '../../graph/ops.js';
import { GraphWriter } from '../graph-writer.js';
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from './onnx-model.js';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

export class OnnxWriter extends GraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];

  /** The op behind `value` when it is of this kind and nothing else reads it. */
  onlyReader<K extends OpKind>(value: Value, kind: K): OpOf<K> | undefined {
    const op = this.op(value);
    return op.kind === kind && this.uses.counts[value] === 1 ? (op as unknown as OpOf<K>) : undefined;
  }

  /** Appends a node with one result. */
  node(op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }
  /** A node whose result has no value of its own in the graph. */
  temporary(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(op, inputs, this.temporaryName(), attributes);
  }
  protected alias(from: string, to: string): void {
    this.node('Identity', [from], to);
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
