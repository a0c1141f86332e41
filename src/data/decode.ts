/**
 * Bytes to text: takes a byte order mark away and refuses what is not text (a NUL byte, a sequence that is not UTF-8)
 * with the file and the line. It never replaces a bad byte and never holds more than one chunk.
 */
import { isUtf8 } from 'node:buffer';
import { Fault } from '../support/fault.js';

const newline = 0x0a;

/** How many bytes at the end of `bytes` belong to a character that may be completed by the next chunk: 0 to 3. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++;
  return lines;
}

/** Number of line ends before the first line that is not UTF-8. */
function goodLines(bytes: Uint8Array): number {
  let lines = 0;
  let start = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, start)) {
    if (!isUtf8(bytes.subarray(start, at))) return lines;
    lines++;
    start = at + 1;
  }
  return lines;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Refuses bytes that no text holds; `line` is the number of line ends before them. */
function refuseBinary(bytes: Uint8Array, path: string, line: number): void {
  const zero = bytes.indexOf(0);
  if (zero < 0) return;
  const at = line + countLines(bytes.subarray(0, zero)) + 1;
  throw new Fault('data/binary', `${path}:${at} holds a NUL byte: the file is not text`, 'give plain UTF-8 text files');
}

function refuseOddBytes(path: string, line: number): never {
  throw new Fault(
    'data/not-utf8',
    `${path}:${line + 1} holds bytes that are not UTF-8`,
    'convert the file to UTF-8, for example with `iconv -t utf-8`',
  );
}

/** The text of a file, piece by piece; no piece ends inside a character. */
export function* decodeText(chunks: Iterable<Uint8Array>, path: string): Generator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = new Uint8Array(0);
  let line = 0;
  let first = true;
  for (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : join(rest, chunk);
    const whole = bytes.subarray(0, bytes.length - unfinished(bytes));
    rest = bytes.slice(whole.length);
    refuseBinary(whole, path, line);
    if (!isUtf8(whole)) refuseOddBytes(path, line + goodLines(whole));
    line += countLines(whole);
    const text = decoder.decode(whole);
    yield first && text.startsWith('\ufeff') ? text.slice(1) : text;
    if (text !== '') first = false;
  }
  if (rest.length > 0) refuseOddBytes(path, line);
}
