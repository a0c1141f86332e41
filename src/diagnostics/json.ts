/** A diagnostic as JSON, for `--format json` and editors. */
import type { Diagnostic } from './diagnostic.js';
import { positionAt, type Span } from './source.js';

/** Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface JsonPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  /** The change that mends it: the text in place of what stands at its place. */
  readonly fix?: JsonPlace & { readonly title: string; readonly text: string };
  readonly notes: readonly ({ readonly message: string } & Partial<JsonPlace>)[];
}

function place({ source, start, end }: Span): JsonPlace {
  const [from, to] = [positionAt(source, start), positionAt(source, end)];
  return { path: source.path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

export const diagnosticToJson = (d: Diagnostic): JsonDiagnostic => ({
  code: d.code,
  severity: d.severity,
  message: d.message,
  ...place(d.span),
  ...(d.hint === undefined ? {} : { hint: d.hint }),
  ...(d.fix === undefined ? {} : { fix: { title: d.fix.title, text: d.fix.text, ...place(d.fix.span) } }),
  notes: d.notes.map(({ message, span }) => ({ message, ...(span === undefined ? {} : place(span)) })),
});
