/**
 * Where statements probably begin and end, by lines and brackets alone. Only recovery reads it: the language itself
 * does not care about line ends, but people do, and so an error costs one statement and not the rest of the file.
 */
import type { IToken, TokenType } from 'chevrotain';
import type { Source } from '../diagnostics/source.js';
import * as t from './tokens.js';

/** Half-open range of token indices. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Outline {
  /** True where a statement, an item, or a brace of a block begins. */
  readonly starts: readonly boolean[];
}

export const isA = (token: IToken | undefined, ...types: readonly TokenType[]): boolean =>
  token !== undefined && types.includes(token.tokenType);
/** Whether one token ends on the line where another begins. */
export const onSameLine = (a: IToken, b: IToken): boolean => (a.endLine ?? a.startLine) === b.startLine;
const firstOnLine = (tokens: readonly IToken[], i: number): boolean =>
  i === 0 || !onSameLine(tokens[i - 1]!, tokens[i]!);

/** `train {` and its like; a `{` at the end of a line counts too, the others open a set. */
export function opensBlock(tokens: readonly IToken[], i: number): boolean {
  if (!isA(tokens[i], t.LeftBrace)) return false;
  const named = isA(tokens[i - 2], t.Model, t.Emit);
  if (named || isA(tokens[i - 1], t.Compress, t.Train, t.Sweep, t.Emit, t.Model)) return true;
  return i + 1 === tokens.length || !onSameLine(tokens[i]!, tokens[i + 1]!);
}

/** A word such as `train` where a block or another item begins. */
export function beginsItem(tokens: readonly IToken[], i: number): boolean {
  const next = tokens[i + 1];
  return (
    isA(tokens[i], ...t.itemWords) &&
    firstOnLine(tokens, i) &&
    !isA(next, t.Equals, t.Colon, t.Dot, t.Comma, t.LeftParenthesis)
  );
}

const opener: ReadonlyMap<TokenType, TokenType> = new Map([
  [t.RightParenthesis, t.LeftParenthesis],
  [t.RightBracket, t.LeftBracket],
  [t.RightBrace, t.LeftBrace],
]);

interface Brackets {
  /** +1 behind an opening bracket that is closed, -1 at its end; others do not count. */
  readonly change: readonly number[];
  /** Braces that close no set. */
  readonly blockEnds: ReadonlySet<number>;
}

function matchBrackets(tokens: readonly IToken[]): Brackets {
  const change = new Array<number>(tokens.length).fill(0);
  const blockEnds = new Set<number>();
  let open: number[] = [];
  tokens.forEach((token, i) => {
    const left = opener.get(token.tokenType);
    // A set holds words alone: anything else shows that its brace is missing.
    if (isA(token, t.Colon, t.Equals) && isA(tokens[open.at(-1) ?? -1], t.LeftBrace)) open.pop();
    if (opensBlock(tokens, i) || beginsItem(tokens, i)) open = [];
    else if (isA(token, t.LeftParenthesis, t.LeftBracket, t.LeftBrace)) open.push(i);
    else if (left !== undefined) {
      const last = open.at(-1);
      if (last !== undefined && isA(tokens[last], left)) {
        open.pop();
        change[last]!++;
        change[i]!--;
      } else if (left === t.LeftBrace) {
        open = [];
        blockEnds.add(i);
      }
    }
  });
  return { change, blockEnds };
}

/** Words that go on with a statement unless a sign behind them makes them a name. */
const softWords = [t.To, t.From, t.Together, t.Macs, t.Fewer];

function beginsStatement(tokens: readonly IToken[], i: number): boolean {
  const [previous, token, next] = [tokens[i - 1], tokens[i]!, tokens[i + 1]];
  const named = isA(next, t.Equals, t.Colon);
  if (isA(previous, t.Equals, t.Colon) || isA(token, ...softWords)) return named;
  const word = token.tokenType.CATEGORIES?.includes(t.AnyWord) === true;
  return word || isA(token, t.Glob, t.Override, t.LeftBrace);
}

export function outline(tokens: readonly IToken[]): Outline {
  const { change, blockEnds } = matchBrackets(tokens);
  let depth = 0;
  const starts = tokens.map((_, i) => {
    const outside = depth === 0;
    depth += change[i]!;
    if (blockEnds.has(i) || blockEnds.has(i - 1) || opensBlock(tokens, i - 1) || beginsItem(tokens, i)) return true;
    return outside && firstOnLine(tokens, i) && beginsStatement(tokens, i);
  });
  return { starts };
}

/** The statement around token `i`. */
export function statementAt({ starts }: Outline, i: number): Range {
  let from = i;
  while (from > 0 && starts[from] !== true) from--;
  let to = i + 1;
  while (to < starts.length && starts[to] !== true) to++;
  return { from, to };
}

/** The first item behind token `i`. */
export function nextItem(tokens: readonly IToken[], i: number): number {
  let next = i + 1;
  while (next < tokens.length && !beginsItem(tokens, next)) next++;
  return next;
}

/** True when nothing but blanks lies between two places of one line. */
export function sameLine(source: Source, a: number, b: number): boolean {
  return !source.text.slice(Math.min(a, b), Math.max(a, b)).includes('\n');
}
