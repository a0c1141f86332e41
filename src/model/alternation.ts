/** Reads `alternate = bcd(every=1 epoch, first=structure)`: which part of the weights is trained when. */
import { describe, readArguments, resolve } from '../arguments/read.js';
import { named, period, type Schema, withDefault, word } from '../arguments/schema.js';
import { suggestion } from '../support/suggest.js';
import type { Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import type { Alternation } from './model.js';
import { trainError } from './train-messages.js';

const example = 'bcd(every=1 epoch)';

const bcdSchema = {
  every: withDefault(period('how long one part is trained before the other'), { value: 1, unit: 'epochs' } as const),
  first: named(withDefault(word('the part that is trained first', ['structure', 'overlay']), 'structure')),
};

/** By the word of the turns. */
export const alternationSchemas: Readonly<Record<string, Schema>> = { bcd: bcdSchema };

/** Undefined when an error was reported. */
export function readAlternation(value: Expression, { constants, report }: Checking): Alternation | undefined {
  const call = callOf(value, constants);
  if (call === undefined) {
    const found = describe(resolve(value, constants));
    report(trainError('not-a-call', value.span, { name: 'alternate', expects: 'turns', found, example }));
    return undefined;
  }
  const { text, span } = call.callee;
  if (text !== 'bcd') {
    report(
      trainError('unknown-word', span, { name: '`alternate`', word: text, suggestion: suggestion(text, ['bcd']) }),
    );
    return undefined;
  }
  const args = readArguments(call, bcdSchema, constants, report);
  if (args === undefined) return undefined;
  const { every, first } = args.values;
  if (every.value > 0) return { every, first, span: call.span };
  const fill = { name: 'every', expects: 'a turn of at least one step', found: 'none', example: '1 epoch' };
  report(trainError('not-a-call', args.at('every'), fill));
  return undefined;
}
