/**
 * Prints the grammar by which editors colour programs (TextMate) from the token list: the same patterns in the same
 * order as the lexer's, and a scope for each. A token without a scope is a defect.
 */
import { invariant } from '../support/assert.js';
import { tokens } from './tokens.js';

/** Scopes by token; undefined for what has no colour or is no text of its own. */
export const scopes: Readonly<Record<string, string | undefined>> = {
  Blank: undefined,
  ByteOrderMark: undefined,
  LineComment: 'comment.line.double-slash.cmp',
  BlockComment: 'comment.block.cmp',
  CutComment: undefined,
  String: 'string.quoted.double.cmp',
  CutString: 'invalid.illegal.string.cmp',
  ForeignWord: 'invalid.illegal.word.cmp',
  Shape: 'constant.numeric.shape.cmp',
  Factor: 'constant.numeric.factor.cmp',
  Percent: 'constant.numeric.percent.cmp',
  EquationWord: 'constant.other.equation.cmp',
  Quantity: 'constant.numeric.quantity.cmp',
  Ratio: 'constant.numeric.ratio.cmp',
  Number: 'constant.numeric.cmp',
  MalformedNumber: 'invalid.illegal.number.cmp',
  Glob: 'variable.other.pattern.cmp',
  Model: 'keyword.control.block.cmp',
  Compress: 'keyword.control.block.cmp',
  Train: 'keyword.control.block.cmp',
  Emit: 'keyword.control.block.cmp',
  Sweep: 'keyword.control.block.cmp',
  Language: 'keyword.control.language.cmp',
  Import: 'keyword.control.import.cmp',
  Let: 'keyword.control.let.cmp',
  Override: 'keyword.other.rule.cmp',
  Except: 'keyword.other.rule.cmp',
  Then: 'keyword.other.rule.cmp',
  Together: 'keyword.other.goal.cmp',
  To: 'keyword.other.goal.cmp',
  Macs: 'keyword.other.goal.cmp',
  Fewer: 'keyword.other.goal.cmp',
  From: 'keyword.other.goal.cmp',
  Yes: 'constant.language.boolean.cmp',
  No: 'constant.language.boolean.cmp',
  Identifier: 'variable.other.cmp',
  Word: undefined,
  AnyWord: undefined,
  LeftBrace: 'punctuation.section.block.cmp',
  RightBrace: 'punctuation.section.block.cmp',
  LeftParenthesis: 'punctuation.section.arguments.cmp',
  RightParenthesis: 'punctuation.section.arguments.cmp',
  LeftBracket: 'punctuation.section.list.cmp',
  RightBracket: 'punctuation.section.list.cmp',
  Comma: 'punctuation.separator.cmp',
  Dot: 'punctuation.accessor.cmp',
  Colon: 'punctuation.separator.rule.cmp',
  Equals: 'keyword.operator.assignment.cmp',
  Stray: undefined,
};

interface Pattern {
  readonly name: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
}

/** Before a name: what colours it by its place, so that a name that is a keyword elsewhere is a name here. */
const places: readonly Pattern[] = [
  { name: 'variable.parameter.cmp', match: '[A-Za-z_][A-Za-z0-9_]*(?=\\s*=)' },
  { name: 'entity.name.function.cmp', match: '[A-Za-z_][A-Za-z0-9_-]*(?=\\()' },
];

function patternOf(name: string, pattern: unknown): readonly Pattern[] {
  invariant(name in scopes, `the token ${name} has a scope`);
  const scope = scopes[name];
  if (scope === undefined || !(pattern instanceof RegExp)) return [];
  if (name === 'BlockComment') return [{ name: scope, begin: '/\\*', end: '\\*/' }];
  // A keyword ends where the lexer would take a longer name.
  const word = /^[a-z]+$/.test(pattern.source);
  const match = word ? `\\b${pattern.source}(?![\\w-])` : pattern.source;
  const placed = name === 'Model' ? places : [];
  return [...placed, { name: scope, match }];
}

/** `editors/vscode/cmp.tmLanguage.json`, a line break at its end. */
export function printTextMate(): string {
  const patterns = tokens.flatMap((token) => patternOf(token.name, token.PATTERN));
  const grammar = {
    information: 'Made by `node scripts/print-textmate.mjs` from the token list; a test fails when they differ.',
    name: 'rnnc',
    scopeName: 'source.cmp',
    fileTypes: ['cmp'],
    patterns,
  };
  return `${JSON.stringify(grammar, undefined, 2)}\n`;
}
