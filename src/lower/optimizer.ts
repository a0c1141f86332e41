/** Optimizer updates as graph ops: clip by global norm, then one rule per tensor. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Part } from '../methods/method.js';
import type { Optimizer } from '../model/model.js';
import type { Shape } from '../tensor/shape.js';
import { type Carried, learningRate, nextName, stepNumber, turnNumber } from './training-graph.js';

export interface Update {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly carried: readonly Carried[];
}

/** A part that is trained in turns. */
export interface Turn {
  readonly part: Part;
  /** 1 in its turn, else 0; a scalar. */
  readonly on: Value;
}

/** A parameter with its gradient, masks and turns already applied. */
export interface Trainable {
  readonly name: string;
  readonly shape: Shape;
  readonly value: Value;
  readonly gradient: Value;
  /** 0-or-1 tensor of the same shape, for pruned tensors. */
  readonly mask: Value | undefined;
  /** Outside of its turn neither the parameter nor its moments move by a bit. */
  readonly turn: Turn | undefined;
  /** Weight decay is for weights, not for the scalars of their parts. */
  readonly decays: boolean;
}

/** sqrt of the sum of squares over all gradients. */
export function globalNorm(g: Builder, gradients: readonly Value[]): Value {
  let total = g.constant(0);
  for (const dy of gradients) total = g.add(total, g.sum(g.mul(dy, dy)));
  return g.sqrt(total);
}

/** What one rule needs of the graph around it. */
interface Context {
  readonly g: Builder;
  /** The learning rate, a scalar. */
  readonly rate: Value;
  /** Factor that clips the gradients, a scalar. */
  readonly clip: Value | undefined;
  readonly moment: (trainable: Trainable, name: string, next: (now: Value) => Value) => Value;
  /** Number of this update among those of the parameter, from 1; made on first use. */
  readonly stepInput: (trainable: Trainable) => Value;
}

function momentumStep(c: Context, t: Trainable, momentum: number): Value {
  const { g, rate, clip } = c;
  const gradient = clip === undefined ? t.gradient : g.mul(t.gradient, clip);
  const velocity = c.moment(t, 'velocity', (now) => g.add(g.mul(now, g.constant(momentum)), gradient));
  return g.mul(velocity, rate);
}

/** Kingma & Ba 2015, algorithm 1, with both bias corrections. */
function adamStep(c: Context, t: Trainable, rule: { beta1: number; beta2: number; epsilon: number }): Value {
  const { g } = c;
  const gradient = c.clip === undefined ? t.gradient : g.mul(t.gradient, c.clip);
  const blend = (now: Value, fresh: Value, beta: number): Value =>
    g.add(g.mul(now, g.constant(beta)), g.mul(fresh, g.constant(1 - beta)));
  const first = c.moment(t, 'first', (now) => blend(now, gradient, rule.beta1));
  const second = c.moment(t, 'second', (now) => blend(now, g.mul(gradient, gradient), rule.beta2));
  const correction = (beta: number): Value =>
    g.sub(g.constant(1), g.exp(g.mul(c.stepInput(t), g.constant(Math.log(beta)))));
  const mean = g.div(first, correction(rule.beta1));
  const deviation = g.sqrt(g.div(second, correction(rule.beta2)));
  return g.mul(g.div(mean, g.add(deviation, g.constant(rule.epsilon))), c.rate);
}

/** Collects the outputs of an update while its rules are written. */
class UpdateWriter implements Context {
  readonly outputs: Record<string, Value> = {};
  readonly carried: Carried[] = [];
  readonly g: Builder;
  readonly rate: Value;
  readonly clip: Value | undefined;
  private readonly numbers = new Map<string, Value>();

  constructor(g: Builder, limit: number | undefined, norm: Value) {
    this.g = g;
    this.rate = g.input(learningRate, []);
    if (limit !== undefined) this.clip = g.div(g.constant(1), g.max(g.constant(1), g.div(norm, g.constant(limit))));
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

/** New values of all parameters and optimizer moments, as outputs `<name>.next`. */
export function lowerOptimizer(
  g: Builder,
  optimizer: Optimizer,
  trainables: readonly Trainable[],
  norm: Value,
): Update {
  const writer = new UpdateWriter(g, optimizer.clip, norm);
  const sgdRate = writer.clip === undefined ? writer.rate : g.mul(writer.rate, writer.clip);
  const change = (t: Trainable): Value => {
    if (optimizer.kind === 'sgd') return g.mul(t.gradient, sgdRate);
    if (optimizer.kind === 'momentum') return momentumStep(writer, t, optimizer.momentum);
    return adamStep(writer, t, optimizer);
  };
  const decay = optimizer.weightDecay === 0 ? undefined : g.mul(writer.rate, g.constant(optimizer.weightDecay));
  for (const t of trainables) {
    const step = decay === undefined || !t.decays ? change(t) : g.add(change(t), g.mul(t.value, decay));
    const next = g.sub(t.value, t.turn === undefined ? step : g.mul(step, t.turn.on));
    writer.outputs[nextName(t.name)] = t.mask === undefined ? next : g.mul(next, t.mask);
  }
  return { outputs: writer.outputs, carried: writer.carried };
}
