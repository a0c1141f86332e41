/** Reads `stop = early(patience=3)`: when a run ends before its last epoch. */
import { describe, readArguments, resolve } from '../arguments/read.js';
import { positiveInteger, type Schema, withDefault } from '../arguments/schema.js';
import { suggestion } from '../support/suggest.js';
import type { Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import type { EarlyStop } from './model.js';
import { trainError } from './train-messages.js';

const earlySchema = {
  patience: withDefault(positiveInteger('epochs without a better validation'), 3),
};

/** By the word of the condition. */
export const stopSchemas: Readonly<Record<string, Schema>> = { early: earlySchema };

/** Undefined when an error was reported. */
export function readStop(value: Expression, epochs: number, { constants, report }: Checking): EarlyStop | undefined {
  const call = callOf(value, constants);
  if (call === undefined) {
    const found = describe(resolve(value, constants));
    const fill = { name: 'stop', expects: 'a condition', found, example: 'early(patience=3)' };
    report(trainError('not-a-call', value.span, fill));
    return undefined;
  }
  const { text: word, span } = call.callee;
  if (word !== 'early') {
    report(trainError('unknown-word', span, { name: '`stop`', word, suggestion: suggestion(word, ['early']) }));
    return undefined;
  }
  const args = readArguments(call, earlySchema, constants, report);
  if (args === undefined) return undefined;
  const { patience } = args.values;
  // The first epoch that counts is the best so far, so `patience` more must follow it.
  if (patience >= epochs) {
    report(trainError('stop-too-late', args.at('patience'), { patience, epochs, most: epochs - 1 }));
    return undefined;
  }
  return { patience };
}
