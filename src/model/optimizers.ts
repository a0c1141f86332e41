/** Reads `optimizer = ...` and `init = ...`. */
import { refuseLater } from '../arguments/later.js';
import { describe, readArguments, resolve } from '../arguments/read.js';
import { named, optional, positiveReal, real, type Schema, withDefault } from '../arguments/schema.js';
import { suggestion } from '../support/suggest.js';
import type { Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import { trainError } from './messages.js';
import type { Optimizer } from './model.js';
import type { Schedule } from './schedule.js';

const laterOptimizers = ['adadelta', 'adagrad', 'rmsprop'];

const common = {
  clip: named(optional(positiveReal('largest global norm of all gradients'))),
  weight_decay: named(withDefault(real('share of a weight taken off at each update', 0), 0)),
} satisfies Schema;
const moments = {
  beta1: withDefault(real('decay of the first moment', 0), 0.9),
  beta2: withDefault(real('decay of the second moment', 0), 0.999),
  epsilon: withDefault(positiveReal('added to the root of the second moment'), 1e-8),
} satisfies Schema;
const momentumSchema = { momentum: withDefault(real('share of the last update', 0), 0.9), ...common };
const momentsSchema = { ...moments, ...common };

const words = ['sgd', 'momentum', 'adam', 'adamw'];

/** A call or a bare word; undefined when an error was reported. */
export function readOptimizer(value: Expression, checking: Checking): Optimizer | undefined {
  const { constants, report } = checking;
  const call = callOf(value, constants);
  if (call === undefined) {
    const found = describe(resolve(value, constants));
    report(trainError('not-a-call', value.span, { name: 'optimizer', expects: 'one', found, example: 'sgd(clip=5)' }));
    return undefined;
  }
  const { text: kind, span } = call.callee;
  if (kind === 'sgd') {
    const { values } = readArguments(call, common, constants, report) ?? {};
    return values && { kind, clip: values.clip, weightDecay: values.weight_decay };
  }
  if (kind === 'momentum') {
    const { values } = readArguments(call, momentumSchema, constants, report) ?? {};
    return values && { kind, momentum: values.momentum, clip: values.clip, weightDecay: values.weight_decay };
  }
  if (kind === 'adam' || kind === 'adamw') {
    const { values } = readArguments(call, momentsSchema, constants, report) ?? {};
    if (values === undefined) return undefined;
    const { weight_decay: weightDecay, ...rest } = values;
    return { kind, weightDecay, ...rest };
  }
  if (laterOptimizers.includes(kind)) {
    const instead = `use one of ${words.map((w) => `\`${w}\``).join(', ')}`;
    return refuseLater(`the optimizer \`${kind}\``, instead, span, report);
  }
  report(trainError('unknown-word', span, { name: '`optimizer`', word: kind, suggestion: suggestion(kind, words) }));
  return undefined;
}

/** The rate of a program that names none. */
export const defaultRate = ({ kind }: Optimizer): Schedule => ({
  kind: 'constant',
  value: { sgd: 1, momentum: 0.1, adam: 0.001, adamw: 0.001 }[kind],
});

/** `uniform(a)`: half-width of the draw of dense weights; undefined when an error was reported. */
export function readInit(value: Expression, checking: Checking): number | undefined {
  const { constants, report } = checking;
  const call = callOf(value, constants);
  if (call === undefined) {
    const fill = { name: 'init', expects: 'a distribution', found: describe(resolve(value, constants)) };
    report(trainError('not-a-call', value.span, { ...fill, example: 'uniform(0.1)' }));
    return undefined;
  }
  const { text: word, span } = call.callee;
  if (word === 'uniform') {
    const schema = { width: positiveReal('half-width of the draw') };
    return readArguments(call, schema, constants, report)?.values.width;
  }
  report(trainError('unknown-word', span, { name: '`init`', word, suggestion: suggestion(word, ['uniform']) }));
  return undefined;
}
