/**
 * A word behind a goal that is none of the grammar's, `to 2x mcas`: said by itself and left out, because the parser
 * would take it for the selector of the next rule. Looks at tokens only.
 */
import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { suggestion } from '../support/suggest.js';
import { syntaxError } from './messages.js';
import { asKeyword } from './missing-words.js';
import { isA, onSameLine } from './outline.js';
import * as t from './tokens.js';

/** The words a goal may end with. */
const goalWords = ['macs', 'fewer macs', 'together'];

const keywords = [t.Macs, t.Together, t.Fewer];
const wordOf = (type: { readonly name: string }): string => type.name.toLowerCase();

/** The goal word that a word was meant to be, where it is plain which. */
function respelt(token: IToken): IToken | undefined {
  const { near, certain } = suggestion(token.image, keywords.map(wordOf));
  const type = certain ? keywords.find((keyword) => wordOf(keyword) === near) : undefined;
  return type && asKeyword(token, type);
}

const amounts = [t.Factor, t.Quantity, t.NumberToken, t.Ratio, t.Percent, t.Identifier];

/** A name behind a goal's amount or its unit, with no selector's sign behind it on its line. */
function strays(tokens: readonly IToken[], at: number): boolean {
  const word = tokens[at]!;
  if (word.tokenType !== t.Identifier) return false;
  const before = tokens[at - 1];
  const behindAmount = tokens[at - 2]?.tokenType === t.To && isA(before, ...amounts);
  if (before === undefined || (!behindAmount && !isA(before, t.Fewer, t.Macs))) return false;
  if (!onSameLine(before, word)) return false;
  const next = tokens[at + 1];
  const ends = next === undefined || !onSameLine(word, next);
  return ends || isA(next, t.Then, t.Together, t.Macs, t.RightBrace);
}

/** The tokens without such words, those spelt right that are nearly goal words, and what is wrong with each. */
export function dropStrayGoalWords(
  tokens: readonly IToken[],
  spanOf: (token: IToken) => Span,
): {
  readonly tokens: readonly IToken[];
  readonly faults: readonly Diagnostic[];
  readonly gaps: readonly Diagnostic[];
} {
  const kept: IToken[] = [];
  const [faults, gaps]: [Diagnostic[], Diagnostic[]] = [[], []];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (!strays(tokens, at)) {
      kept.push(token);
      continue;
    }
    const meant = respelt(token);
    const near = suggestion(token.image, keywords.map(wordOf));
    const listed = goalWords.map((w) => `\`${w}\``).join(', ');
    const ends = `a goal ends with ${listed}, a number format stands behind \`then\``;
    const fault = syntaxError('goal-word', spanOf(token), {
      word: token.image,
      hint: near.near !== undefined ? near : ends,
    });
    faults.push(fault);
    if (meant !== undefined) {
      kept.push(meant);
      continue;
    }
    gaps.push(fault);
    if (isA(kept.at(-1), t.Fewer)) kept.pop();
  }
  return { tokens: kept, faults, gaps };
}
