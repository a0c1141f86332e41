/**
 * `rnn(x, units, activation=)`: the plain recurrent layer of Elman 1990, h' = f(W [x | h] + b), f = tanh or relu.
 * W x of all steps is one product; only W h runs step by step.
 */
import { named, withDefault, word } from '../arguments/schema.js';
import type { Value } from '../graph/ops.js';
import { bufferOf, defineParts } from './define.js';
import type { LayerForward, LayerPlan, PlanValue } from './layer.js';
import { type CellShape, recurrentParts, recurrentSchema, zeroBias } from './recurrent.js';
import { walk } from './walk.js';

type Activation = 'tanh' | 'relu';

export const rnn = defineParts({
  word: 'rnn',
  summary: 'a plain recurrent layer',
  arity: 1,
  schema: {
    ...recurrentSchema,
    activation: named(withDefault(word('function of the sums', ['tanh', 'relu']), 'tanh')),
  },
  parts: (args, inputs, call, report) => {
    const { units, activation } = args.values;
    return recurrentParts(args, { inputs, call, report }, (width) => rnnCell(width, units, activation));
  },
});

const rnnCell = (inputWidth: number, units: number, activation: Activation): CellShape => ({
  family: { gates: [], rows: units, columns: [inputWidth, units], parts: ['input', 'recurrent'] },
  tensors: { bias: zeroBias(units) },
  states: { h: units },
  notes: [`activation ${activation}`],
  forward: (ctx) => forward(ctx, activation),
  plan: (ctx) => plan(ctx, units, activation),
});

/** x (steps * batch, inputs) -> h of all steps (steps * batch, units). */
function forward(ctx: LayerForward, activation: Activation): Value {
  const { g, steps, batch } = ctx;
  const linear = ctx.linear();
  const zx = g.add(linear.apply(0, ctx.inputs[0]!, { start: 0, count: steps * batch }), ctx.tensor('bias'));
  return walk(ctx, ['h'], (rows, [h]) => [
    g[activation](g.add(g.slice(zx, 0, rows.start, rows.count), linear.apply(1, h, rows))),
  ]);
}

/** The sums have a buffer of their own, so that those of many steps can be there before the state is. */
function plan({ p, inputs, linear, tensor, state }: LayerPlan, units: number, activation: Activation): PlanValue {
  const sums = p.scratch(units);
  const h = state('h');
  p.bias(tensor('bias'), sums);
  linear([bufferOf(inputs[0]), h.now], sums);
  p.activate(activation, sums);
  p.copy(sums, h.next);
  return h.next;
}
