/** Where tokens stand, and lists of tokens without some of them. */
import type { IToken } from 'chevrotain';
import type { Source, Span } from '../diagnostics/source.js';
import { defined } from '../support/assert.js';
import type { Range } from './outline.js';

/** The place of a token. */
export const tokenSpan = (source: Source, token: IToken): Span => ({
  source,
  start: token.startOffset,
  end: defined(token.endOffset, 'end of a token') + 1,
});

export const without = (tokens: readonly IToken[], { from, to }: Range): readonly IToken[] => [
  ...tokens.slice(0, from),
  ...tokens.slice(to),
];
