/**
 * Diagnostics as a SARIF 2.1.0 log, the form that code hosts show beside the lines of a change. One run, one result for
 * each diagnostic; notes with a place become related locations.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { positionAt, type Span } from '../diagnostics/source.js';

/** Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
function physicalLocation({ source, start, end }: Span) {
  const [from, to] = [positionAt(source, start), positionAt(source, end)];
  const region = { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  return { artifactLocation: { uri: encodeURI(source.path.replaceAll('\\', '/')) }, region };
}

function result({ code, severity, message, hint, span, notes }: Diagnostic) {
  const plain = notes.flatMap((note) => (note.span === undefined ? [note.message] : []));
  const placed = notes.flatMap((note) =>
    note.span === undefined ? [] : [{ message: { text: note.message }, physicalLocation: physicalLocation(note.span) }],
  );
  const text = [message, ...plain, ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n');
  return {
    ruleId: code,
    level: severity,
    message: { text },
    locations: [{ physicalLocation: physicalLocation(span) }],
    ...(placed.length === 0 ? {} : { relatedLocations: placed }),
  };
}

/** The log as a JSON value; `version` is the compiler's. */
export function sarifLog(found: readonly Diagnostic[], version: string) {
  const rules = [...new Set(found.map((d) => d.code))].sort().map((id) => ({ id }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'rnnc', version, rules } },
        columnKind: 'utf16CodeUnits',
        results: found.map(result),
      },
    ],
  };
}
