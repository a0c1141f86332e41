/** Reads the token of a literal: its value in base units, its text in the formatter's spelling, and what is wrong. */
import { type Diagnostic, withFix } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { listed } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import { count } from '../support/units.js';
import type { Expression } from './ast.js';
import { syntaxError } from './messages.js';

export interface Literal {
  readonly expression: Expression;
  /** At most one fault for one literal. */
  readonly fault?: Diagnostic;
}

type Unit =
  | { readonly kind: 'size' | 'time' | 'clock'; readonly power: number; readonly times: number }
  | { readonly kind: 'period'; readonly unit: 'epochs' | 'steps' };

const decimal = (kind: 'size' | 'time' | 'clock', power: number): Unit => ({ kind, power, times: 1 });
const binary = (times: number): Unit => ({ kind: 'size', power: 0, times });
const period = (unit: 'epochs' | 'steps'): Unit => ({ kind: 'period', unit });

const units: ReadonlyMap<string, Unit> = new Map([
  ['B', decimal('size', 0)],
  ['KB', decimal('size', 3)],
  ['MB', decimal('size', 6)],
  ['GB', decimal('size', 9)],
  ['KiB', binary(2 ** 10)],
  ['MiB', binary(2 ** 20)],
  ['GiB', binary(2 ** 30)],
  ['us', decimal('time', -6)],
  ['ms', decimal('time', -3)],
  ['s', decimal('time', 0)],
  ['kHz', decimal('clock', 3)],
  ['MHz', decimal('clock', 6)],
  ['GHz', decimal('clock', 9)],
  ['epoch', period('epochs')],
  ['epochs', period('epochs')],
  ['step', period('steps')],
  ['steps', period('steps')],
]);

/** The units of a kind of literal, in their order. */
export const unitWords = (kind: Unit['kind']): readonly string[] =>
  [...units].flatMap(([word, unit]) => (unit.kind === kind ? [word] : []));

const plain = (text: string): number => Number(text.replaceAll('_', ''));
/** `text` times ten to the power, rounded once: 99.93% is the double nearest to 0.9993. */
const scaled = (text: string, power: number): number => {
  const [digits, exponent = '0'] = text.replaceAll('_', '').toLowerCase().split('e');
  return Number(`${digits}e${Number(exponent) + power}`);
};

function tooLarge(text: string, value: number, whole: boolean, span: Span): Diagnostic | undefined {
  const most = whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  if (Math.abs(value) <= most) return undefined;
  return syntaxError('number-too-large', span, { text, most: whole ? count(most) : most });
}

const literal = (expression: Expression, fault?: Diagnostic | undefined): Literal =>
  fault === undefined ? { expression } : { expression, fault };

function readNumber(text: string, span: Span): Literal {
  const value = plain(text);
  const integer = /^-?[\d_]+$/.test(text);
  const malformed = Number.isNaN(value) || !/^-?\d+(_\d+)*(\.\d+(_\d+)*)?([eE][+-]?\d+)?$/.test(text);
  if (malformed) {
    return literal(
      { kind: 'number', span, value: 1, integer: true, text },
      syntaxError('malformed-number', span, { text }),
    );
  }
  return literal({ kind: 'number', span, value, integer, text }, tooLarge(text, value, integer, span));
}

function quotient(text: string, span: Span): { readonly value: number; readonly fault: Diagnostic | undefined } {
  const [over = '', under = '1'] = text.split('/');
  const divisor = plain(under);
  const value = plain(over) / divisor;
  return divisor === 0
    ? { value: 1, fault: syntaxError('zero-divisor', span, { text }) }
    : { value, fault: tooLarge(text, value, false, span) };
}

function readRatio(text: string, span: Span): Literal {
  const { value, fault } = quotient(text, span);
  return literal({ kind: 'ratio', span, value, text }, fault);
}

function readFactor(text: string, span: Span): Literal {
  const { value, fault } = quotient(text.slice(0, -1), span);
  const zero = value === 0 ? syntaxError('zero-factor', span, { text }) : undefined;
  return literal({ kind: 'factor', span, value, text }, fault ?? zero);
}

function readPercent(text: string, span: Span): Literal {
  const value = scaled(text.slice(0, -1), -2);
  const outside = value < 0 || value > 1 || Object.is(value, -0);
  return literal(
    { kind: 'percent', span, value, text },
    outside ? syntaxError('percent-range', span, { text }) : undefined,
  );
}

