/** What the compiler has to say about a program: data, printed elsewhere. */
import type { Span } from './source.js';

export interface Note {
  readonly message: string;
  readonly span?: Span;
}

/** A change of the text that mends the fault: what stands at `span` becomes `text`. */
export interface Fix {
  /** "replace `sgdd` by `sgd`". */
  readonly title: string;
  readonly span: Span;
  readonly text: string;
}

export interface Diagnostic {
  /** Stable: `room/name`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly notes: readonly Note[];
  readonly hint?: string;
  readonly fix?: Fix;
  /** The words that are legal in place of what stands at `span`. */
  readonly choices?: readonly string[];
}

/** Characters of the program that the title of a fix repeats. */
const longestTitle = 200;

/** The same diagnostic with a change that mends it; what stands at `span` (its own place when left out) goes. */
export function withFix(diagnostic: Diagnostic, text: string, span = diagnostic.span): Diagnostic {
  const whole = span.source.text.slice(span.start, span.end);
  const old = whole.length <= longestTitle ? whole : `${whole.slice(0, longestTitle / 2)}...`;
  const title =
    old === '' ? `insert \`${text}\`` : text === '' ? `remove \`${old}\`` : `replace \`${old}\` by \`${text}\``;
  return { ...diagnostic, fix: { title, span, text } };
}

export type Report = (diagnostic: Diagnostic) => void;

/** Collects diagnostics in the order they are found. */
export class Diagnostics {
  readonly all: Diagnostic[] = [];
  readonly report: Report = (diagnostic) => {
    this.all.push(diagnostic);
  };

  get hasErrors(): boolean {
    return this.all.some((d) => d.severity === 'error');
  }
}
