/** Tables as text: columns as wide as their widest cell, numbers to the right; cells break at blanks to fit a width. */
import { wrapWords } from '../support/wrap.js';

export interface Column {
  readonly title: string;
  /** Default: left. */
  readonly align?: 'left' | 'right';
}

/** Blanks between columns. */
const gap = 2;

const longestWord = (cell: string): number => Math.max(...cell.split(' ').map((word) => word.length));

/** Widths of columns, the widest of those that can be broken made narrower until a line fits, as far as words allow. */
function fitted(cells: readonly (readonly string[])[], columns: number, room: number): readonly number[] {
  const of = (i: number, length: (cell: string) => number): number =>
    Math.max(0, ...cells.map((row) => length(row[i] ?? '')));
  const widths = Array.from({ length: columns }, (_, i) => of(i, (cell) => cell.length));
  const least = widths.map((_, i) => of(i, longestWord));
  for (;;) {
    const excess = widths.reduce((sum, w) => sum + w, gap * (columns - 1)) - room;
    const slack = widths.map((w, i) => w - least[i]!);
    const widest = slack.reduce((best, s, i) => (s > slack[best]! ? i : best), 0);
    if (excess <= 0 || slack[widest] === 0) return widths;
    widths[widest]! -= Math.min(excess, Math.max(1, Math.floor(slack[widest]! / 2)));
  }
}

/** Lines without trailing spaces: titles, a rule, one line for each row; a line break at the end of each. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  indent = '',
  width = Number.POSITIVE_INFINITY,
): string {
  const titles = columns.map((c) => c.title);
  const widths = fitted([titles, ...rows], columns.length, width - indent.length);
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, i) => {
      const cell = cells[i] ?? '';
      return align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
    });
    return `${indent}${padded.join(' '.repeat(gap))}`.trimEnd();
  };
  const lines = (cells: readonly string[]): readonly string[] => {
    const broken = columns.map((_, i) => wrapWords(cells[i] ?? '', widths[i]!));
    const height = Math.max(1, ...broken.map((parts) => parts.length));
    return Array.from({ length: height }, (_, at) => line(broken.map((parts) => parts[at] ?? '')));
  };
  const ruled = `${indent}${widths.map((w) => '-'.repeat(w)).join(' '.repeat(gap))}`;
  return `${[...lines(titles), ruled, ...rows.flatMap(lines)].join('\n')}\n`;
}

/** "before -> after", or one of them when nothing changes. */
export const change = (before: string, after: string): string => (before === after ? before : `${before} -> ${after}`);
