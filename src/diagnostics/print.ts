/** A diagnostic as text: the cause, the place with a caret excerpt, notes and a hint. */
import { type Paint, plain } from '../support/colour.js';
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
function window({ text, carets }: Excerpt, width: number): Excerpt {
  if (text.length <= width) return { text, carets: carets.slice(0, Math.max(width, carets.indexOf('^') + 1)) };
  const start = Math.max(0, Math.min(carets.indexOf('^') - Math.floor(width / 4), text.length - width));
  const [lead, cut] = [start > 0 ? '...' : '', start + width < text.length ? '...' : ''];
  const shift = (part: string): string => part.slice(start, start + width);
  return { text: lead + shift(text) + cut, carets: ' '.repeat(lead.length) + shift(carets) };
}

interface Row {
  readonly number: number;
  readonly excerpt: Excerpt;
}

function rowsOf({ source, start, end }: Span, width: number): readonly Row[] {
  const first = positionAt(source, start);
  const last = positionAt(source, Math.max(start, end - 1));
  const lines = source.text.split('\n');
  const rows: Row[] = [];
  for (let number = first.line; number <= last.line; number++) {
    const line = (lines[number - 1] ?? '').replace(/\r$/, '');
    const indent = line.length - line.trimStart().length;
    const from = number === first.line ? first.column - 1 : indent;
    const to = number === last.line ? from + Math.max(0, lastColumn(last.column, start, end) - from) : line.length;
    rows.push({ number, excerpt: window(excerpt(line, from, to), width) });
  }
  return rows;
}

/** Exclusive end on the last line, from 0. */
const lastColumn = (column: number, start: number, end: number): number => (end > start ? column : column - 1);

interface Style {
  readonly paint: Paint;
  /** Columns of an excerpt. */
  readonly width: number;
}

function place(span: Span, mark: 'error' | 'warning' | 'place', { paint, width }: Style): string[] {
  const { line, column } = positionAt(span.source, span.start);
  const rows = rowsOf(span, width);
  const gutter = ' '.repeat(String(rows.at(-1)?.number ?? line).length);
  const shown = rows.length <= MOST_LINES ? rows : [rows[0]!, rows.at(-1)!];
  const body = shown.flatMap(({ number, excerpt: { text, carets } }, i) => [
    ...(i > 0 && shown.length < rows.length ? [`${gutter} ...`] : []),
    `${paint('place', `${String(number).padStart(gutter.length)} |`)}${text === '' ? '' : ` ${text}`}`,
    `${paint('place', `${gutter} |`)} ${carets.replace(/\^+/, (marks) => paint(mark, marks))}`,
  ]);
  const where = `${span.source.path}:${line}:${column}`;
  return [`${paint('place', `${gutter}-->`)} ${where}`, paint('place', `${gutter} |`), ...body];
}

/** How a terminal shows diagnostics: with colours, and in how many columns. */
export interface Shown {
  readonly paint?: Paint;
  readonly columns?: number | undefined;
}

/** Columns that the line number in front of an excerpt and the dots around it take. */
const AROUND = 14;

/** Several lines without a line break at the end. */
export function printDiagnostic(d: Diagnostic, { paint = plain, columns }: Shown = {}): string {
  const width = columns === undefined ? WIDTH : Math.min(WIDTH, Math.max(WIDTH / 8, columns - AROUND));
  const style = { paint, width };
  return [
    `${paint(d.severity, `${d.severity}[${d.code}]`)}${paint('bold', `: ${d.message}`)}`,
    ...place(d.span, d.severity, style),
    ...d.notes.flatMap((note) => [
      `${paint('place', 'note')}: ${note.message}`,
      ...(note.span === undefined ? [] : place(note.span, 'place', style)),
    ]),
    ...(d.hint === undefined ? [] : [`${paint('hint', 'hint')}: ${d.hint}`]),
  ].join('\n');
}
