/**
 * `lstm(x, units)`: the LSTM of Zaremba et al. 2014, gates in the order i, f, g, o:
 * z = W [x | h] + b, c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'). No peepholes; one bias.
 * W x of all steps is one product; only W h runs step by step. `layers=n` stacks n of them.
 */
import { refuseLater } from '../arguments/later.js';
import { expression, named, optional, positiveInteger, real, withDefault, yesNo } from '../arguments/schema.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { bufferOf, defineLayer, dropoutParameter } from './define.js';
import type { LayerForward, LayerPlan, LayerShape, PlanValue } from './layer.js';
import { sequenceInput } from './messages.js';
import { walk } from './walk.js';

const gates = ['i', 'f', 'g', 'o'] as const;

export const lstm = defineLayer({
  word: 'lstm',
  summary: 'long short-term memory, gates i, f, g, o',
  arity: 1,
  schema: {
    units: positiveInteger('hidden units'),
    layers: named(withDefault(positiveInteger('how many to stack', 100), 1)),
    dropout: dropoutParameter,
    forget_bias: named(withDefault(real('start value of the bias of gate f'), 0)),
    bidirectional: named(withDefault(yesNo('a second pass from the end'), false)),
    merge: named(optional(expression('how two directions are joined'))),
  },
  shapes: (args, inputs, call, report) => {
    const { units, layers, dropout, forget_bias: forgetBias, bidirectional } = args.values;
    const later = bidirectional ? 'bidirectional' : args.given('merge') ? 'merge' : undefined;
    if (later !== undefined) {
      return refuseLater(`\`${later}=\` of \`lstm\``, `leave \`${later}=\` out`, args.at(later), report);
    }
    const input = sequenceInput(call, inputs, report);
    if (input === undefined) return undefined;
    return Array.from({ length: layers }, (_, i) =>
      lstmShape(i === 0 ? input.width : units, units, dropout, forgetBias),
    );
  },
});

function lstmShape(inputWidth: number, units: number, dropout: number, forgetBias: number): LayerShape {
  return {
    signal: { kind: 'vector', width: units, perStep: true },
    family: { gates, rows: units, columns: [inputWidth, units], parts: ['input', 'recurrent'] },
    tensors: {
      bias: {
        shape: [4 * units],
        init: { kind: 'constant', value: 0 },
        ...(forgetBias === 0 ? {} : { patch: [units, units, forgetBias] as const }),
      },
    },
    states: { h: units, c: units },
    dropout,
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
