/** Sets statements aside whose brackets are nested beyond all measure: reading them would exhaust the stack. */
import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Source } from '../diagnostics/source.js';
import { syntaxError } from './messages.js';
import * as o from './outline.js';
import { tokenSpan, without } from './places.js';
import * as t from './tokens.js';

/** Brackets within brackets; keeps recursion bounded. */
const MOST_DEPTH = 64;

export interface Flattened {
  readonly tokens: readonly IToken[];
  /** Undefined when nothing was too deep. */
  readonly fault?: Diagnostic;
}

/** Without the first statement that is too deep. */
export function flatten(tokens: readonly IToken[], source: Source): Flattened {
  let open: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (o.isA(token, t.LeftParenthesis, t.LeftBracket)) open.push(i);
    else if (o.isA(token, t.RightParenthesis, t.RightBracket)) open.pop();
    else if (o.isA(token, t.RightBrace) || o.beginsItem(tokens, i)) open = [];
    if (open.length <= MOST_DEPTH) continue;
    let to = i + 1;
    while (to < tokens.length && !o.isA(tokens[to], t.RightBrace) && !o.beginsItem(tokens, to)) to++;
    const { from } = o.statementAt(o.outline(tokens), open[0]!);
    const fault = syntaxError('too-deep', tokenSpan(source, token), { depth: open.length, most: MOST_DEPTH });
    return { tokens: without(tokens, { from, to }), fault };
  }
  return { tokens };
}
