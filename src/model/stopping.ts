/** Reads `stop = early(patience=3)`: when a run ends before its last epoch. */
import { readArguments } from '../arguments/read.js';
import { positiveInteger, type Schema, withDefault } from '../arguments/schema.js';
import type { Expression } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import type { EarlyStop } from './model.js';
import { trainError } from './train-messages.js';
import { readWorded } from './worded.js';

const earlySchema = {
  patience: withDefault(positiveInteger('epochs without a better validation'), 3),
};

const condition = { name: 'stop', expects: 'a condition', example: 'early(patience=3)', words: ['early'] } as const;

/** By the word of the condition. */
export const stopSchemas: Readonly<Record<string, Schema>> = { early: earlySchema };

/** Undefined when an error was reported. */
export function readStop(value: Expression, epochs: number, checking: Checking): EarlyStop | undefined {
  const { constants, report } = checking;
  const { call } = readWorded(value, condition, checking) ?? {};
  const args = call && readArguments(call, earlySchema, constants, report);
  if (args === undefined) return undefined;
  const { patience } = args.values;
  // The first epoch that counts is the best so far, so `patience` more must follow it.
  if (patience >= epochs) {
    report(trainError('stop-too-late', args.at('patience'), { patience, epochs, most: epochs - 1 }));
    return undefined;
  }
  return { patience };
}
