/**
 * `lstm(x, units)`: the LSTM of Zaremba et al. 2014, gates in the order i, f, g, o:
 * z = W [x | h] + b, c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'). No peepholes; one bias.
 * W x of all steps is one product; only W h runs step by step. `layers=n` stacks n of them.
 */
import { named, real, withDefault } from '../arguments/schema.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { bufferOf, defineParts } from './define.js';
import type { LayerForward, LayerPlan, PlanValue } from './layer.js';
import { type CellShape, recurrentParts, recurrentSchema, zeroBias } from './recurrent.js';
import { walk } from './walk.js';

const gates = ['i', 'f', 'g', 'o'] as const;

export const lstm = defineParts({
  word: 'lstm',
  summary: 'long short-term memory, gates i, f, g, o',
  arity: 1,
  schema: {
    ...recurrentSchema,
    forget_bias: named(withDefault(real('start value of the bias of gate f'), 0)),
  },
  parts: (args, inputs, call, report) => {
    const { units, forget_bias: forgetBias } = args.values;
    return recurrentParts(args, { inputs, call, report }, (width) => lstmCell(width, units, forgetBias));
  },
});

function lstmCell(inputWidth: number, units: number, forgetBias: number): CellShape {
  const patch = forgetBias === 0 ? {} : { patch: [units, units, forgetBias] as const };
  return {
    family: { gates, rows: units, columns: [inputWidth, units], parts: ['input', 'recurrent'] },
    tensors: { bias: { ...zeroBias(4 * units), ...patch } },
    states: { h: units, c: units },
    notes: [`forget bias ${forgetBias}`],
    forward: (ctx) => forward(ctx, units),
    plan: (ctx) => plan(ctx, units),
  };
}

/** x (steps * batch, inputs) -> h of all steps (steps * batch, units). */
function forward(ctx: LayerForward, units: number): Value {
  const { g, steps, batch } = ctx;
  const linear = ctx.linear();
  const fromInput = linear.apply(0, ctx.inputs[0]!, { start: 0, count: steps * batch });
  const zx = g.add(fromInput, ctx.tensor('bias'));
  return walk(ctx, ['h', 'c'], (rows, [h, c]) => {
    const z = g.add(g.slice(zx, 0, rows.start, rows.count), linear.apply(1, h, rows));
    return cell(g, z, c, units);
  });
}

/** z (batch, 4 units), c (batch, units) -> the next h and c. */
function cell(g: Builder, z: Value, c: Value, units: number): readonly [h: Value, c: Value] {
  const gate = (index: number): Value => g.slice(z, 1, index * units, units);
  const kept = g.mul(g.sigmoid(gate(1)), c);
  const added = g.mul(g.sigmoid(gate(0)), g.tanh(gate(2)));
  const next = g.add(kept, added);
  return [g.mul(g.sigmoid(gate(3)), g.tanh(next)), next];
}

function plan({ p, inputs, linear, tensor, state }: LayerPlan, units: number): PlanValue {
  const z = p.scratch(4 * units);
  const h = state('h');
  const c = state('c');
  p.bias(tensor('bias'), z);
  linear([bufferOf(inputs[0]), h.now], z);
  p.lstmCell(z, c.now, c.next, h.next);
  return h.next;
}
