/**
 * Local algebra: each op is written through a list of rules that know its operands. Rules hold for finite values
 * (x * 0 is taken as 0), may round differently, and never look at who uses the result.
 */
import { Builder } from '../graph/builder.js';
import type { OpAttrs, OpKind, OpOf, Value } from '../graph/ops.js';
import type { Shape } from '../tensor/shape.js';
import type { Pass } from './pass.js';
import { rebuild } from './rebuild.js';
import { constantOf, madeBy, type Rule } from './rule.js';
import { arithmeticRules } from './simplify-arithmetic.js';
import { layoutRules } from './simplify-layout.js';
import { productRules } from './simplify-products.js';

const scatterOfZeros: Rule<'scatter'> = (b, op) =>
  constantOf(b, op.inputs[1]!) === 0 ? b.constant(0, op.shape) : undefined;

/** Rows are looked up before they are snapped, when every run lies in one row: a batch instead of a whole table. */
const snapLater: Rule<'gather'> = (b, op) => {
  const table = madeBy(b, op.inputs[0]!, 'snap');
  return table !== undefined
    ? b.snap(b.gather(table.inputs[0]!, op.inputs[1]!), table.attrs.levels, table.attrs.run)
    : undefined;
};

/** The same on scales of their own, which are looked up beside their rows. */
const snapToLater: Rule<'gather'> = (b, op) => {
  const table = madeBy(b, op.inputs[0]!, 'snapTo');
  if (table === undefined) return undefined;
  const [x, scales] = table.inputs.map((operand) => b.gather(operand, op.inputs[1]!)) as [Value, Value];
  return b.snapTo(x, scales, table.attrs.levels, table.attrs.run);
};

const rules: { readonly [K in OpKind]: readonly Rule<K>[] } = {
  ...arithmeticRules,
  ...layoutRules,
  ...productRules,
  input: [],
  constant: [],
  snap: [],
  snapTo: [],
  snapSlope: [],
  gather: [snapLater, snapToLater],
  scatter: [scatterOfZeros],
  softmax: [],
  crossEntropy: [],
  crossEntropyGradient: [],
};

/** A builder that never writes what a rule can write more cheaply. */
class SimplifyingBuilder extends Builder {
  override push<K extends OpKind>(kind: K, inputs: readonly Value[], attrs: OpAttrs[K], shape: Shape): Value {
    const op: OpOf<K> = { kind, inputs, attrs, shape };
    for (const rule of rules[kind]) {
      const simpler = rule(this, op);
      if (simpler !== undefined) return simpler;
    }
    return super.push(kind, inputs, attrs, shape);
  }
}

export const simplify: Pass = {
  name: 'simplify',
  why: 'gradients are written by rule and full of ones, zeros and layout ops that cancel',
  run: (graph) => rebuild(graph, new SimplifyingBuilder()),
};
