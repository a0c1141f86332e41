/**
 * `gru(x, units, reset_after=)`: the gated recurrent unit, gates in the order r, z, n: h' = n + z (h - n).
 * `reset_after=no` (Cho et al. 2014): n = tanh(W_n [x | r h] + b_n); gate n reads another vector than r and z.
 * `reset_after=yes` (cuDNN, PyTorch, Keras): n = tanh(W_n x + b_n + r (U_n h + c_n)), with a recurrent bias c for every
 * gate; the two shares of gate n are needed apart. W x of all steps is one product either way.
 */
import { named, withDefault, yesNo } from '../arguments/schema.js';
import type { Value } from '../graph/ops.js';
import { type Buffer, part } from '../kernels/planner.js';
import { bufferOf, defineParts } from './define.js';
import type { LayerForward, LayerPlan, Linear, PlanValue } from './layer.js';
import { type CellShape, recurrentParts, recurrentSchema, zeroBias } from './recurrent.js';
import { walk } from './walk.js';

const gates = ['r', 'z', 'n'] as const;
const [r, z, n] = [0, 1, 2] as const;

export const gru = defineParts({
  word: 'gru',
  summary: 'gated recurrent unit, gates r, z, n',
  arity: 1,
  schema: {
    ...recurrentSchema,
    reset_after: named(withDefault(yesNo('gate r scales the product U_n h, not the h in it'), false)),
  },
  parts: (args, inputs, call, report) => {
    const { units, reset_after: resetAfter } = args.values;
    const cell = resetAfter ? resetAfterCell : resetBeforeCell;
    return recurrentParts(args, { inputs, call, report }, (width) => cell(width, units));
  },
});

const family = (inputWidth: number, units: number) =>
  ({ gates, rows: units, columns: [inputWidth, units], parts: ['input', 'recurrent'] }) as const;

const resetBeforeCell = (inputWidth: number, units: number): CellShape => ({
  family: { ...family(inputWidth, units), apart: { kind: 'gates' } },
  tensors: { bias: zeroBias(3 * units) },
  states: { h: units },
  notes: ['reset before the product'],
  forward: (ctx) => forwardBefore(ctx, units),
  plan: (ctx) => planBefore(ctx, units),
});

const resetAfterCell = (inputWidth: number, units: number): CellShape => ({
  family: { ...family(inputWidth, units), apart: { kind: 'blocks', gate: n } },
  tensors: { bias: zeroBias(3 * units), recurrent_bias: zeroBias(3 * units) },
  states: { h: units },
  notes: ['reset after the product'],
  forward: (ctx) => forwardAfter(ctx, units),
  plan: (ctx) => planAfter(ctx, units),
});

/** Shares of x in all gates of all steps, with the bias. */
function fromInput({ g, steps, batch, inputs, tensor }: LayerForward, linear: Linear): Value {
  return g.add(linear.apply(0, inputs[0]!, { start: 0, count: steps * batch }), tensor('bias'));
}

/** x (steps * batch, inputs) -> h of all steps (steps * batch, units). */
function forwardBefore(ctx: LayerForward, units: number): Value {
  const { g } = ctx;
  const linear = ctx.linear();
  const zx = fromInput(ctx, linear);
  return walk(ctx, ['h'], (rows, [h]) => {
    const x = g.slice(zx, 0, rows.start, rows.count);
    const open = g.sigmoid(g.add(g.slice(x, 1, 0, 2 * units), linear.apply(1, h, rows, [r, z])));
    const kept = g.mul(g.slice(open, 1, 0, units), h);
    const candidate = g.tanh(g.add(g.slice(x, 1, n * units, units), linear.apply(1, kept, rows, [n])));
    return [g.add(candidate, g.mul(g.slice(open, 1, units, units), g.sub(h, candidate)))];
  });
}

function forwardAfter(ctx: LayerForward, units: number): Value {
  const { g } = ctx;
  const linear = ctx.linear();
  const zx = fromInput(ctx, linear);
  const bias = ctx.tensor('recurrent_bias');
  return walk(ctx, ['h'], (rows, [h]) => {
    const x = g.slice(zx, 0, rows.start, rows.count);
    const zh = g.add(linear.apply(1, h, rows), bias);
    const open = g.sigmoid(g.add(g.slice(x, 1, 0, 2 * units), g.slice(zh, 1, 0, 2 * units)));
    const reset = g.mul(g.slice(open, 1, 0, units), g.slice(zh, 1, n * units, units));
    const candidate = g.tanh(g.add(g.slice(x, 1, n * units, units), reset));
    return [g.add(candidate, g.mul(g.slice(open, 1, units, units), g.sub(h, candidate)))];
  });
}

/** One gate of a buffer that holds all three. */
const gateOf = (all: Buffer, gate: number): Buffer => part(all, (gate * all.size) / 3, all.size / 3);

function planBefore({ p, inputs, linear, tensor, state }: LayerPlan, units: number): PlanValue {
  const sums = p.scratch(3 * units);
  const kept = p.scratch(units);
  const x = bufferOf(inputs[0]);
  const h = state('h');
  p.bias(tensor('bias'), sums);
  linear([x, h.now], sums, [r, z]);
  p.gate(gateOf(sums, r), h.now, kept, 'set');
  linear([x, kept], sums, [n]);
  p.gruCell(gateOf(sums, z), gateOf(sums, n), h.now, h.next);
  return h.next;
}

function planAfter({ p, inputs, shares, tensor, state }: LayerPlan, units: number): PlanValue {
  const fromX = p.scratch(3 * units);
  const fromH = p.scratch(3 * units);
  const h = state('h');
  p.bias(tensor('bias'), fromX);
  p.bias(tensor('recurrent_bias'), fromH);
  shares([bufferOf(inputs[0]), h.now], [fromX, fromH]);
  p.add(part(fromH, 0, 2 * units), part(fromX, 0, 2 * units));
  p.gate(gateOf(fromX, r), gateOf(fromH, n), gateOf(fromX, n), 'add');
  p.gruCell(gateOf(fromX, z), gateOf(fromX, n), h.now, h.next);
  return h.next;
}
