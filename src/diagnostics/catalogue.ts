/** Messages as data: a code, a severity, a text with typed holes and a hint. One catalogue per room. */
import { Suggestion } from '../support/suggest.js';
import { type Diagnostic, type Note, withFix } from './diagnostic.js';
import type { Span } from './source.js';

export interface Entry {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

/** What fills a hole. A suggestion also gives the words that are legal there, and the fix when one was meant. */
export type Filling = string | number | Suggestion;

/** 'rank {rank}' -> 'rank'. */
type Holes<T> = T extends `${string}{${infer Hole}}${infer Rest}` ? Hole | Holes<Rest> : never;
export type Fill<E extends Entry> = Readonly<Record<Holes<E['message']> | Holes<E['hint']>, Filling>>;
export type Entries = Readonly<Record<string, Entry>>;
export type Make<C extends Entries> = <K extends keyof C & string>(
  code: K,
  span: Span,
  fill: Fill<C[K]>,
  notes?: readonly Note[],
) => Diagnostic;

/** Characters of one filling: a word of the program may be as long as its text. */
const longest = 600;
const clipped = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest / 2)}...`);

const write = (text: string, fill: Readonly<Record<string, Filling>>): string =>
  text.replace(/\{(\w+)\}/g, (_, hole: string) => clipped(String(fill[hole])));

/** The legal words of a suggestion among the fillings, and the fix where its word is alone and one is the nearest. */
function withSuggestion(diagnostic: Diagnostic, fill: Readonly<Record<string, Filling>>): Diagnostic {
  const found = Object.values(fill).find((filling) => filling instanceof Suggestion);
  if (found === undefined) return diagnostic;
  const chosen = { ...diagnostic, choices: found.known };
  const { source, start, end } = diagnostic.span;
  const alone = source.text.slice(start, end) === found.word;
  return found.near !== undefined && found.certain && alone ? withFix(chosen, found.near) : chosen;
}

/** Makes diagnostics, and tells which there are. */
export type Catalogue<C extends Entries> = Make<C> & { readonly room: string; readonly entries: C };

/** Makes diagnostics `room/code`; a forgotten hole is a type error. */
export function catalogue<const C extends Entries>(room: string, entries: C): Catalogue<C> {
  const make: Make<C> = (code, span, fill, notes = []) => {
    const entry: Entry = entries[code]!;
    const diagnostic = {
      code: `${room}/${code}`,
      severity: entry.severity,
      message: write(entry.message, fill),
      span,
      notes,
      ...(entry.hint === undefined ? {} : { hint: write(entry.hint, fill) }),
    };
    return withSuggestion(diagnostic, fill);
  };
  return Object.assign(make, { room, entries });
}
