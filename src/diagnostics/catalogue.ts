/** Messages as data: a code, a severity, a text with typed holes and a hint. One catalogue per room. */
import type { Diagnostic, Note } from './diagnostic.js';
import type { Span } from './source.js';

export interface Entry {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

/** 'rank {rank}' -> 'rank'. */
type Holes<T> = T extends `${string}{${infer Hole}}${infer Rest}` ? Hole | Holes<Rest> : never;
export type Fill<E extends Entry> = Readonly<Record<Holes<E['message']> | Holes<E['hint']>, string | number>>;
export type Entries = Readonly<Record<string, Entry>>;
export type Make<C extends Entries> = <K extends keyof C & string>(
  code: K,
  span: Span,
  fill: Fill<C[K]>,
  notes?: readonly Note[],
) => Diagnostic;

const write = (text: string, fill: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (_, hole: string) => String(fill[hole]));

/** Makes diagnostics `room/code`; a forgotten hole is a type error. */
export function catalogue<const C extends Entries>(room: string, entries: C): Make<C> {
  return (code, span, fill, notes = []) => {
    const entry: Entry = entries[code]!;
    return {
      code: `${room}/${code}`,
      severity: entry.severity,
      message: write(entry.message, fill),
      span,
      notes,
      ...(entry.hint === undefined ? {} : { hint: write(entry.hint, fill) }),
    };
  };
}
