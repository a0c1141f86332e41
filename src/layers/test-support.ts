/** What the tests of layers share: calls as data, and a layer's equations run with drawn values. Never compiled in. */
import { expect } from 'vitest';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import type { Value } from '../graph/ops.js';
import type { Argument, Call, Expression } from '../syntax/ast.js';
import { size } from '../tensor/shape.js';
import type { DoubleTensor, IntTensor } from '../tensor/tensor.js';
import type { LayerShape, Signal } from './layer.js';
import { findLayer } from './layers.js';

const source = { path: 'test.cmp', text: 'test' };
const span = { source, start: 0, end: 4 };
/** An integer or a real. */
export const number = (value: number): Expression => ({
  kind: 'number',
  value,
  integer: Number.isInteger(value),
  text: `${value}`,
  span,
});
export const percent = (value: number): Expression => ({ kind: 'percent', value, text: `${value * 100}%`, span });
export const word = (text: string): Expression => ({ kind: 'name', text, span });
export const yes: Expression = { kind: 'boolean', value: true, span };
/** Positional, or named. */
export const argument = (value: Expression, name?: string): Argument => ({
  kind: 'argument',
  value,
  span,
  ...(name === undefined ? {} : { name: { kind: 'name', text: name, span } }),
});
export const call = (callee: string, ...args: readonly Argument[]): Call => ({
  kind: 'call',
  callee: { kind: 'name', text: callee, span },
  args,
  span,
});

/** Resolves a layer; errors are returned. */
export function attempt(
  of: Call,
  inputs: readonly Signal[],
): { shapes: readonly LayerShape[] | undefined; errors: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const parts = findLayer(of.callee.text)!.resolve(of, inputs, new Map(), diagnostics.report);
  const shapes = parts?.map(({ shape }) => shape);
  return { shapes, errors: diagnostics.all };
}

/** Resolves a layer that is right. */
export function resolved(of: Call, inputs: readonly Signal[]): readonly LayerShape[] {
  const { shapes, errors } = attempt(of, inputs);
  expect(errors).toEqual([]);
  return shapes!;
}

export const perStep = (width: number): Signal => ({ kind: 'vector', width, perStep: true });

/** Values without pattern, the same in every run: sin(12.9898 (i + 1) + 78.233 seed). */
export const draw = (shape: readonly number[], seed: number): DoubleTensor => ({
  shape,
  data: Float64Array.from({ length: size(shape) }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed)),
});

export interface Run {
  readonly shape: LayerShape;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: readonly (DoubleTensor | IntTensor)[];
  /** Lengths of the sequences side by side; all as long as the graph when left out. */
  readonly lengths?: readonly number[];
}

/** (steps * batch): 1 at the steps of each sequence. */
const presentOf = (lengths: readonly number[], steps: number): DoubleTensor => {
  const each = Array.from({ length: steps }, (_, t) => lengths.map((length) => (t < length ? 1 : 0)));
  return { shape: [steps * lengths.length], data: Float64Array.from(each.flat()) };
};

/** Runs a layer's equations with a dense matrix for its linear products. */
export function run({ shape, steps, batch, inputs, lengths }: Run) {
  const g = new Builder();
  const feed: Record<string, DoubleTensor | IntTensor> = {};
  const fed = (name: string, tensor: DoubleTensor | IntTensor): Value => {
    feed[name] = tensor;
    return g.input(name, tensor.shape, tensor.data instanceof Int32Array ? 'int32' : 'float32');
  };
  const { family } = shape;
  const gates = Math.max(1, family?.gates.length ?? 1);
  const weights = (family?.columns ?? []).map((c, i) => fed(`w${i}`, draw([gates * family!.rows, c], i + 1)));
  const outputs: Record<string, Value> = {};
  outputs['y'] = shape.forward({
    g,
    steps,
    batch,
    inputs: inputs.map((x, i) => fed(`x${i}`, x)),
    linear: () => ({
      apply: (block, x, _rows, of) => {
        const wanted = of ?? Array.from({ length: gates }, (_, gate) => gate);
        const parts = wanted.map((gate) => g.slice(weights[block]!, 0, gate * family!.rows, family!.rows));
        return g.matmul(x, g.concat(parts, 0), { transposeB: true });
      },
      lookup: (rows) => g.gather(weights[0]!, rows),
    }),
    tensor: (name) => fed(name, draw(shape.tensors[name]!.shape, name === 'bias' ? 9 : 7)),
    state: (name) => fed(`state.${name}`, draw([batch, shape.states[name]!], name.charCodeAt(0))),
    present: () => lengths && fed('present', presentOf(lengths, steps)),
    carry: (name, value) => {
      outputs[name] = value;
    },
  });
  const graph = g.finish(outputs);
  return { graph, results: evaluate(graph, feed), feed: feed as Record<string, DoubleTensor> };
}

/** Within 1e-12. */
export const expectClose = (found: DoubleTensor | undefined, wanted: readonly number[]): void => {
  expect(found!.data.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found!.data[i]).toBeCloseTo(value, 12);
};
