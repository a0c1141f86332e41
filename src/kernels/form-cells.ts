/**
 * The equations of cells and activations over affine forms, one unit at a time: derivatives at the value itself carry
 * symbols on, everything that is not linear and every rounding goes to the rest. Knows buffers only by what reads them.
 */
import type { CallOf, KernelCall } from './calls.js';
import type { Execution } from './memory.js';
import type { Buffer } from './planner.js';
import { flushed, unitRoundoff } from './sum-errors.js';

/** A value in double; the program's is off by sum of terms[k] e_k with |e_k| <= 1, and by at most `rest` besides. */
export interface Form {
  readonly value: number;
  readonly terms: Float64Array;
  readonly rest: number;
}

/** What a cell gives, by buffer. */
export type AffineCell = readonly { readonly to: Buffer; readonly forms: (i: number) => Form }[];

export interface FormContext {
  readonly activationError: Execution['activationError'];
  /** Whether a flag buffer is set. */
  readonly seen: (buffer: Buffer) => boolean;
}

/** The largest error of a form. */
export function total({ terms, rest }: Form): number {
  let sum = rest;
  for (let k = 0; k < terms.length; k++) sum += Math.abs(terms[k]!);
  return sum;
}

/** Two roundings of a result, one more than an operation has. */
const rounded = (form: Form): Form => ({
  ...form,
  rest: form.rest + 2 * unitRoundoff * (Math.abs(form.value) + total(form)) + 2 * flushed,
});

/** a s + b t, exact. */
function combined(a: Form, s: number, b: Form, t: number): Omit<Form, 'value'> {
  const terms = new Float64Array(a.terms.length);
  for (let k = 0; k < terms.length; k++) terms[k] = s * a.terms[k]! + t * b.terms[k]!;
  return { terms, rest: Math.abs(s) * a.rest + Math.abs(t) * b.rest };
}

const sum = (a: Form, b: Form): Form => rounded({ value: a.value + b.value, ...combined(a, 1, b, 1) });
const difference = (a: Form, b: Form): Form => rounded({ value: a.value - b.value, ...combined(a, 1, b, -1) });

function product(a: Form, b: Form): Form {
  const { terms, rest } = combined(a, b.value, b, a.value);
  return rounded({ value: a.value * b.value, terms, rest: rest + total(a) * total(b) });
}

/** Largest first and second derivative. */
const slopes = { sigmoid: [1 / 4, 0.0963], tanh: [1, 0.7699] } as const;

function activated(name: 'sigmoid' | 'tanh', x: Form, activationError: Execution['activationError']): Form {
  const value = name === 'tanh' ? Math.tanh(x.value) : 1 / (1 + Math.exp(-x.value));
  const [steepest, bend] = slopes[name];
  const slope = name === 'sigmoid' ? value * (1 - value) : 1 - value * value;
  const error = total(x);
  const bent = Math.min((bend * error * error) / 2, Math.max(slope, steepest - slope) * error);
  // An error of its own may grow with the result.
  const own = activationError(name, x.value, 0) + 5 * unitRoundoff * error;
  return { value, terms: x.terms.map((term) => slope * term), rest: slope * x.rest + bent + own };
}

/** Known where the sign is; else as far as it may go. */
function rectified(x: Form): Form {
  const error = total(x);
  const none = new Float64Array(x.terms.length);
  if (x.value >= error) return x;
  if (x.value <= -error) return { value: 0, terms: none, rest: 0 };
  return { value: Math.max(0, x.value), terms: none, rest: error };
}

/** The larger of two, as the one that it surely is. */
function larger(a: Form, b: Form): Form {
  const [errorA, errorB] = [total(a), total(b)];
  if (a.value - errorA >= b.value + errorB) return a;
  if (b.value - errorB >= a.value + errorA) return b;
  const terms = new Float64Array(a.terms.length);
  return { value: Math.max(a.value, b.value), terms, rest: Math.max(errorA, errorB) };
}

type Read = (buffer: Buffer) => (i: number) => Form;

function lstmForms({ z, c, cNext, h }: CallOf<'lstmCell'>, read: Read, { activationError }: FormContext): AffineCell {
  const [gates, from, n] = [read(z), read(c), c.size];
  const gate = (name: 'sigmoid' | 'tanh', at: number, j: number): Form =>
    activated(name, gates(at * n + j), activationError);
  const cells = Array.from({ length: n }, (_, j) => {
    const [i, f, g] = [gate('sigmoid', 0, j), gate('sigmoid', 1, j), gate('tanh', 2, j)];
    return sum(product(f, from(j)), product(i, g));
  });
  const outputs = cells.map((cell, j) => product(gate('sigmoid', 3, j), activated('tanh', cell, activationError)));
  return [
    { to: cNext, forms: (j) => cells[j]! },
    { to: h, forms: (j) => outputs[j]! },
  ];
}

function gruForms(call: CallOf<'gruCell'>, read: Read, { activationError }: FormContext): AffineCell {
  const [updates, candidates, from] = [call.update, call.candidate, call.h].map(read) as [
    ReturnType<Read>,
    ReturnType<Read>,
    ReturnType<Read>,
  ];
  const outputs = Array.from({ length: call.h.size }, (_, i) => {
    const [u, n] = [
      activated('sigmoid', updates(i), activationError),
      activated('tanh', candidates(i), activationError),
    ];
    return sum(n, product(u, difference(from(i), n)));
  });
  return [{ to: call.hNext, forms: (i) => outputs[i]! }];
}

function gateForms({ z, x, y, mode }: CallOf<'gate'>, read: Read, { activationError }: FormContext): AffineCell {
  const [gates, from, to] = [read(z), read(x), read(y)];
  const outputs = Array.from({ length: y.size }, (_, i) => {
    const passed = product(activated('sigmoid', gates(i), activationError), from(i));
    return mode === 'set' ? passed : sum(to(i), passed);
  });
  return [{ to: y, forms: (i) => outputs[i]! }];
}

function activateForms(call: CallOf<'activate'>, read: Read, { activationError }: FormContext): AffineCell {
  const from = read(call.x);
  const { function: name } = call;
  const outputs = Array.from({ length: call.x.size }, (_, i) =>
    name === 'relu' ? rectified(from(i)) : activated(name, from(i), activationError),
  );
  return [{ to: call.x, forms: (i) => outputs[i]! }];
}

function maxForms({ x, seen, now, next }: CallOf<'runningMax'>, read: Read, context: FormContext): AffineCell {
  const [from, before, first] = [read(x), read(now), !context.seen(seen)];
  const outputs = Array.from({ length: next.size }, (_, i) => (first ? from(i) : larger(from(i), before(i))));
  return [{ to: next, forms: (i) => outputs[i]! }];
}

/** The forms of everything that a cell or an activation writes. */
export function cellForms(call: KernelCall, read: Read, context: FormContext): AffineCell | undefined {
  switch (call.kind) {
    case 'lstmCell':
      return lstmForms(call, read, context);
    case 'gruCell':
      return gruForms(call, read, context);
    case 'gate':
      return gateForms(call, read, context);
    case 'activate':
      return activateForms(call, read, context);
    case 'runningMax':
      return maxForms(call, read, context);
    default:
      return undefined;
  }
}
