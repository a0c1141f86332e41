/** The changes between two programs as text: a section for each block, `-` for what goes, `+` for what comes. */
import type { Change } from './difference.js';

const indent = (mark: string, { name }: Change, value: string): string =>
  `  ${mark} ${value === '' ? name : `${name}: ${value}`}\n`;

/** Numbers that change stand on one line with their ratio; words on two. */
function changeText(change: Change): string {
  const { before, after, name } = change;
  if (before === undefined) return indent('+', change, after ?? '');
  if (after === undefined) return indent('-', change, before);
  const [from, to] = [before, after].map((text) =>
    /^[\d,]+$/.test(text) ? Number(text.replaceAll(',', '')) : Number.NaN,
  );
  if (Number.isFinite(from) && Number.isFinite(to)) {
    const ratio = from === 0 || to === 0 ? '' : ` (${Number((to! / from!).toPrecision(4))} times)`;
    return `  ~ ${name}: ${before} -> ${after}${ratio}\n`;
  }
  return `${indent('-', change, before)}${indent('+', change, after)}`;
}

/** Sections in the order of the changes; one line when there are none. */
export function differenceText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'the programs mean the same\n';
  const sections = [...new Set(changes.map((c) => c.section))];
  const texts = sections.map(
    (section) =>
      `${section}\n${changes
        .filter((c) => c.section === section)
        .map(changeText)
        .join('')}`,
  );
  return texts.join('\n');
}
