/** The settings of an `emit` block as `explain` prints them. Decides none of them. */
import type { Arithmetic, Emit } from '../model/model.js';
import { bytes, frequency, time } from '../support/units.js';
import { formatText } from '../tensor/number-format.js';

/** A setting's name and its value as the language writes it. */
export type NamedText = readonly [name: string, value: string];

function budgetText({ budget, time: limit }: Emit): string {
  const parts = [
    ...(budget === undefined ? [] : [bytes(budget)]),
    ...(limit === undefined ? [] : [time(limit.seconds)]),
  ];
  return parts.length === 0 ? 'none' : parts.length === 1 ? parts[0]! : `[${parts.join(', ')}]`;
}

const arithmeticText = (arithmetic: Arithmetic): string =>
  arithmetic === 'float32' ? 'float32' : 'integer, of weights with `integer products`; vectors are rounded to 8 bits';

/** Every setting of an emit block in force. */
export function emitSettings(emit: Emit): readonly NamedText[] {
  const { target, cpu, cpus, arithmetic, activation, prefix, vocabulary, clock, maxSteps } = emit;
  if (target === 'tfjs' || target === 'onnx') return [['weights', formatText(emit.weights)]];
  return [
    ...(target === 'neon' ? [['cpu', cpus === undefined ? cpu : `[${cpus.join(', ')}]`] as const] : []),
    ['weights', formatText(emit.weights)],
    ['arithmetic', arithmeticText(arithmetic)],
    ['vectors', emit.calibrated ? 'calibrated' : 'dynamic'],
    ['activation', activation],
    ['prefix', prefix],
    ['vocab', vocabulary],
    ['budget', budgetText(emit)],
    ...(target === 'neon' ? [['clock', clock === undefined ? 'none' : frequency(clock)] as const] : []),
    ...(maxSteps === undefined ? [] : [['max_steps', `${maxSteps}`] as const]),
  ];
}
