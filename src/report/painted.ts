/**
 * Reports for a terminal with colours: titles of tables and first lines of sections bold, rules and the branches of
 * trees dim. Works on the finished text, so that with and without colours the same characters stand in the same places.
 */
import type { Paint } from '../support/colour.js';

/** The rule below the titles of a table: `----  ------`. */
const isRule = (line: string | undefined): boolean => line !== undefined && /^ *-{2,}(?: {2,}-+)*$/.test(line);

/** `compress` above indented lines. */
const isHeading = (line: string, next: string | undefined): boolean => /^\S/.test(line) && /^ +\S/.test(next ?? '');

/** Where the titles above the rule at `at` begin: titles may be broken over lines. */
function titlesAbove(lines: readonly string[], at: number): number {
  const indent = /^ */.exec(lines[at]!)![0].length;
  const isTitle = (line: string | undefined): boolean =>
    line !== undefined && line.trim() !== '' && /^ */.exec(line)![0].length >= indent && !isRule(line);
  let first = at;
  while (isTitle(lines[first - 1]) && (indent > 0 || first === at)) first--;
  return first;
}

function paintLine(line: string, bold: boolean, paint: Paint): string {
  if (isRule(line)) return paint('dim', line);
  if (bold) return paint('bold', line);
  const [branch] = /^[│├└─ ]*[│├└─]/.exec(line) ?? [''];
  return branch === '' ? line : paint('dim', branch) + line.slice(branch.length);
}

/** The same text with its titles and lines painted. */
export function paintReport(text: string, paint: Paint): string {
  const lines = text.split('\n');
  const bold = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (isHeading(line, lines[at + 1])) bold.add(at);
    if (isRule(line)) for (let title = titlesAbove(lines, at); title < at; title++) bold.add(title);
  }
  return lines.map((line, at) => paintLine(line, bold.has(at), paint)).join('\n');
}
