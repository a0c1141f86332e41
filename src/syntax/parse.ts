/**
 * Text in, syntax tree out, and one diagnostic per fault in the order of the text. Never throws, whatever the text
 * is; the tree holds every statement that could be read.
 */
import type { IToken } from 'chevrotain';
import { type Diagnostic, type Report, withFix } from '../diagnostics/diagnostic.js';
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
  const apart = token.image === '%' ? /\d([ \t]+)$/.exec(source.text.slice(0, span.start))?.[1] : undefined;
  const hint = strayHints[token.image] ?? 'take it out';
  const fault = syntaxError('stray-character', span, { character: character(token.image), hint });
  return apart === undefined
    ? fault
    : withFix(fault, '', { ...span, start: span.start - apart.length, end: span.start });
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

/** By their places, and not more of them than anyone reads. */
function inOrder(faults: readonly Diagnostic[]): readonly Diagnostic[] {
  const ordered = [...faults].sort((a, b) => a.span.start - b.span.start);
  const next = ordered[MOST_ERRORS];
  if (next === undefined) return ordered;
  const rest = syntaxError('too-many-errors', next.span, { count: ordered.length - MOST_ERRORS });
  return [...ordered.slice(0, MOST_ERRORS), rest];
}

/** Characters of a program; thousands of lines are a fraction of it. */
const MOST_CHARACTERS = 1_000_000;

/** What a text was read as. */
export interface ParsedText {
  readonly program: Program;
  /** Each once, in the order of the text. */
  readonly faults: readonly Diagnostic[];
}

/** A text that is not read at all. */
function refuseLength(source: Source): ParsedText {
  const span = { source, start: 0, end: 0 };
  const fault = syntaxError('too-long', span, { found: count(source.text.length), most: count(MOST_CHARACTERS) });
  return { program: { kind: 'program', span, items: [], gaps: [{ span, words: [] }], closing: [] }, faults: [fault] };
}

/** The program of a text, and what is wrong with the text. */
export function parseText(source: Source): ParsedText {
  if (source.text.length > MOST_CHARACTERS) return refuseLength(source);
  const { tokens, comments, stray } = tokenize(source.text);
  const characters = tokenFaults(source, tokens, stray);
  const { tree, faults: found, gaps } = parseTokens(tokens, source);
  const later: Diagnostic[] = [];
  const program = buildProgram(tree, comments, { source, report: (fault) => later.push(fault) });
  const newer = later.find((fault) => fault.code === 'syntax/language-version');
  if (newer !== undefined) {
    // What a newer language means by the rest is not known here.
    return { program: { ...program, gaps: [{ span: newer.span, words: [] }] }, faults: [newer] };
  }
  const lastEnd = (tokens.at(-1)?.endOffset ?? -1) + 1;
  const structure = found.filter((fault) => !isEcho(fault, characters, lastEnd));
  const unsure = [...characters, ...later].map(({ span }) => ({ span, words: [] }));
  const faults = inOrder([...characters, ...structure, ...later]);
  return { program: { ...program, gaps: [...gaps, ...unsure] }, faults };
}

/** The program of a text. Each fault is reported once, in the order of the text. */
export function parse(source: Source, report: Report): Program {
  const { program, faults } = parseText(source);
  for (const fault of faults) report(fault);
  return program;
}
