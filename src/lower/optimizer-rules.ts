/**
 * The rules of the optimizers as graph ops: the change of one parameter from its gradient, its moments and the rate.
 * Laws and defaults are those of PyTorch 2; weight decay is not among them: it is taken off beside, for every rule.
 */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Part } from '../methods/method.js';
import type { OptimizerOf } from '../model/model.js';
import type { Shape } from '../tensor/shape.js';

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
  /** Weight decay is for weights, not for what scales them. */
  readonly decays: boolean;
  /** How large it is beside a weight: rules whose steps have one length for all parameters take so much of a step. */
  readonly size?: number;
}

/** What one rule needs of the graph around it. */
export interface Context {
  readonly g: Builder;
  /** The learning rate, a scalar. */
  readonly rate: Value;
  /** Factor of every gradient, a scalar: its scale, and what clips it. */
  readonly factor: Value;
  /** A tensor of the optimizer, zero at first: its new value from its old one. */
  readonly moment: (trainable: Trainable, name: string, next: (now: Value) => Value) => Value;
  /** Number of this update among those of the parameter, from 1; made on first use. */
  readonly stepInput: (trainable: Trainable) => Value;
}

const clipped = ({ g, factor }: Context, { gradient }: Trainable): Value => g.mul(gradient, factor);

/** beta now + (1 - beta) fresh. */
const blend = (g: Builder, now: Value, fresh: Value, beta: number): Value =>
  g.add(g.mul(now, g.constant(beta)), g.mul(fresh, g.constant(1 - beta)));

/** rate * gradient; the rate is clipped once for all parameters. */
export function sgdStep({ g, rate, factor }: Context, t: Trainable): Value {
  return g.mul(t.gradient, g.mul(rate, factor));
}

/** velocity = momentum velocity + gradient; rate * velocity. */
export function momentumStep(c: Context, t: Trainable, { momentum }: OptimizerOf<'momentum'>): Value {
  const { g } = c;
  const gradient = clipped(c, t);
  return g.mul(
    c.moment(t, 'velocity', (now) => g.add(g.mul(now, g.constant(momentum)), gradient)),
    c.rate,
  );
}

/** Kingma & Ba 2015, algorithm 1, with both bias corrections. */
export function adamStep(c: Context, t: Trainable, rule: OptimizerOf<'adam' | 'adamw'>): Value {
  const { g } = c;
  const gradient = clipped(c, t);
  const first = c.moment(t, 'first', (now) => blend(g, now, gradient, rule.beta1));
  const second = c.moment(t, 'second', (now) => blend(g, now, g.mul(gradient, gradient), rule.beta2));
  const correction = (beta: number): Value =>
    g.sub(g.constant(1), g.exp(g.mul(c.stepInput(t), g.constant(Math.log(beta)))));
  const mean = g.div(first, correction(rule.beta1));
  const deviation = g.sqrt(g.div(second, correction(rule.beta2)));
  return g.mul(g.div(mean, g.add(deviation, g.constant(rule.epsilon))), c.rate);
}

/** Duchi et al. 2011 as PyTorch has it: sum += gradient^2; rate gradient / (sqrt(sum) + epsilon). */
export function adagradStep(c: Context, t: Trainable, { epsilon }: OptimizerOf<'adagrad'>): Value {
  const { g } = c;
  const gradient = clipped(c, t);
  const sum = c.moment(t, 'squares', (now) => g.add(now, g.mul(gradient, gradient)));
  return g.mul(g.div(gradient, g.add(g.sqrt(sum), g.constant(epsilon))), c.rate);
}

/** Hinton's RMSprop as PyTorch has it, not centred: epsilon outside of the root, momentum on the scaled gradient. */
export function rmspropStep(c: Context, t: Trainable, { rho, epsilon, momentum }: OptimizerOf<'rmsprop'>): Value {
  const { g } = c;
  const gradient = clipped(c, t);
  const squares = c.moment(t, 'squares', (now) => blend(g, now, g.mul(gradient, gradient), rho));
  const scaled = g.div(gradient, g.add(g.sqrt(squares), g.constant(epsilon)));
  if (momentum === 0) return g.mul(scaled, c.rate);
  return g.mul(
    c.moment(t, 'velocity', (now) => g.add(g.mul(now, g.constant(momentum)), scaled)),
    c.rate,
  );
}

/** Zeiler 2012, algorithm 1, times the rate as in PyTorch; epsilon inside of both roots. */
export function adadeltaStep(c: Context, t: Trainable, { rho, epsilon }: OptimizerOf<'adadelta'>): Value {
  const { g } = c;
  const gradient = clipped(c, t);
  const root = (x: Value): Value => g.sqrt(g.add(x, g.constant(epsilon)));
  const squares = c.moment(t, 'squares', (now) => blend(g, now, g.mul(gradient, gradient), rho));
  let change = gradient;
  c.moment(t, 'changes', (now) => {
    change = g.mul(g.div(root(now), root(squares)), gradient);
    return blend(g, now, g.mul(change, change), rho);
  });
  return g.mul(change, c.rate);
}
