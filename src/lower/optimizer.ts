/** Optimizer updates as graph ops: clip by global norm, then one rule per tensor. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Optimizer } from '../model/model.js';
import type { Shape } from '../tensor/shape.js';
import { type Carried, learningRate, nextName, stepNumber } from './training-graph.js';

export interface Update {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly carried: readonly Carried[];
}

/** A parameter with its gradient, masks already applied. */
export interface Trainable {
  readonly name: string;
  readonly shape: Shape;
  readonly value: Value;
  readonly gradient: Value;
  /** 0-or-1 tensor of the same shape, for pruned tensors. */
  readonly mask: Value | undefined;
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
  /** lr, times the clipping factor where gradients enter linearly. */
  readonly rate: Value;
  /** Factor that clips the gradients, a scalar. */
  readonly clip: Value | undefined;
  readonly moment: (trainable: Trainable, name: string, next: (now: Value) => Value) => Value;
  /** Number of this update, from 1; made on first use. */
  readonly stepInput: () => Value;
}

function momentumStep({ g, rate, clip, moment }: Context, t: Trainable, momentum: number): Value {
  const gradient = clip === undefined ? t.gradient : g.mul(t.gradient, clip);
  const velocity = moment(t, 'velocity', (now) => g.add(g.mul(now, g.constant(momentum)), gradient));
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
    g.sub(g.constant(1), g.exp(g.mul(c.stepInput(), g.constant(Math.log(beta)))));
  const mean = g.div(first, correction(rule.beta1));
  const deviation = g.sqrt(g.div(second, correction(rule.beta2)));
  return g.mul(g.div(mean, g.add(deviation, g.constant(rule.epsilon))), c.rate);
}

/** New values of all parameters and optimizer moments, as outputs `<name>.next`. */
export function lowerOptimizer(
  g: Builder,
  optimizer: Optimizer,
  trainables: readonly Trainable[],
  norm: Value,
): Update {
  const lr = g.input(learningRate, []);
  const clip =
    optimizer.clip === undefined
      ? undefined
      : g.div(g.constant(1), g.max(g.constant(1), g.div(norm, g.constant(optimizer.clip))));
  const outputs: Record<string, Value> = {};
  const carried: Carried[] = [];
  let step: Value | undefined;
  const context: Context = {
    g,
    rate: lr,
    clip,
    moment: (t, name, next) => {
      const input = `moment.${t.name}.${name}`;
      carried.push({ name: input, shape: t.shape, role: 'moment' });
      const fresh = next(g.input(input, t.shape));
      outputs[nextName(input)] = t.mask === undefined ? fresh : g.mul(fresh, t.mask);
      return fresh;
    },
    stepInput: () => {
      step ??= g.input(stepNumber, []);
      return step;
    },
  };
  const sgdRate = clip === undefined ? lr : g.mul(lr, clip);
  const change = (t: Trainable): Value => {
    if (optimizer.kind === 'sgd') return g.mul(t.gradient, sgdRate);
    if (optimizer.kind === 'momentum') return momentumStep(context, t, optimizer.momentum);
    return adamStep(context, t, optimizer);
  };
  for (const t of trainables) {
    let next = g.sub(t.value, change(t));
    if (optimizer.weightDecay !== 0) next = g.sub(next, g.mul(t.value, g.mul(lr, g.constant(optimizer.weightDecay))));
    outputs[nextName(t.name)] = t.mask === undefined ? next : g.mul(next, t.mask);
  }
  return { outputs, carried };
}
