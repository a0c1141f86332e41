/** A diagnostic as text: the cause, the place with a caret excerpt, notes and a hint. */
import type { Diagnostic } from './diagnostic.js';
import { positionAt, type Span } from './source.js';

/** Longest excerpt of one line; longer lines show a window around the caret. */
const WIDTH = 160;
/** Lines of a span that are shown; of longer ones the first and the last. */
const MOST_LINES = 4;
const TAB = 4;

const wide = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}]/u;
const combining = /\p{M}/u;

/** Columns that a character takes on a terminal. */
const columns = (character: string): number => (combining.test(character) ? 0 : wide.test(character) ? 2 : 1);

interface Excerpt {
  readonly text: string;
  readonly carets: string;
}

/** One line with tabs spread out, and carets below the UTF-16 range [from, to). */
function excerpt(line: string, from: number, to: number): Excerpt {
  let text = '';
  let width = 0;
  let start = 0;
  let end = 0;
  let offset = 0;
  for (const character of line) {
    if (offset <= from) start = width;
    const columnsHere = character === '\t' ? TAB - (width % TAB) : columns(character);
    // Control characters would move the cursor of a terminal.
    text += character === '\t' ? ' '.repeat(columnsHere) : character.replace(/\p{Cc}/u, '\uFFFD');
    width += columnsHere;
    if (offset < to) end = width;
    offset += character.length;
  }
  if (from >= line.length) start = width;
  return { text: text.trimEnd(), carets: ' '.repeat(start) + '^'.repeat(Math.max(1, end - start)) };
}

/** Cuts a long line to a window that shows the first caret. */
function window({ text, carets }: Excerpt): Excerpt {
  if (text.length <= WIDTH) return { text, carets: carets.slice(0, Math.max(WIDTH, carets.indexOf('^') + 1)) };
  const start = Math.max(0, Math.min(carets.indexOf('^') - WIDTH / 4, text.length - WIDTH));
  const [lead, cut] = [start > 0 ? '...' : '', start + WIDTH < text.length ? '...' : ''];
  const shift = (part: string): string => part.slice(start, start + WIDTH);
  return { text: lead + shift(text) + cut, carets: ' '.repeat(lead.length) + shift(carets) };
}

interface Row {
  readonly number: number;
  readonly excerpt: Excerpt;
}

function rowsOf({ source, start, end }: Span): readonly Row[] {
  const first = positionAt(source, start);
  const last = positionAt(source, Math.max(start, end - 1));
  const lines = source.text.split('\n');
  const rows: Row[] = [];
  for (let number = first.line; number <= last.line; number++) {
    const line = (lines[number - 1] ?? '').replace(/\r$/, '');
    const indent = line.length - line.trimStart().length;
    const from = number === first.line ? first.column - 1 : indent;
    const to = number === last.line ? from + Math.max(0, lastColumn(last.column, start, end) - from) : line.length;
    rows.push({ number, excerpt: window(excerpt(line, from, to)) });
  }
  return rows;
}

/** Exclusive end on the last line, from 0. */
const lastColumn = (column: number, start: number, end: number): number => (end > start ? column : column - 1);

function place(span: Span): string[] {
  const { line, column } = positionAt(span.source, span.start);
  const rows = rowsOf(span);
  const gutter = ' '.repeat(String(rows.at(-1)?.number ?? line).length);
  const shown = rows.length <= MOST_LINES ? rows : [rows[0]!, rows.at(-1)!];
  const body = shown.flatMap(({ number, excerpt: { text, carets } }, i) => [
    ...(i > 0 && shown.length < rows.length ? [`${gutter} ...`] : []),
    `${String(number).padStart(gutter.length)} | ${text}`.trimEnd(),
    `${gutter} | ${carets}`,
  ]);
  return [`${gutter}--> ${span.source.path}:${line}:${column}`, `${gutter} |`, ...body];
}

/** Several lines without a line break at the end. */
export function printDiagnostic(d: Diagnostic): string {
  return [
    `${d.severity}[${d.code}]: ${d.message}`,
    ...place(d.span),
    ...d.notes.flatMap((note) => [`note: ${note.message}`, ...(note.span === undefined ? [] : place(note.span))]),
    ...(d.hint === undefined ? [] : [`hint: ${d.hint}`]),
  ].join('\n');
}
