/** Optimizer updates as graph ops: clip by global norm, then one rule per tensor. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Optimizer } from '../model/model.js';
import { unreachable } from '../support/assert.js';
import {
  adadeltaStep,
  adagradStep,
  adamStep,
  type Context,
  momentumStep,
  rmspropStep,
  sgdStep,
  type Trainable,
  type Turn,
} from './optimizer-rules.js';
import { type Carried, learningRate, nextName, stepNumber, turnNumber } from './training-graph.js';

export interface Update {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly carried: readonly Carried[];
}

/** sqrt of the sum of squares over all gradients, times `scale`. */
export function globalNorm(g: Builder, gradients: readonly Value[], scale = 1): Value {
  let total = g.constant(0);
  for (const dy of gradients) total = g.add(total, g.sum(g.mul(dy, dy)));
  return g.mul(g.sqrt(total), g.constant(scale));
}

/** The length of the gradient, and what the gradients that are given must be multiplied with to be the loss's own. */
export interface GradientScale {
  readonly norm: Value;
  readonly scale: number;
}

/** Collects the outputs of an update while its rules are written. */
class UpdateWriter implements Context {
  readonly outputs: Record<string, Value> = {};
  readonly carried: Carried[] = [];
  readonly g: Builder;
  readonly rate: Value;
  readonly factor: Value;
  private readonly numbers = new Map<string, Value>();

  constructor(g: Builder, limit: number | undefined, { norm, scale }: GradientScale) {
    this.g = g;
    this.rate = g.input(learningRate, []);
    const excess = limit === undefined ? g.constant(1) : g.max(g.constant(1), g.div(norm, g.constant(limit)));
    this.factor = g.div(g.constant(scale), excess);
  }

  moment(t: Trainable, name: string, next: (now: Value) => Value): Value {
    const input = `moment.${t.name}.${name}`;
    this.carried.push({ name: input, shape: t.shape, role: 'moment' });
    const now = this.g.input(input, t.shape);
    const fresh = next(now);
    const taken = t.turn === undefined ? fresh : this.choose(t.turn, fresh, now);
    this.outputs[nextName(input)] = t.mask === undefined ? taken : this.g.mul(taken, t.mask);
    return fresh;
  }

  /** `fresh` in the turn, else `now`: exactly, as one of the two is multiplied by 0 and the other by 1. */
  private choose({ on }: Turn, fresh: Value, now: Value): Value {
    const { g } = this;
    return g.add(g.mul(fresh, on), g.mul(now, g.sub(g.constant(1), on)));
  }

  stepInput({ turn }: Trainable): Value {
    const name = turn === undefined ? stepNumber : turnNumber(turn.part);
    const number = this.numbers.get(name) ?? this.g.input(name, []);
    this.numbers.set(name, number);
    return number;
  }
}

/** The change of a parameter under the program's rule. */
function changeOf(c: Context, t: Trainable, optimizer: Optimizer): Value {
  switch (optimizer.kind) {
    case 'sgd':
      return sgdStep(c, t);
    case 'momentum':
      return momentumStep(c, t, optimizer);
    case 'adam':
    case 'adamw':
      return adamStep(c, t, optimizer);
    case 'adagrad':
      return adagradStep(c, t, optimizer);
    case 'rmsprop':
      return rmspropStep(c, t, optimizer);
    case 'adadelta':
      return adadeltaStep(c, t, optimizer);
    default:
      return unreachable(optimizer);
  }
}

/** Rules whose steps do not know how large a gradient is, and so not how large the parameter. */
const normalizes = ({ kind }: Optimizer): boolean => kind !== 'sgd' && kind !== 'momentum';

/** New values of all parameters and optimizer moments, as outputs `<name>.next`. */
export function lowerOptimizer(
  g: Builder,
  optimizer: Optimizer,
  trainables: readonly Trainable[],
  gradients: GradientScale,
): Update {
  const writer = new UpdateWriter(g, optimizer.clip, gradients);
  const change = (t: Trainable): Value => {
    const step = changeOf(writer, t, optimizer);
    return t.size === undefined || !normalizes(optimizer) ? step : g.mul(step, g.constant(t.size));
  };
  const decay = optimizer.weightDecay === 0 ? undefined : g.mul(writer.rate, g.constant(optimizer.weightDecay));
  for (const t of trainables) {
    const step = decay === undefined || !t.decays ? change(t) : g.add(change(t), g.mul(t.value, decay));
    const next = g.sub(t.value, t.turn === undefined ? step : g.mul(step, t.turn.on));
    writer.outputs[nextName(t.name)] = t.mask === undefined ? next : g.mul(next, t.mask);
  }
  return { outputs: writer.outputs, carried: writer.carried };
}
