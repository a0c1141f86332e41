/** What can be wrong with the inputs of a layer. */
import { catalogue } from '../diagnostics/catalogue.js';
import type { Report } from '../diagnostics/diagnostic.js';
import { count } from '../support/units.js';
import type { Call } from '../syntax/ast.js';
import type { Signal } from './layer.js';

export const layerError = catalogue('layer', {
  input: { severity: 'error', message: '`{word}` reads {wanted}, found {found}', hint: '{hint}' },
  'one-direction': {
    severity: 'error',
    message: '`merge=` joins two directions, but this `{word}` walks in one',
    hint: 'write `bidirectional=yes` beside it, or leave `merge=` out',
  },
});

/** "a vector of 650 at each step": a signal in the words of an error. */
export function describeSignal(signal: Signal): string {
  if (signal.kind === 'ids') return `ids out of ${count(signal.vocabulary)}`;
  return `a vector of ${count(signal.width)} ${signal.perStep ? 'at each step' : 'per sequence'}`;
}

type VectorSignal = Extract<Signal, { readonly kind: 'vector' }>;

/** The only input as a vector, or undefined when an error was reported. */
export function vectorInput(call: Call, inputs: readonly Signal[], report: Report): VectorSignal | undefined {
  const input = inputs[0]!;
  if (input.kind === 'vector') return input;
  const hint = 'put an `embedding` between the ids and this layer';
  report(
    layerError('input', call.span, {
      word: call.callee.text,
      wanted: 'vectors',
      found: describeSignal(input),
      hint,
    }),
  );
  return undefined;
}

/** All inputs as vectors, or undefined when an error was reported. */
export function vectorInputs(
  call: Call,
  inputs: readonly Signal[],
  report: Report,
): readonly VectorSignal[] | undefined {
  const vectors = inputs.map((input) => vectorInput(call, [input], report));
  return vectors.every((input) => input !== undefined) ? vectors : undefined;
}

/** The only input as a vector at each step, or undefined when an error was reported. */
export function sequenceInput(call: Call, inputs: readonly Signal[], report: Report): VectorSignal | undefined {
  const input = vectorInput(call, inputs, report);
  if (input === undefined || input.perStep) return input;
  report(
    layerError('input', call.span, {
      word: call.callee.text,
      wanted: 'a vector at each step',
      found: describeSignal(input),
      hint: 'use it in front of `last` or `max_over_time`',
    }),
  );
  return undefined;
}
