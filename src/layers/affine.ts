/** y = W x + b, which `dense` and `softmax` share: once per step or once per sequence, as its input comes. */
import type { Value } from '../graph/ops.js';
import type { Buffer } from '../kernels/planner.js';
import { bufferOf } from './define.js';
import type { LayerForward, LayerPlan, LayerShape } from './layer.js';

/** The signal and the stored tensors of y = W x + b with W (rows, columns). */
export const affineShape = (rows: number, columns: number, perStep: boolean) =>
  ({
    signal: { kind: 'vector', width: rows, perStep },
    family: { gates: [], rows, columns: [columns], parts: [] },
    tensors: { bias: { shape: [rows], init: { kind: 'constant', value: 0 } } },
    states: {},
  }) satisfies Partial<LayerShape>;

/** x (count, columns) -> (count, rows). */
export function affineForward({ g, inputs, linear, tensor }: LayerForward): Value {
  const x = inputs[0]!;
  const product = linear().apply(0, x, { start: 0, count: g.shape(x)[0]! });
  return g.add(product, tensor('bias'));
}

export function affinePlan({ p, inputs, linear, tensor }: LayerPlan, rows: number): Buffer {
  const y = p.scratch(rows);
  p.bias(tensor('bias'), y);
  linear([bufferOf(inputs[0])], y);
  return y;
}
