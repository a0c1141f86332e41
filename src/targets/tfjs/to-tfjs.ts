/**
 * Graph -> tfjs graph model. Names of inputs and outputs are kept exactly; ops that no output needs are left out.
 * Pure: it makes data, `encode-tfjs` makes files of it.
 */
import type { Graph, OpKind, OpOf, Value } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import { formatShape, sameShape } from '../../tensor/shape.js';
import type { Weights } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';
import type { TfjsModel } from './tfjs-model.js';
import { tfjsOps } from './tfjs-ops.js';
import { type OwnKernels, TfjsWriter } from './tfjs-writer.js';

export interface TfjsOptions {
  /** Inputs that become part of the model: name -> value. */
  readonly constants?: Weights;
  readonly kernels?: OwnKernels;
}

function writeOp<K extends OpKind>(w: TfjsWriter, op: OpOf<K>, value: Value): void {
  const write = tfjsOps[op.kind as K] as (w: TfjsWriter, op: OpOf<K>, value: Value) => void;
  write(w, op, value);
}

function writeInputs(w: TfjsWriter, graph: Graph, constants: Weights): ModelValue[] {
  const inputs: ModelValue[] = [];
  graph.ops.forEach((op, value) => {
    if (op.kind !== 'input') return;
    const { name, type } = op.attrs;
    const constant = constants.get(name);
    if (constant === undefined) {
      writeOp(w, op, value);
      inputs.push({ name, type, shape: op.shape });
      return;
    }
    const found = formatShape(constant.shape);
    invariant(sameShape(constant.shape, op.shape), `${name} is ${formatShape(op.shape)}, its value ${found}`);
    w.setName(value, w.constant(name, op.shape, constant.data));
  });
  return inputs;
}

/** The whole graph as a tfjs graph model. */
export function graphToTfjs(graph: Graph, options: TfjsOptions = {}): TfjsModel {
  const w = new TfjsWriter(graph, options.kernels);
  const inputs = writeInputs(w, graph, options.constants ?? new Map());
  graph.ops.forEach((op, value) => {
    if (w.uses.live[value] && !w.isNamed(value)) writeOp(w, op, value);
  });
  const outputs = w.writeOutputs();
  return { nodes: w.nodes, constants: w.constants, inputs, outputs };
}
