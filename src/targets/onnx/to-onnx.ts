/**
 * Graph -> ONNX. Names of inputs and outputs are kept exactly; ops that no output needs are left out. Pure: it
 * makes data, `encode-onnx` makes bytes of it.
 */
import type { Graph, OpKind, OpOf, Value } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import { formatShape, sameShape } from '../../tensor/shape.js';
import type { Weights } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';
import { findFused } from './onnx-fusions.js';
import type { OnnxModel } from './onnx-model.js';
import { onnxOps } from './onnx-ops.js';
import { writePerId } from './onnx-per-id.js';
import { OnnxWriter, type WriterOptions } from './onnx-writer.js';

export interface OnnxOptions extends WriterOptions {
  /** Inputs that become part of the model: name -> value. */
  readonly constants?: Weights;
}

function writeOp<K extends OpKind>(w: OnnxWriter, op: OpOf<K>, value: Value): void {
  const write = onnxOps[op.kind as K] as (w: OnnxWriter, op: OpOf<K>, value: Value) => void;
  write(w, op, value);
}

function writeInputs(w: OnnxWriter, graph: Graph, constants: Weights): ModelValue[] {
  const inputs: ModelValue[] = [];
  graph.ops.forEach((op, value) => {
    if (op.kind !== 'input') return;
    const { name, type } = op.attrs;
    w.setName(value, name);
    const constant = constants.get(name);
    if (constant === undefined) inputs.push({ name, type, shape: op.shape });
    else {
      const found = formatShape(constant.shape);
      invariant(sameShape(constant.shape, op.shape), `${name} is ${formatShape(op.shape)}, its value ${found}`);
      w.initializers.push({ name, shape: op.shape, data: constant.data });
    }
  });
  return inputs;
}

/** The whole graph as an ONNX model, operator set 17. */
export function graphToOnnx(graph: Graph, options: OnnxOptions = {}): OnnxModel {
  const w = new OnnxWriter(graph, options);
  const inputs = writeInputs(w, graph, options.constants ?? new Map());
  const fused = findFused(w, graph.ops);
  graph.ops.forEach((op, value) => {
    if (!w.uses.live[value] || w.isNamed(value) || fused.has(value)) return;
    if (!writePerId(w, op, value)) writeOp(w, op, value);
  });
  const outputs = w.writeOutputs();
  const rows = w.rowOutputs.length === 0 ? {} : { rowOutputs: w.rowOutputs };
  return { nodes: w.nodes, initializers: w.initializers, inputs, outputs, ...rows };
}
