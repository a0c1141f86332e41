/** A text file line by line, with numbers from 1. CRLF ends a line as LF does; bad text is refused with its line. */
import { Fault } from '../support/fault.js';
import { decodeText } from './decode.js';
import { readChunks } from './files.js';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** All lines of a file; the last one may lack its line end. An empty file is a Fault. */
export function* readLines(path: string): Generator<Line, void, void> {
  let rest = '';
  let number = 0;
  let empty = true;
  for (const text of decodeText(readChunks(path), path)) {
    empty &&= text === '';
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield { text: withoutReturn(line), number: ++number };
  }
  if (empty) throw new Fault('data/empty-file', `${path} is empty`, 'give a file with at least one example');
  if (rest !== '') yield { text: withoutReturn(rest), number: number + 1 };
}

/** Words between ASCII white space. */
export const wordsOf = (text: string): string[] => text.match(/[^ \t\r\v\f\n]+/g) ?? [];
