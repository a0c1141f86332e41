/**
 * The words, literals and signs of a `.cmp` program. Literals carry their unit in one token, so that `6 epochs` and
 * `seed = 1 lr = 2` never get mixed up. Text that is no token at all (non-ASCII words, cut strings, broken numbers)
 * still becomes a token of the kind it resembles; `literals.ts` says what is wrong with it.
 */
import { createToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain';

const NUMBER = '\\d+(?:_\\d+)*(?:\\.\\d+(?:_\\d+)*)?(?:[eE][+-]?\\d+)?';
/** No literal ends in the middle of a word, a number or a fraction. */
const END = '(?![\\w%]|\\.\\d|/\\d)';

/** Words that cannot begin a statement of a block or stand for a unit. */
const RESERVED = ['model', 'compress', 'train', 'emit', 'sweep', 'language', 'import', 'let'] as const;
const RULE_WORDS = ['override', 'except', 'then', 'together', 'to', 'macs', 'fewer', 'from', 'yes', 'no'] as const;
const NO_UNIT = `(?!(?:${[...RESERVED, ...RULE_WORDS].join('|')})(?![\\w-]))`;

// Categories: a Word is a name anywhere; AnyWord, words of items too, names a model or an argument.
export const AnyWord = createToken({ name: 'AnyWord', pattern: Lexer.NA, label: 'a name' });
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a name' });

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/,
  categories: [Word, AnyWord],
});
/**
 * A word that holds characters outside ASCII; reported as such, parsed as a name. Every word begins like one: a limit
 * keeps the look ahead short.
 */
export const ForeignWord = createToken({
  name: 'ForeignWord',
  pattern: /[\w.-]{0,64}[\x80-\uFFFF](?:[\x80-\uFFFF]|[\w.-])*/,
  categories: [Word, AnyWord],
  line_breaks: false,
});
/** An equation of a paper used as a word: `form=2a`. */
export const EquationWord = createToken({
  name: 'EquationWord',
  pattern: /\d[a-d](?![\w.%/])/,
  categories: [Word, AnyWord],
});

const keyword = (name: string, word: string, categories: TokenType[]): TokenType =>
  createToken({ name, pattern: new RegExp(word), label: `\`${word}\``, longer_alt: Identifier, categories });
export const Model = keyword('Model', 'model', [AnyWord]);
export const Compress = keyword('Compress', 'compress', [AnyWord]);
export const Train = keyword('Train', 'train', [AnyWord]);
export const Emit = keyword('Emit', 'emit', [AnyWord]);
export const Sweep = keyword('Sweep', 'sweep', [AnyWord]);
export const Language = keyword('Language', 'language', [AnyWord]);
export const Import = keyword('Import', 'import', [AnyWord]);
export const Let = keyword('Let', 'let', [AnyWord]);
export const Override = keyword('Override', 'override', []);
export const Except = keyword('Except', 'except', []);
export const Then = keyword('Then', 'then', []);
export const Together = keyword('Together', 'together', [Word, AnyWord]);
export const To = keyword('To', 'to', [Word, AnyWord]);
export const Macs = keyword('Macs', 'macs', [Word, AnyWord]);
export const Fewer = keyword('Fewer', 'fewer', [Word, AnyWord]);
export const From = keyword('From', 'from', [Word, AnyWord]);
export const Yes = keyword('Yes', 'yes', []);
export const No = keyword('No', 'no', []);
/** The words that begin an item of a program. */
export const itemWords: readonly TokenType[] = [Model, Compress, Train, Emit, Sweep, Language, Import, Let];

/** The words that are no names anywhere. */
export const ruleWords: readonly TokenType[] = [Override, Except, Then, Yes, No];

