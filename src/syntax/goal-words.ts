/**
 * A word behind a goal that is none of the grammar's, `to 2x mcas`: said by itself and left out, because the parser
 * would take it for the selector of the next rule. Looks at tokens only.
 */
import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { suggestion } from '../support/suggest.js';
import { syntaxError } from './messages.js';
import { isA, onSameLine } from './outline.js';
import * as t from './tokens.js';

/** The words a goal may end with. */
const goalWords = ['macs', 'fewer macs', 'together'];

const amounts = [t.Factor, t.Quantity, t.NumberToken, t.Ratio, t.Percent, t.Identifier];

/** A name behind a goal's amount or its unit, with no selector's sign behind it on its line. */
function strays(tokens: readonly IToken[], at: number): boolean {
  const [before, word, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (!isA(word, t.Identifier) || before === undefined || !onSameLine(before, word!)) return false;
  const behindAmount = isA(tokens[at - 2], t.To) && isA(before, ...amounts);
  if (!behindAmount && !isA(before, t.Fewer, t.Macs)) return false;
  const ends = next === undefined || !onSameLine(word!, next);
  return ends || isA(next, t.Then, t.Together, t.Macs, t.RightBrace);
}

/** The tokens without such words, and what is wrong with each. */
export function dropStrayGoalWords(
  tokens: readonly IToken[],
  spanOf: (token: IToken) => Span,
): { readonly tokens: readonly IToken[]; readonly faults: readonly Diagnostic[] } {
  const stray = tokens.filter((_, at) => strays(tokens, at));
  const faults = stray.map((token) => {
    const near = suggestion(token.image, ['macs', 'together', 'fewer']);
    const hint = near.near !== undefined ? near : `a goal ends with ${goalWords.map((w) => `\`${w}\``).join(', ')}`;
    return syntaxError('goal-word', spanOf(token), { word: token.image, hint });
  });
  const dropped = (token: IToken, at: number): boolean =>
    stray.includes(token) || (isA(token, t.Fewer) && stray.includes(tokens[at + 1]!));
  return { tokens: tokens.filter((token, at) => !dropped(token, at)), faults };
}
