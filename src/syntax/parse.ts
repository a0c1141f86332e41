/**
 * Text in, syntax tree out, and one diagnostic per fault in the order of the text. Never throws, whatever the text
 * is; the tree holds every statement that could be read.
 */
import type { IToken } from 'chevrotain';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.js';
import type { Source } from '../diagnostics/source.js';
import { count } from '../support/units.js';
import type { Program } from './ast.js';
import { buildProgram } from './build-ast.js';
import { isLiteral, readLiteral } from './literals.js';
import { syntaxError } from './messages.js';
import { sameLine } from './outline.js';
import { tokenSpan } from './places.js';
import { parseTokens } from './recover.js';
import { CutComment, ForeignWord, tokenize } from './tokens.js';

/** Errors of one text that are shown. */
const MOST_ERRORS = 50;

/** `U+00D7`, with the character itself where it can be seen. */
function character(text: string): string {
  const code = text.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[\p{L}\p{N}\p{P}\p{S}]/u.test(text) ? `\`${String.fromCodePoint(code)}\` (${name})` : `character ${name}`;
}

const strayHints: Readonly<Record<string, string>> = {
  ';': 'statements need no `;`, begin a new line',
  "'": 'strings stand in double quotes: `"text"`',
  '`': 'strings stand in double quotes: `"text"`',
  '#': 'comments begin with `//`',
  '/': 'write a ratio without spaces: `1/1.2`; comments begin with `//`',
  '-': 'write a negative number without a space: `-1`',
  '%': 'write a percent without a space: `50%`',
};

function strayFault(source: Source, token: IToken): Diagnostic {
  const span = tokenSpan(source, token);
  if (token.tokenType === CutComment) return syntaxError('cut-comment', { ...span, end: span.start + 2 }, {});
  const hint = strayHints[token.image] ?? 'take it out';
  return syntaxError('stray-character', span, { character: character(token.image), hint });
}

function foreignFault(source: Source, token: IToken): Diagnostic {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
  const at = token.image.search(/[^\x00-\x7F]/);
  const text = token.image.slice(at);
  const start = token.startOffset + at;
  const width = String.fromCodePoint(text.codePointAt(0) ?? 0).length;
  return syntaxError('non-ascii', { source, start, end: start + width }, { character: character(text) });
}

/** What is wrong with single tokens; foreign and stray characters count once in a line. */
function tokenFaults(source: Source, tokens: readonly IToken[], stray: readonly IToken[]): Diagnostic[] {
  const foreign = tokens.filter((token) => token.tokenType === ForeignWord);
  const characters = [
    ...stray.map((token) => strayFault(source, token)),
    ...foreign.map((token) => foreignFault(source, token)),
  ].sort((a, b) => a.span.start - b.span.start);
  const first = characters.filter((fault, i) => {
    const previous = characters[i - 1];
    return previous === undefined || !sameLine(source, previous.span.start, fault.span.start);
  });
  const literals: Diagnostic[] = [];
  for (const token of tokens) {
    if (!isLiteral(token.tokenType.name)) continue;
    const fault = readLiteral(token.tokenType.name, token.image, tokenSpan(source, token))?.fault;
    if (fault !== undefined) literals.push(fault);
  }
  return [...first, ...literals];
}

/** A fault of structure on the line of a broken character, or behind all tokens of a text cut short, is its echo. */
function isEcho(fault: Diagnostic, characters: readonly Diagnostic[], lastEnd: number): boolean {
  const { source, start } = fault.span;
  return characters.some(
    (cause) => sameLine(source, cause.span.start, start) || (cause.code === 'syntax/cut-comment' && start >= lastEnd),
  );
}

function reportInOrder(faults: readonly Diagnostic[], report: Report): void {
  const ordered = [...faults].sort((a, b) => a.span.start - b.span.start);
  for (const fault of ordered.slice(0, MOST_ERRORS)) report(fault);
  const next = ordered[MOST_ERRORS];
  if (next !== undefined) report(syntaxError('too-many-errors', next.span, { count: ordered.length - MOST_ERRORS }));
}

/** Characters of a program; thousands of lines are a fraction of it. */
const MOST_CHARACTERS = 1_000_000;

/** A text that is not read at all. */
function refuseLength(source: Source, report: Report): Program {
  const span = { source, start: 0, end: 0 };
  report(syntaxError('too-long', span, { found: count(source.text.length), most: count(MOST_CHARACTERS) }));
  return { kind: 'program', span, items: [], gaps: [{ span, words: [] }], closing: [] };
}

/** The program of a text. Each fault is reported once, in the order of the text. */
export function parse(source: Source, report: Report): Program {
  if (source.text.length > MOST_CHARACTERS) return refuseLength(source, report);
  const { tokens, comments, stray } = tokenize(source.text);
  const characters = tokenFaults(source, tokens, stray);
  const { tree, faults, gaps } = parseTokens(tokens, source);
  const later: Diagnostic[] = [];
  const program = buildProgram(tree, comments, { source, report: (fault) => later.push(fault) });
  const newer = later.find((fault) => fault.code === 'syntax/language-version');
  if (newer !== undefined) {
    // What a newer language means by the rest is not known here.
    report(newer);
    return { ...program, gaps: [{ span: newer.span, words: [] }] };
  }
  const lastEnd = (tokens.at(-1)?.endOffset ?? -1) + 1;
  const structure = faults.filter((fault) => !isEcho(fault, characters, lastEnd));
  reportInOrder([...characters, ...structure, ...later], report);
  const unsure = [...characters, ...later].map(({ span }) => ({ span, words: [] }));
  return { ...program, gaps: [...gaps, ...unsure] };
}