const literal = (name: string, pattern: RegExp, label: string): TokenType => createToken({ name, pattern, label });
export const NumberToken = literal('Number', new RegExp(`-?${NUMBER}${END}`), 'a number');
export const Ratio = literal('Ratio', new RegExp(`-?${NUMBER}/${NUMBER}${END}`), 'a ratio');
export const Percent = literal('Percent', new RegExp(`-?${NUMBER}%(?![\\w%.])`), 'a percent');
export const ShapeToken = literal('Shape', new RegExp(`\\d+(?:x\\d+)+${END}`), 'a shape');
export const Factor = literal('Factor', new RegExp(`${NUMBER}(?:/${NUMBER})?x${END}`), 'a factor');
/** A number with a unit on the same line: `1 MB`, `2 ms`, `1.8 GHz`, `6 epochs`; also with a unit that is unknown. */
export const Quantity = literal(
  'Quantity',
  new RegExp(`-?${NUMBER}[ \\t]*${NO_UNIT}[A-Za-z]+(?![\\w%+-])(?!\\s*[=:(*.])`),
  'a quantity',
);
export const MalformedNumber = createToken({
  name: 'MalformedNumber',
  pattern: /-?\d(?:[\w%]|[./][\w%])*/,
  categories: [NumberToken],
});
export const StringToken = literal('String', /"(?:[^"\\\r\n]|\\[^\r\n])*"/, 'a string');
export const CutString = createToken({
  name: 'CutString',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/,
  categories: [StringToken],
});
export const Glob = literal('Glob', /(?:[A-Za-z_][A-Za-z0-9_]*)?\*[A-Za-z0-9_*]*/, 'a pattern such as `rnn*`');

const sign = (name: string, text: string): TokenType =>
  createToken({ name, pattern: new RegExp(`\\${text}`), label: `\`${text}\`` });
export const LeftBrace = sign('LeftBrace', '{');
export const RightBrace = sign('RightBrace', '}');
export const LeftParenthesis = sign('LeftParenthesis', '(');
export const RightParenthesis = sign('RightParenthesis', ')');
export const LeftBracket = sign('LeftBracket', '[');
export const RightBracket = sign('RightBracket', ']');
export const Comma = sign('Comma', ',');
export const Dot = sign('Dot', '.');
export const Colon = sign('Colon', ':');
export const Equals = sign('Equals', '=');

/** Groups that the parser does not see. */
const COMMENTS = 'comments';
const STRAY = 'stray';
const apart = (name: string, pattern: RegExp, group: string, more: Partial<ITokenConfig> = {}): TokenType =>
  createToken({ name, pattern, group, ...more });
const Blank = apart('Blank', /[ \t\r\n]+/, Lexer.SKIPPED, { line_breaks: true });
const ByteOrderMark = apart('ByteOrderMark', /\uFEFF/, Lexer.SKIPPED);
const LineComment = apart('LineComment', /\/\/[^\r\n]*/, COMMENTS);
const BlockComment = apart('BlockComment', /\/\*[\s\S]*?\*\//, COMMENTS, { line_breaks: true });
export const CutComment = apart('CutComment', /\/\*[\s\S]*/, STRAY, { line_breaks: true });
/** Characters that begin no token. As a range, not `[\s\S]`: the lexer sorts patterns by what they may begin with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all there is
export const Stray = apart('Stray', /[\u0000-\uFFFF]/, STRAY, { line_breaks: true });

/** In the order in which the lexer tries them. */
export const tokens: readonly TokenType[] = [
  ...[Blank, ByteOrderMark, LineComment, BlockComment, CutComment, StringToken, CutString, ForeignWord],
  ...[ShapeToken, Factor, Percent, EquationWord, Quantity, Ratio, NumberToken, MalformedNumber, Glob],
  ...[Model, Compress, Train, Emit, Sweep, Language, Import, Let],
  ...[Override, Except, Then, Together, To, Macs, Fewer, From, Yes, No, Identifier, Word, AnyWord],
  ...[LeftBrace, RightBrace, LeftParenthesis, RightParenthesis, LeftBracket, RightBracket, Comma, Dot, Colon, Equals],
  Stray,
];

/** With the patterns sorted by the characters they may begin with: chevrotain refuses those that do not say. */
const lexer = new Lexer([...tokens], { positionTracking: 'full', ensureOptimizations: true });

/** The tokens of a text; `stray` holds what is no token. Every character lands in one of them or is blank. */
export function tokenize(text: string) {
  const { tokens: read, groups } = lexer.tokenize(text);
  return { tokens: read, comments: groups[COMMENTS] ?? [], stray: groups[STRAY] ?? [] };
}
