/**
 * Parses tokens to a concrete tree that is always whole: at each fault the statement around it is set aside, or a
 * missing brace put in, and the rest is parsed again. So one fault gives one error, and several faults are found in
 * one run. Nothing here throws on any list of tokens.
 */
import { createTokenInstance, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { type Diagnostic, type Note, withFix } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../diagnostics/source.js';
import { defined, invariant } from '../support/assert.js';
import { suggestion } from '../support/suggest.js';
import type { Gap } from './ast.js';
import type { ProgramCstNode } from './cst.js';
import { flatten } from './flatten.js';
import { dropStrayGoalWords } from './goal-words.js';
import { syntaxError } from './messages.js';
import { nameBefore, putName, putTo, putValue, respell, respellItem, type Stop } from './missing-words.js';
import * as o from './outline.js';
import { parser } from './parser.js';
import { tokenSpan, without } from './places.js';
import * as t from './tokens.js';

export interface Parsed {
  readonly tree: ProgramCstNode;
  readonly faults: readonly Diagnostic[];
  /** What was set aside, and faults that leave the statement around them unsure. */
  readonly gaps: readonly Gap[];
}

/** Faults after which the rest of a text is given up. */
const MOST_FAULTS = 50;

interface Fault {
  readonly tokens: readonly IToken[];
  /** Index of the token that does not fit; the number of tokens at the end of the text. */
  readonly at: number;
  readonly rules: readonly string[];
  readonly expected: string;
  readonly source: Source;
}
interface Repair {
  readonly tokens: readonly IToken[];
  /** Undefined when an earlier fault already said it. */
  readonly fault?: Diagnostic;
  /** The statement is as it was meant. */
  readonly whole?: true;
}

/** Puts in a token of no width behind token `at - 1`. */
function insert(tokens: readonly IToken[], at: number, type: TokenType, image: string): readonly IToken[] {
  const previous = tokens[at - 1];
  const start = previous === undefined ? 0 : previous.endOffset! + 1;
  const line = previous?.endLine ?? 1;
  const token = createTokenInstance(type, image, start, start - 1, line, line, 1, 1);
  return [...tokens.slice(0, at), token, ...tokens.slice(at)];
}

function shown(token: IToken | undefined): string {
  if (token === undefined) return 'the end of the file';
  return `\`${token.image.length > 40 ? `${token.image.slice(0, 37)}...` : token.image}\``;
}

/** The token that does not fit, or the gap behind the one before when it stands on a later line. */
function spanOf({ tokens, at, source }: Fault): Span {
  const [previous, token] = [tokens[at - 1], tokens[at]];
  if (token !== undefined) {
    const span = tokenSpan(source, token);
    if (previous === undefined || o.sameLine(source, previous.endOffset! + 1, span.start)) return span;
  }
  const end = previous === undefined ? 0 : previous.endOffset! + 1;
  return { source, start: end, end };
}

/** The token that does not fit, or the end of the line it should have stood on. */
function foundAt(fault: Fault): string {
  const token = fault.tokens[fault.at];
  const later = token !== undefined && spanOf(fault).start !== token.startOffset;
  return later ? 'the end of the line' : shown(token);
}

/** The sign of another kind of block. */
const swaps = [
  { expected: '`:`', found: t.Equals, hint: 'in `compress` write `selector: method(...)`' },
  { expected: '`=`', found: t.Colon, hint: 'write `name = value`; only rules of `compress` have a `:`' },
];

function unexpected(fault: Fault): Diagnostic {
  const { tokens, at, expected } = fault;
  const token = tokens[at];
  const diagnostic = syntaxError('unexpected', spanOf(fault), { expected, found: foundAt(fault) });
  const swapped = swaps.find((swap) => swap.expected === expected && o.isA(token, swap.found));
  if (swapped !== undefined && diagnostic.span.start < diagnostic.span.end)
    return withFix({ ...diagnostic, hint: swapped.hint }, expected.replaceAll('`', ''));
  const closing = expected === '`)`' || expected === '`]`';
  const sign = o.isA(token, t.Comma, t.RightParenthesis, t.RightBracket, t.RightBrace);
  const another = closing && !sign && diagnostic.span.start < diagnostic.span.end;
  return another ? { ...diagnostic, hint: 'put `,` between two arguments, or close the bracket' } : diagnostic;
}

/** `emit {`: a target that is not there is for the checker to tell of; any name may stand behind `model`. */
function nameless(fault: Fault): Repair {
  const { tokens, at, source } = fault;
  const token = tokens[at];
  const filled = insert(tokens, at, t.Identifier, '_');
  if (token === undefined || !o.isA(token, t.LeftBrace))
    return { tokens: filled, fault: unexpected(fault), whole: true };
  const { start } = tokenSpan(source, token);
  const emits = o.isA(tokens[at - 1], t.Emit);
  const hint = emits ? 'write a target' : 'write a name of letters, digits and `_`';
  return {
    tokens: emits ? nameBefore(tokens, at) : filled,
    fault: syntaxError('missing-name', { source, start, end: start }, { sign: '{', hint }),
    whole: true,
  };
}

/** `model m` without a name or brace: what is missing is put in, what is too much is taken out. */
function repairHeader(fault: Fault): Repair {
  const { tokens, at } = fault;
  const token = tokens[at];
  if (fault.expected === 'a name') return nameless(fault);
  const sameLine = token !== undefined && spanOf(fault).start === token.startOffset;
  const excess = sameLine && tokens.slice(at + 1, at + 4).some((next) => o.isA(next, t.LeftBrace));
  return {
    tokens: excess ? without(tokens, { from: at, to: at + 1 }) : insert(tokens, at, t.LeftBrace, '{'),
    fault: unexpected(fault),
  };
}

function unclosed(fault: Fault): Repair {
  const { tokens, at, source } = fault;
  let open = at - 1;
  while (open > 0 && !o.opensBlock(tokens, open)) open--;
  const named = o.isA(tokens[open - 1], ...t.itemWords) || open < 2 ? open - 1 : open - 2;
  const word = tokens[named]?.image ?? 'block';
  const notes: Note[] = [{ message: 'opened here', span: tokenSpan(source, defined(tokens[open], 'brace')) }];
  const fill = { word, found: shown(tokens[at]), brace: '}' };
  return {
    tokens: insert(tokens, at, t.RightBrace, '}'),
    fault: syntaxError('unclosed-block', spanOf(fault), fill, notes),
  };
}

/** A fault between two items: everything up to the next item is set aside. */
function repairTopLevel(fault: Fault): Repair {
  const { tokens, at } = fault;
  const mended = respellItem({ ...fault, spanOf: (word) => tokenSpan(fault.source, word) });
  if (mended !== undefined) return { ...mended, whole: true };
  const rest = without(tokens, { from: at, to: o.nextItem(tokens, at) });
  const token = defined(tokens[at], 'token between items');
  const known = t.itemWords.map((word) => word.name.toLowerCase());
  if (!o.isA(token, t.Identifier)) {
    const found = { expected: fault.expected, found: shown(token) };
    return { tokens: rest, fault: syntaxError('unexpected', tokenSpan(fault.source, token), found) };
  }
  const fill = { word: token.image, suggestion: suggestion(token.image, known) };
  return { tokens: rest, fault: syntaxError('unknown-item', tokenSpan(fault.source, token), fill) };
}

/** True where the first word of the next line was read as the missing end of a statement: `seed =`, `a = [1,`. */
function ranOn({ tokens, at, rules }: Fault, { starts }: o.Outline): boolean {
  const ownSign = rules.at(-1) === 'setting' || rules.at(-1) === 'rule';
  return at > 1 && !ownSign && o.isA(tokens[at], t.Equals, t.Colon) && starts[at - 1] === true;
}

function missingValue({ tokens, at, source }: Fault): Diagnostic {
  const sign = tokens[at]!;
  const expected = o.isA(sign, t.To) ? 'a goal' : o.isA(sign, t.Colon) ? 'a method' : 'a value';
  const next = tokens[at + 1];
  const found = next !== undefined && o.onSameLine(sign, next) ? shown(next) : 'the end of the line';
  return syntaxError('missing-value', tokenSpan(source, sign), { expected, sign: sign.image, found });
}

/** A sign that wants a value, at the end of its line or in front of a sign that ends it. */
function endsWithout({ tokens, at, rules }: Fault): boolean {
  const [sign, token] = [tokens[at - 1], tokens[at]];
  if (!o.isA(sign, t.Equals, t.Colon) || !rules.some((rule) => ['setting', 'rule', 'let'].includes(rule))) return false;
  return token === undefined || o.isA(token, t.RightBrace, t.Comma, t.RightParenthesis, t.RightBracket);
}

/** What can be put back without setting anything aside. */
function mend(fault: Fault): Repair | undefined {
  const stop: Stop = { ...fault, spanOf: (token) => tokenSpan(fault.source, token) };
  if (endsWithout(fault)) {
    return {
      tokens: putValue(fault.tokens, fault.at - 1),
      fault: missingValue({ ...fault, at: fault.at - 1 }),
      whole: true,
    };
  }
  const mended = putName(stop) ?? putTo(stop) ?? respell(stop);
  return mended && { ...mended, whole: true };
}

function repairStatement(fault: Fault): Repair {
  const { tokens, at, source } = fault;
  const lines = o.outline(tokens);
  const inside = fault.rules.some((rule) => ['setting', 'rule', 'let', 'import', 'language'].includes(rule));
  const forgotten = o.isA(tokens[at - 2], t.Equals, t.Colon, t.To);
  if (ranOn(fault, lines) && (inside || forgotten)) {
    if (forgotten && !o.isA(tokens[at - 2], t.To)) {
      return { tokens: putValue(tokens, at - 2), fault: missingValue({ ...fault, at: at - 2 }), whole: true };
    }
    return {
      tokens: without(tokens, o.statementAt(lines, at - 2)),
      fault: forgotten ? missingValue({ ...fault, at: at - 2 }) : unexpected({ ...fault, at: at - 1 }),
    };
  }
  const ended = at === tokens.length || lines.starts[at] === true;
  const statement = o.statementAt(lines, at > 0 && ended && inside ? at - 1 : Math.min(at, tokens.length - 1));
  const token = tokens[at];
  if (o.isA(token, ...t.ruleWords) && o.isA(tokens[at + 1], t.Equals, t.Colon)) {
    const next = tokens.findIndex((_, i) => i > at && (lines.starts[i] === true || o.isA(tokens[i], t.RightBrace)));
    const word = syntaxError('reserved-word', tokenSpan(source, token!), { word: token!.image });
    return { tokens: without(tokens, { from: at, to: next < 0 ? tokens.length : next }), fault: word };
  }
  if (o.isA(tokens[at - 2], t.Colon) && o.isA(tokens[at - 1], t.To) && token !== undefined && !ended) {
    const end = defined(tokens[statement.to - 1], 'the end of a goal');
    const from = o.isA(end, t.RightBrace) ? token : end;
    const goal = source.text.slice(token.startOffset, tokenSpan(source, from).end);
    return { tokens: without(tokens, statement), fault: syntaxError('no-method', tokenSpan(source, token), { goal }) };
  }
  const named = o.isA(tokens[at + 1], t.Equals, t.Colon, t.Dot) || o.isA(tokens[at - 1], t.Let);
  if (token !== undefined && o.isA(token, ...t.itemWords) && named && !(inside && ended)) {
    const word = syntaxError('reserved-word', tokenSpan(source, token), { word: token.image });
    return { tokens: without(tokens, statement), fault: word };
  }
  return { tokens: without(tokens, statement), fault: unexpected(fault) };
}

function repair(fault: Fault): Repair {
  const { tokens, at, rules } = fault;
  const rule = rules.at(-1) ?? 'program';
  const atEnd = at === tokens.length;
  if (rule === 'program' && !atEnd) return repairTopLevel(fault);
  if (['model', 'compress', 'block'].includes(rule)) return repairHeader(fault);
  const opening = fault.expected === '`{`';
  if (opening && (rule === 'settings' || rule === 'rules')) return repairHeader(fault);
  const body = rule === 'settings' || rule === 'rules';
  if (body && (atEnd || o.beginsItem(tokens, at))) return unclosed(fault);
  return mend(fault) ?? repairStatement(fault);
}

function parseOnce(tokens: readonly IToken[]): { tree: ProgramCstNode; error: IRecognitionException | undefined } {
  parser.input = [...tokens];
  const tree = parser.program() as ProgramCstNode;
  return { tree, error: parser.errors[0] };
}

/** What a repair leaves open: the words it has set aside, and the place of its fault. */
function gapsOf(tokens: readonly IToken[], repaired: Repair, source: Source): readonly Gap[] {
  const places = repaired.fault === undefined ? [] : [{ span: repaired.fault.span, words: [] }];
  const many = tokens.length - repaired.tokens.length;
  if (many <= 0) return places;
  const from = tokens.findIndex((token, i) => token !== repaired.tokens[i]);
  const gone = tokens.slice(from, from + many);
  const [first, last] = [tokenSpan(source, gone[0]!), tokenSpan(source, gone.at(-1)!)];
  const words = gone.filter((token) => o.isA(token, t.Identifier)).map((token) => token.image);
  return [...places, { span: { source, start: first.start, end: last.end }, words }];
}

/** A whole tree of whatever can be read, and every fault on the way. */
export function parseTokens(all: readonly IToken[], source: Source): Parsed {
  const spelt = dropStrayGoalWords(all, (token) => tokenSpan(source, token));
  const faults: Diagnostic[] = [...spelt.faults];
  const gaps: Gap[] = spelt.gaps.map((fault) => ({ span: fault.span, words: [] }));
  let { tokens } = spelt;
  let said = -1;
  const use = (repaired: Repair): void => {
    const { fault, whole } = repaired;
    if (fault !== undefined && fault.span.start !== said) faults.push(fault);
    said = fault?.span.start ?? said;
    if (whole !== true) gaps.push(...gapsOf(tokens, repaired, source));
    tokens = repaired.tokens;
  };
  for (let shallow = flatten(tokens, source); shallow.fault !== undefined; shallow = flatten(tokens, source)) {
    use(shallow);
    if (faults.length > MOST_FAULTS) tokens = [];
  }
  const most = 4 * MOST_FAULTS;
  for (let round = 0; round < most; round++) {
    const { tree, error } = parseOnce(tokens);
    if (error === undefined) return { tree, faults, gaps };
    const found = tokens.indexOf(error.token);
    const at = found < 0 ? tokens.length : found;
    use(repair({ tokens, at, rules: error.context.ruleStack, expected: error.message, source }));
    if (faults.length > MOST_FAULTS) tokens = [];
  }
  const { tree, error } = parseOnce([]);
  invariant(error === undefined, 'an empty program must parse');
  return { tree, faults, gaps };
}