function readShape(text: string, span: Span): Literal {
  const dimensions = text.split('x').map(Number);
  const zero = dimensions.indexOf(0);
  const fault =
    zero >= 0
      ? syntaxError('zero-dimension', span, { text, position: zero + 1 })
      : tooLarge(text, Math.max(...dimensions), true, span);
  return literal({ kind: 'shape', span, dimensions, text }, fault);
}

/** The unit that was meant, where it is plain, in the place of the one that is written. */
function unknownUnit(unit: string, number: string, span: Span): Diagnostic {
  const near = nearUnits(unit, number);
  const fault = syntaxError('unknown-unit', span, { unit, suggestion: suggestUnit(unit, number, near) });
  return near.length === 1 ? withFix(fault, near[0]!) : fault;
}

/** The nearest units: `epoch` behind 1, `epochs` behind another number; `MB` for `BM` and `M`, `ms` for `m`. */
function nearUnits(unit: string, number: string): readonly string[] {
  const counts = ([, { kind }]: readonly [string, Unit]): boolean => kind === 'period';
  const odd = [...units].filter((one) => counts(one) && one[0].endsWith('s') === (Number(number) === 1));
  const near = suggestion(
    unit,
    [...units.keys()].filter((word) => !odd.some(([other]) => other === word)),
  ).nearest;
  const among = (words: readonly string[], fits: (word: string) => boolean): readonly string[] =>
    words.some(fits) ? words.filter(fits) : words;
  const typed = unit.toLowerCase();
  const slipped = among(near, (word) => inAnyOrder(word) === inAnyOrder(typed) || word.toLowerCase() === single(typed));
  return among(slipped, (word) => word[0] === unit[0]);
}

/** Letters in another order, and letters struck twice: what fingers do. */
const inAnyOrder = (word: string): string => [...word.toLowerCase()].sort().join('');
const single = (word: string): string => word.replace(/(.)\1+/g, '$1');

function suggestUnit(unit: string, number: string, near: readonly string[]): string {
  if (/^[xX]$/.test(unit)) return `write \`${number}x\` without a space`;
  if (near.length === 0) return `use one of ${listed([...units.keys()])}`;
  return `did you mean ${near.map((word) => `\`${number} ${word}\``).join(' or ')}?`;
}

function readQuantity(image: string, span: Span): Literal {
  const [, number = '', word = ''] = /^(-?\d.*?)[ \t]*([A-Za-z]+)$/.exec(image) ?? [];
  const text = `${number} ${word}`;
  const unit = units.get(word);
  if (unit === undefined) {
    const wordSpan = { ...span, start: span.end - word.length };
    return literal(
      { kind: 'number', span, value: plain(number), integer: false, text },
      unknownUnit(word, number, wordSpan),
    );
  }
  const negative = number.startsWith('-')
    ? syntaxError('negative', span, { text, positive: `\`${text.slice(1)}\`` })
    : undefined;
  if (unit.kind === 'period') {
    const value = plain(number);
    return literal(
      { kind: 'period', span, value, unit: unit.unit, text },
      negative ?? tooLarge(text, value, false, span),
    );
  }
  const value = scaled(number, unit.power) * unit.times;
  return literal({ kind: unit.kind, span, value, text }, negative ?? tooLarge(text, value, false, span));
}

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n' };

function readString(image: string, span: Span): Literal {
  const closed = /^"(?:[^"\\]|\\.)*"$/.test(image);
  let fault = closed ? undefined : syntaxError('cut-string', span, {});
  const body = image.slice(1, closed ? -1 : undefined);
  const value = body.replace(/\\(.?)/gsu, (sequence, letter: string, at: number) => {
    const start = span.start + 1 + at;
    if (letter in escapes) return escapes[letter]!;
    fault ??= syntaxError('unknown-escape', { ...span, start, end: start + sequence.length }, { escape: sequence });
    return letter;
  });
  return literal({ kind: 'string', span, value }, fault);
}

const readers: ReadonlyMap<string, (text: string, span: Span) => Literal> = new Map([
  ['Number', readNumber],
  ['MalformedNumber', readNumber],
  ['Ratio', readRatio],
  ['Percent', readPercent],
  ['Shape', readShape],
  ['Factor', readFactor],
  ['Quantity', readQuantity],
  ['String', readString],
  ['CutString', readString],
  ['Yes', (_, span): Literal => literal({ kind: 'boolean', span, value: true })],
  ['No', (_, span): Literal => literal({ kind: 'boolean', span, value: false })],
]);

/** Whether tokens of a type are literals. */
export const isLiteral = (type: string): boolean => readers.has(type);

/** Undefined when the token of this type is no literal. */
export const readLiteral = (type: string, image: string, span: Span): Literal | undefined =>
  readers.get(type)?.(image, span);
