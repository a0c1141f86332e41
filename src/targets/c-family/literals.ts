/** Numbers as C writes them. */
import { invariant } from '../../support/assert.js';
import { wrapWords } from '../../support/wrap.js';

/** The shortest usual form that reads back as the same float32. */
export function floatLiteral(value: number): string {
  invariant(Number.isFinite(value), `${value} has no literal`);
  const single = Math.fround(value);
  if (Object.is(single, -0)) return '-0.0f';
  const text = shortest(single);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Nine digits always suffice for a float32; fewer often do. */
function shortest(single: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(single.toPrecision(digits));
    if (Math.fround(text) === single) return String(text);
  }
  return String(Number(single.toPrecision(9)));
}

/** A 64-bit value as C's hexadecimal digits. */
export const hexLiteral = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** A CRC as C's hexadecimal digits. */
export const crcLiteral = (value: number): string => `0x${value.toString(16).padStart(8, '0')}u`;

/** Items with a comma behind each, as many per line as fit into 112 characters. */
export function arrayLines(items: Iterable<string>): string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line.length + item.length > 110) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += `${item}, `;
  }
  if (line !== '') lines.push(line.trimEnd());
  return lines;
}

/** A C string of any text: bytes outside printable ASCII in octal, which cannot swallow what follows. */
export function stringLiteral(text: string): string {
  let result = '"';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') result += `\\${character}`;
    // A question mark could begin a trigraph.
    else if (byte < 32 || byte > 126 || character === '?') result += `\\${byte.toString(8).padStart(3, '0')}`;
    else result += character;
  }
  return `${result}"`;
}

/** Lines of the form `code /* comment *\/` with all comments in one column. */
export function alignComments(lines: readonly string[]): string[] {
  const split = lines.map((line) => {
    const at = line.indexOf(' /*');
    return at < 0 ? { code: line, comment: '' } : { code: line.slice(0, at), comment: line.slice(at + 1) };
  });
  const commented = split.filter(({ comment }) => comment !== '');
  const column = commented.reduce((widest, { code }) => Math.max(widest, code.length), 0);
  return split.map(({ code, comment }) => (comment === '' ? code : `${code.padEnd(column)} ${comment}`));
}

/** Breaks `text` at blanks into lines of at most `width` characters, all but the first behind `indent`. */
export const wrap = (text: string, width: number, indent: string): string => wrapWords(text, width, indent).join('\n');
