/**
 * Error bounds of one unit of a recurrent cell in float32, written beside its equations: errors of what goes in are
 * pushed through, every rounding adds its own. Knows no buffer.
 */
import type { Execution } from './memory.js';
import { flushed, unitRoundoff } from './sum-errors.js';

/** A value in double, and how far the emitted program's may be from it. */
export interface Bounded {
  readonly value: number;
  readonly error: number;
}
type ActivationError = Execution['activationError'];

const magnitude = ({ value, error }: Bounded): number => Math.abs(value) + error;

/** sigmoid or tanh of a value before activation. */
function activated(name: 'sigmoid' | 'tanh', { value, error }: Bounded, activationError: ActivationError): Bounded {
  const result = name === 'tanh' ? Math.tanh(value) : 1 / (1 + Math.exp(-value));
  return { value: result, error: activationError(name, value, error) };
}

/** An activation is at most 1, and its own error 1e-4. */
const activationMagnitude = (of: Bounded): number => Math.min(magnitude(of), 1.001);

/** cNext = f c + i g and h = o tanh(cNext): their bounds, from the four gates before activation. */
export function lstmBounds(
  gates: readonly Bounded[],
  c: Bounded,
  activationError: ActivationError,
): { readonly cNext: number; readonly h: number } {
  const [i, f, o] = [0, 1, 3].map((gate) => activated('sigmoid', gates[gate]!, activationError)) as [
    Bounded,
    Bounded,
    Bounded,
  ];
  const g = activated('tanh', gates[2]!, activationError);
  const sum = activationMagnitude(f) * magnitude(c) + activationMagnitude(i) * activationMagnitude(g);
  const fromInput = i.value * g.error + activationMagnitude(g) * i.error;
  const cNext = f.value * c.error + magnitude(c) * f.error + fromInput + 3 * unitRoundoff * sum;
  const t = activated('tanh', { value: f.value * c.value + i.value * g.value, error: cNext }, activationError);
  const product = activationMagnitude(o) * activationMagnitude(t);
  const h = activationMagnitude(t) * o.error + o.value * t.error + 2 * unitRoundoff * product;
  return { cNext: cNext + 4 * flushed, h: h + 2 * flushed };
}

/** hNext = n + u (h - n), from u and n before activation: (1 - u) dn + u dh + (h - n) du and three roundings. */
export function gruBound(update: Bounded, candidate: Bounded, h: Bounded, activationError: ActivationError): number {
  const u = activated('sigmoid', update, activationError);
  const n = activated('tanh', candidate, activationError);
  const apart = Math.abs(h.value - n.value) + h.error + n.error;
  const pushed = (1 - u.value) * n.error + u.value * h.error + apart * u.error;
  return pushed + unitRoundoff * (magnitude(n) + 4 * activationMagnitude(u) * apart) + 4 * flushed;
}

/** sigmoid(z) x with its bound. */
export function gateBound(z: Bounded, x: Bounded, activationError: ActivationError): Bounded {
  const s = activated('sigmoid', z, activationError);
  const rounding = 2 * unitRoundoff * activationMagnitude(s) * magnitude(x) + 2 * flushed;
  return { value: s.value * x.value, error: s.value * x.error + magnitude(x) * s.error + rounding };
}

/** a + b. */
export const sumBound = (a: Bounded, b: Bounded): number =>
  a.error + b.error + unitRoundoff * (Math.abs(a.value + b.value) + a.error + b.error) + flushed;
