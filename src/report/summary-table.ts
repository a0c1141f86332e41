/** Tables as text: columns as wide as their widest cell, numbers to the right. */

export interface Column {
  readonly title: string;
  /** Default: left. */
  readonly align?: 'left' | 'right';
}

/** Lines without trailing spaces: titles, a rule, one line for each row; a line break at the end of each. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): string {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, i) => {
      const cell = cells[i] ?? '';
      return align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
    });
    return `${indent}${padded.join('  ')}`.trimEnd();
  };
  const titles = line(columns.map((c) => c.title));
  const ruled = `${indent}${widths.map((w) => '-'.repeat(w)).join('  ')}`;
  return `${[titles, ruled, ...rows.map(line)].join('\n')}\n`;
}

/** "before -> after", or one of them when nothing changes. */
export const change = (before: string, after: string): string => (before === after ? before : `${before} -> ${after}`);
