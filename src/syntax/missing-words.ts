/**
 * What can be put back where the text does not fit: a name that was left out, as a name of no letters at its place, a
 * keyword that is misspelt, `to` in front of a goal. The statement around it stays whole, so that the checker can say
 * which words are legal there. Looks at tokens only.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { type Diagnostic, withFix } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { suggestion } from '../support/suggest.js';
import { syntaxError } from './messages.js';
import { isA, onSameLine } from './outline.js';
import * as t from './tokens.js';

/** Where reading could not go on. */
export interface Stop {
  readonly tokens: readonly IToken[];
  /** Index of the token that does not fit; the number of tokens at the end of the text. */
  readonly at: number;
  readonly rules: readonly string[];
  readonly spanOf: (token: IToken) => Span;
}
/** The tokens as they were meant, and what is said of it. */
export interface Mended {
  readonly tokens: readonly IToken[];
  readonly fault: Diagnostic;
}

/** A token of no width at the beginning of another. */
function before(token: IToken, type: TokenType, image: string): IToken {
  const { startOffset, startLine, startColumn } = token;
  const [line, column] = [startLine ?? 1, startColumn ?? 1];
  return createTokenInstance(type, image, startOffset, startOffset - 1, line, line, column, column);
}
const put = (tokens: readonly IToken[], at: number, token: IToken): readonly IToken[] => [
  ...tokens.slice(0, at),
  token,
  ...tokens.slice(at),
];
/** A keyword in the place of a word, as wide. */
export function asKeyword(token: IToken, type: TokenType): IToken {
  const { startOffset, endOffset, startLine, endLine, startColumn, endColumn } = token;
  const image = type.name.toLowerCase();
  return createTokenInstance(
    type,
    image,
    startOffset,
    endOffset ?? startOffset,
    startLine ?? 1,
    endLine ?? 1,
    startColumn ?? 1,
    endColumn ?? 1,
  );
}

/** Signs behind which a value or the name of an argument stands. */
const leads = [t.LeftParenthesis, t.Comma, t.Equals, t.LeftBracket, t.Colon, t.Then];

/** Whether a name is what is missing in front of the token. */
function lacksName({ tokens, at, rules }: Stop): boolean {
  const [previous, token] = [tokens[at - 1], tokens[at]];
  const rule = rules.at(-1);
  const begins = previous !== undefined && (isA(previous, t.LeftBrace) || !onSameLine(previous, token!));
  if (rule === 'settings') return isA(token, t.Equals, t.LeftParenthesis) && begins;
  if (rule === 'rules') return isA(token, t.Colon, t.Comma, t.Dot) && begins;
  if (isA(token, t.Equals)) return isA(previous, t.LeftParenthesis, t.Comma) && rules.includes('call');
  if (isA(token, t.LeftParenthesis)) return isA(previous, ...leads);
  if (isA(token, t.Colon)) return isA(previous, t.Comma) && rules.includes('rule');
  const next = tokens[at + 1];
  return isA(token, t.Comma) && isA(previous, t.LeftParenthesis) && !isA(next, t.Comma, t.RightParenthesis);
}

/** A name of no letters in front of a token. */
export const nameBefore = (tokens: readonly IToken[], at: number): readonly IToken[] =>
  put(tokens, at, before(tokens[at]!, t.Identifier, ''));

/** A name of no letters in front of a sign that wants one. */
export function putName(stop: Stop): Mended | undefined {
  const { tokens, at, spanOf } = stop;
  const token = tokens[at];
  if (token === undefined || !lacksName(stop)) return undefined;
  const { source, start } = spanOf(token);
  const fill = { sign: token.image, hint: 'write it, or remove what stands behind' };
  return {
    tokens: nameBefore(tokens, at),
    fault: syntaxError('missing-name', { source, start, end: start }, fill),
  };
}

/** A name of no letters behind the sign at `at`, which wants a value or a method. */
export const putValue = (tokens: readonly IToken[], at: number): readonly IToken[] =>
  put(tokens, at + 1, before(tokens[at]!, t.Identifier, ''));

const amounts = [t.Factor, t.Quantity];

/** `lmf(r=4) 25x`: an amount behind a method is a goal. */
export function putTo({ tokens, at, rules, spanOf }: Stop): Mended | undefined {
  const [previous, token] = [tokens[at - 1], tokens[at]];
  if (rules.at(-1) !== 'rules' || token === undefined || previous === undefined) return undefined;
  // `to` in the place of the method: it is the method that is missing.
  if (isA(previous, t.To) || !isA(token, ...amounts) || !onSameLine(previous, token)) return undefined;
  const span = spanOf(token);
  const fault = syntaxError('missing-to', span, { amount: token.image });
  return {
    tokens: put(tokens, at, before(token, t.To, 'to')),
    fault: withFix(fault, 'to ', { ...span, end: span.start }),
  };
}

const words = (types: readonly TokenType[]): readonly string[] => types.map((type) => type.name.toLowerCase());
const ruleKeywords = [t.To, t.Then, t.Except, t.Together, t.Macs, t.Fewer];

/** The keyword that a word was meant to be, where it is plain which. */
function meant(word: string, among: readonly TokenType[]): TokenType | undefined {
  const { near, certain } = suggestion(word, words(among));
  return certain ? among.find((type) => type.name.toLowerCase() === near) : undefined;
}

/** A word of a rule that is a misspelt keyword: the nearest one in front of where reading stopped. */
export function respell({ tokens, at, rules, spanOf }: Stop): Mended | undefined {
  if (!rules.includes('rules')) return undefined;
  for (const place of [at, at - 1, at - 2]) {
    const [previous, token] = [tokens[place - 1], tokens[place]];
    if (token === undefined || previous === undefined || !isA(token, t.Identifier)) continue;
    // The first word of a line is a selector.
    if (!onSameLine(previous, token)) continue;
    const type = meant(token.image, ruleKeywords);
    if (type === undefined) continue;
    const hint = suggestion(token.image, words(ruleKeywords));
    return {
      tokens: [...tokens.slice(0, place), asKeyword(token, type), ...tokens.slice(place + 1)],
      fault: syntaxError('rule-word', spanOf(token), { word: token.image, hint }),
    };
  }
  return undefined;
}

/** A word that begins an item and is a misspelt keyword. */
export function respellItem({ tokens, at, spanOf }: Stop): Mended | undefined {
  const token = tokens[at];
  const type = isA(token, t.Identifier) ? meant(token!.image, t.itemWords) : undefined;
  if (token === undefined || type === undefined) return undefined;
  const near = suggestion(token.image, words(t.itemWords));
  return {
    tokens: [...tokens.slice(0, at), asKeyword(token, type), ...tokens.slice(at + 1)],
    fault: syntaxError('unknown-item', spanOf(token), { word: token.image, suggestion: near }),
  };
}
