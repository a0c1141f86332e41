/** What the compiler has to say about a program: data, printed elsewhere. */
import type { Span } from './source.js';

export interface Note {
  readonly message: string;
  readonly span?: Span;
}

export interface Diagnostic {
  /** Stable: `room/name`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly notes: readonly Note[];
  readonly hint?: string;
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
