/** Reads `alternate = bcd(every=1 epoch, first=structure)`: which part of the weights is trained when. */
import { readArguments } from '../arguments/read.js';
import { named, period, type Schema, withDefault, word } from '../arguments/schema.js';
import type { Expression } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import type { Alternation } from './model.js';
import { trainError } from './train-messages.js';
import { readWorded } from './worded.js';

const turns = { name: 'alternate', expects: 'turns', example: 'bcd(every=1 epoch)', words: ['bcd'] } as const;

const bcdSchema = {
  every: withDefault(period('how long one part is trained before the other'), { value: 1, unit: 'epochs' } as const),
  first: named(withDefault(word('the part that is trained first', ['structure', 'overlay']), 'structure')),
};

/** By the word of the turns. */
export const alternationSchemas: Readonly<Record<string, Schema>> = { bcd: bcdSchema };

/** Undefined when an error was reported. */
export function readAlternation(value: Expression, checking: Checking): Alternation | undefined {
  const { constants, report } = checking;
  const read = readWorded(value, turns, checking);
  if (read === undefined) return undefined;
  const args = readArguments(read.call, bcdSchema, constants, report);
  if (args === undefined) return undefined;
  const { every, first } = args.values;
  if (every.value > 0) return { every, first, span: read.call.span };
  const fill = { name: 'every', expects: 'a turn of at least one step', found: 'none', example: '1 epoch' };
  report(trainError('not-a-call', args.at('every'), fill));
  return undefined;
}
