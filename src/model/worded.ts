/** Reads settings of a `train` block whose value is a call of one of a few words: `stop = early(patience=3)`. */
import { describe, resolve } from '../arguments/read.js';
import { suggestion } from '../support/suggest.js';
import type { Call, Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import { trainError } from './train-messages.js';

/** What a setting may be. */
interface Worded<W extends string> {
  readonly name: string;
  /** For messages: `a condition`. */
  readonly expects: string;
  readonly example: string;
  readonly words: readonly W[];
}

/** The call, and which of the words it is of; undefined when an error was reported. */
export function readWorded<W extends string>(
  value: Expression,
  { name, expects, example, words }: Worded<W>,
  { constants, report }: Checking,
): { readonly call: Call; readonly word: W } | undefined {
  const call = callOf(value, constants);
  if (call === undefined) {
    const found = describe(resolve(value, constants));
    report(trainError('not-a-call', value.span, { name, expects, found, example }));
    return undefined;
  }
  const { text, span } = call.callee;
  const word = words.find((known) => known === text);
  if (word !== undefined) return { call, word };
  report(trainError('unknown-word', span, { name: `\`${name}\``, word: text, suggestion: suggestion(text, words) }));
  return undefined;
}
