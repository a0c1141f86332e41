/**
 * Reverse-mode differentiation at compile time: one sweep from the loss backwards, which appends the gradient's ops
 * to the graph that is being built. It follows only what depends on a wanted value, and knows no layer or method.
 */
import type { Builder } from '../graph/builder.js';
import type { Op, OpKind, OpOf, Value } from '../graph/ops.js';
import { invariant } from '../support/assert.js';
import { formatShape, size } from '../tensor/shape.js';
import { type Gradient, gradients } from './gradients.js';

/** Whether each op up to `last` depends on a wanted value. */
function dependence(ops: readonly Op[], last: Value, wanted: readonly Value[]): Uint8Array {
  const depends = new Uint8Array(last + 1);
  for (const w of wanted) if (w <= last) depends[w] = 1;
  for (let v = 0; v <= last; v++) {
    if (ops[v]!.inputs.some((i) => depends[i] === 1)) depends[v] = 1;
  }
  return depends;
}

/**
 * d(loss)/d(w) for every wanted w, in w's shape; zeros where the loss does not depend on it. `loss` has one element.
 * A gradient that reaches a value by several ways is their sum, the latest use first.
 */
export function differentiate(g: Builder, loss: Value, wanted: readonly Value[]): ReadonlyMap<Value, Value> {
  const lossShape = g.shape(loss);
  invariant(size(lossShape) === 1, `the gradient of a loss of shape ${formatShape(lossShape)}`);
  const depends = dependence(g.ops, loss, wanted);
  const totals = new Array<Value | undefined>(loss + 1);
  totals[loss] = g.constant(1, lossShape);
  for (let v = loss; v >= 0; v--) {
    const dy = totals[v];
    if (dy === undefined || depends[v] === 0) continue;
    const op = g.ops[v]!;
    const shares = (gradients[op.kind] as Gradient<OpKind>)({ g, op: op as OpOf<OpKind>, y: v, dy });
    shares.forEach((share, i) => {
      const operand = op.inputs[i]!;
      if (share === undefined || depends[operand] === 0) return;
      const sofar = totals[operand];
      totals[operand] = sofar === undefined ? share() : g.add(sofar, share());
    });
  }
  return new Map(wanted.map((w) => [w, totals[w] ?? g.constant(0, g.shape(w))]));
}
