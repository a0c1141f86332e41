/**
 * What a call may be given: names, types, defaults, and the words errors use. One schema serves a method, a layer,
 * a loader, a schedule or a block of settings; reading it is in `read.ts`.
 */

import { listedWords } from '../support/listed.js';
import type { Expression } from '../syntax/ast.js';

/** One argument: how to read its value, and how errors describe it. */
export interface Parameter<T> {
  /** For `--help`, docs and hover: "rank of the product". */
  readonly doc: string;
  /** For errors: "an integer of at least 1", after "expects". */
  readonly expects: string;
  /** The value, or undefined when the expression is not of this type. Names are resolved before. */
  readonly read: (expression: Expression) => T | undefined;
  /** A value as it is written, for hints; where `expects` names none. */
  readonly example?: string;
  /** Used when the argument is left out; without it the argument is required. */
  readonly fallback?: { readonly value: T };
  /** Only by name, never by position. */
  readonly named?: boolean;
  /** Where the value is one word of a list: the list, for "did you mean". */
  readonly words?: readonly string[];
}

/** In the order of positional arguments. */
export type Schema = Readonly<Record<string, Parameter<unknown>>>;
export type ValuesOf<S extends Schema> = { readonly [K in keyof S]: S[K] extends Parameter<infer T> ? T : never };

/** The same parameter, with a value for when it is left out. */
export const withDefault = <T>(parameter: Parameter<T>, value: T): Parameter<T> => ({
  ...parameter,
  fallback: { value },
});
/** The same parameter, undefined when left out. */
export const optional = <T>(parameter: Parameter<T>): Parameter<T | undefined> => ({
  ...parameter,
  fallback: { value: undefined },
});
/** The same parameter, never positional. */
export const named = <T>(parameter: Parameter<T>): Parameter<T> => ({ ...parameter, named: true });

export const positiveInteger = (doc: string, most = Number.POSITIVE_INFINITY): Parameter<number> => ({
  doc,
  expects: Number.isFinite(most) ? `an integer from 1 to ${most}` : 'an integer of at least 1',
  example: String(Math.min(most, 8)),
  read: (e) => (e.kind === 'number' && e.integer && e.value >= 1 && e.value <= most ? e.value : undefined),
});
export const integer = (doc: string, least = 0): Parameter<number> => ({
  doc,
  expects: `an integer of at least ${least}`,
  example: String(Math.max(least, 1)),
  read: (e) => (e.kind === 'number' && e.integer && e.value >= least ? e.value : undefined),
});
/** A real number; ratios such as `1/1.2` too. */
export const real = (doc: string, least = Number.NEGATIVE_INFINITY): Parameter<number> => ({
  doc,
  expects: least === Number.NEGATIVE_INFINITY ? 'a number' : `a number of at least ${least}`,
  example: String(Math.max(least, 0.5)),
  read: (e) => ((e.kind === 'number' || e.kind === 'ratio') && e.value >= least ? e.value : undefined),
});
export const positiveReal = (doc: string): Parameter<number> => ({
  doc,
  expects: 'a number above 0',
  example: '0.5',
  read: (e) => ((e.kind === 'number' || e.kind === 'ratio') && e.value > 0 ? e.value : undefined),
});
/** What is kept of a mean at each step: 1 would keep all of it for ever. */
export const shareBelowOne = (doc: string): Parameter<number> => ({
  doc,
  expects: 'a number from 0 to below 1',
  example: '0.9',
  read: (e) => ((e.kind === 'number' || e.kind === 'ratio') && e.value >= 0 && e.value < 1 ? e.value : undefined),
});
/** A percent as a fraction, 0 <= p < 1 unless `to1` allows 100%. */
export const percent = (doc: string, to1 = false): Parameter<number> => ({
  doc,
  expects: to1 ? 'a percent from 0% to 100%' : 'a percent from 0% to below 100%',
  example: '50%',
  read: (e) => (e.kind === 'percent' && e.value >= 0 && (e.value < 1 || (to1 && e.value === 1)) ? e.value : undefined),
});
export const shape = (doc: string, rank: number): Parameter<readonly number[]> => ({
  doc,
  expects: `a shape such as ${Array.from({ length: rank }, (_, i) => 13 * (i + 1)).join('x')}`,
  read: (e) =>
    e.kind === 'shape' && e.dimensions.length === rank && e.dimensions.every((d) => d >= 1) ? e.dimensions : undefined,
});
export const yesNo = (doc: string): Parameter<boolean> => ({
  doc,
  expects: '`yes` or `no`',
  example: 'yes',
  words: ['yes', 'no'],
  read: (e) => (e.kind === 'boolean' ? e.value : undefined),
});
export const text = (doc: string): Parameter<string> => ({
  doc,
  expects: 'a string in double quotes',
  example: '"name"',
  read: (e) => (e.kind === 'string' ? e.value : undefined),
});
/** One word of a fixed list. */
export const word = <const W extends string>(doc: string, words: readonly W[]): Parameter<W> => ({
  doc,
  expects: `one of ${listedWords(words)}`,
  words,
  read: (e) => (e.kind === 'name' ? words.find((w) => w === e.text) : undefined),
});
/** One word of a fixed list, or several of them in brackets. */
export const someWords = <const W extends string>(doc: string, words: readonly W[]): Parameter<readonly W[]> => {
  const one = word(doc, words);
  return {
    doc,
    words,
    expects: `${one.expects}, or several of them in brackets`,
    read: (e) => {
      const written = e.kind === 'list' ? e.items : [e];
      const items = written.map(one.read).filter((item) => item !== undefined);
      return items.length > 0 && items.length === written.length ? items : undefined;
    },
  };
};
/** `6 epochs` or `100 steps`. */
export interface Period {
  readonly value: number;
  readonly unit: 'epochs' | 'steps';
}
export const period = (doc: string): Parameter<Period> => ({
  doc,
  expects: 'a span of training such as `6 epochs` or `100 steps`',
  read: (e) => (e.kind === 'period' && e.value >= 0 ? { value: e.value, unit: e.unit } : undefined),
});
/** A list of at least one value that `item` reads. */
export const listOf = <T>(item: Parameter<T>, expects: string): Parameter<readonly T[]> => ({
  doc: item.doc,
  expects,
  read: (e) => {
    if (e.kind !== 'list' || e.items.length === 0) return undefined;
    const items = e.items.map(item.read);
    return items.every((value) => value !== undefined) ? (items as readonly T[]) : undefined;
  },
});
/** Any expression, for callers that read it themselves. */
export const expression = (doc: string): Parameter<Expression> => ({ doc, expects: 'a value', read: (e) => e });
