/** Collects ONNX nodes for one graph. Knows names and sharing, not what any op means. */
import type { Graph, OpKind, OpOf, Value } from '../../graph/ops.js';
import { GraphWriter, type ModelValue } from '../graph-writer.js';
import { type DistinctIds, findDistinctIds, noDistinctIds } from './distinct-ids.js';
import type { DistinctRule } from './distinct-rule.js';
import {
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxNode,
  type RowOutput,
  unknownExtent,
} from './onnx-model.js';

/** Element types of TensorProto. */
export const tensorType = { float: 1, int32: 6, int64: 7 };

type Attributes = Readonly<Record<string, OnnxAttribute>>;

export interface WriterOptions {
  /** Outputs that are tables: where few rows change, ids and values of these rows are written in their place. */
  readonly rowsOnly?: ReadonlySet<string>;
  /** When to make once for each distinct id what depends on ids alone; never, when left out. */
  readonly distinctIds?: DistinctRule;
}

export class OnnxWriter extends GraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly rowOutputs: RowOutput[] = [];
  /** What is made once for each distinct id. */
  readonly distinct: DistinctIds;
  /** Values of which only the rows that change are outputs, where only some do. */
  readonly #apart: ReadonlyMap<Value, string>;

  constructor(graph: Graph, { rowsOnly = new Set(), distinctIds }: WriterOptions = {}) {
    super(graph);
    this.distinct = distinctIds === undefined ? noDistinctIds : findDistinctIds(graph, this.uses, distinctIds);
    const named = Object.entries(graph.outputs).filter(([name]) => rowsOnly.has(name));
    this.#apart = new Map(named.map(([name, value]) => [value, name]));
  }

  /** The output that `value` is, when only its changed rows are to be written and nothing else reads it. */
  rowsOnly(value: Value): string | undefined {
    return this.uses.counts[value] === 1 ? this.#apart.get(value) : undefined;
  }

  protected override writeOutput(name: string, value: Value): readonly ModelValue[] {
    const found = this.rowOutputs.find(({ output }) => output === name);
    if (found === undefined) return super.writeOutput(name, value);
    const rows = [unknownExtent, ...this.shape(value).slice(1)];
    return [
      { name: found.ids, shape: [unknownExtent], type: 'int32' },
      { name: found.rows, shape: rows, type: 'float32' },
    ];
  }

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
  /** A value with its last two axes swapped; once, whoever asks. */
  turned(value: Value): string {
    const rank = this.shape(value).length;
    const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
    return this.once(`turn ${value}`, () => this.temporary('Transpose', [this.name(value)], { perm }));
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
