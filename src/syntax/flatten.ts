/**
 * Sets statements and blocks aside whose brackets or braces are nested beyond all measure, before any grammar sees
 * them: reading them would exhaust the stack, and mending them brace by brace takes seconds.
 */
import type { IToken, TokenType } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Source } from '../diagnostics/source.js';
import { syntaxError } from './messages.js';
import * as o from './outline.js';
import { tokenSpan, without } from './places.js';
import * as t from './tokens.js';

/** Brackets within brackets, braces within braces; keeps recursion bounded. */
const MOST_DEPTH = 64;

export interface Flattened {
  readonly tokens: readonly IToken[];
  /** Undefined when nothing was too deep. */
  readonly fault?: Diagnostic;
}

const tooDeep = (source: Source, token: IToken): Diagnostic =>
  syntaxError('too-deep', tokenSpan(source, token), { depth: MOST_DEPTH + 1, most: MOST_DEPTH });

/** The block around its outermost brace, up to the next item. */
function blockAround(tokens: readonly IToken[], brace: number): o.Range {
  let from = brace;
  while (from > 0 && !o.beginsItem(tokens, from) && !o.isA(tokens[from - 1], t.RightBrace)) from--;
  return { from, to: o.nextItem(tokens, brace) };
}

/** The tokens that change the depth. */
const marks: ReadonlySet<TokenType> = new Set([
  ...[t.LeftBrace, t.RightBrace, t.LeftParenthesis, t.RightParenthesis, t.LeftBracket, t.RightBracket],
  ...t.itemWords,
]);

/** Without the first statement or block that is too deep. */
export function flatten(tokens: readonly IToken[], source: Source): Flattened {
  let open: number[] = [];
  let braces: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (!marks.has(token.tokenType)) continue;
    if (o.beginsItem(tokens, i)) braces = [];
    else if (o.isA(token, t.LeftBrace)) braces.push(i);
    else if (o.isA(token, t.RightBrace)) braces.pop();
    if (braces.length > MOST_DEPTH)
      return { tokens: without(tokens, blockAround(tokens, braces[0]!)), fault: tooDeep(source, token) };
    if (o.isA(token, t.LeftParenthesis, t.LeftBracket)) open.push(i);
    else if (o.isA(token, t.RightParenthesis, t.RightBracket)) open.pop();
    else if (o.isA(token, t.RightBrace) || o.beginsItem(tokens, i)) open = [];
    if (open.length <= MOST_DEPTH) continue;
    let to = i + 1;
    while (to < tokens.length && !o.isA(tokens[to], t.RightBrace) && !o.beginsItem(tokens, to)) to++;
    const { from } = o.statementAt(o.outline(tokens), open[0]!);
    return { tokens: without(tokens, { from, to }), fault: tooDeep(source, token) };
  }
  return { tokens };
}
