/**
 * The formats of `tagged`, a label for every token: one file per split with `token label` lines and an empty line
 * behind each sequence (CoNLL), or one folder per split with `seq.in` and `seq.out`, a sequence a line.
 */
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import { type ExampleReader, type Place, placeText } from './example-reader.js';
import { type Line, readLines, wordsOf } from './lines.js';

/** `token label` lines; an empty line ends a sequence, and so does the end of the file. */
export function readColumns(path: string, reader: ExampleReader): void {
  let place: Place = { path, line: 1 };
  for (const { text, number } of readLines(path)) {
    const columns = wordsOf(text);
    if (columns.length === 0) {
      if (reader.pending > 0) reader.end(place);
      continue;
    }
    place = { path, line: number };
    const [word, label] = columns;
    if (label === undefined)
      throw new Fault(
        'data/no-label',
        `${placeText(place)} has no label: found only ${word}`,
        'write a token, a space and its label on each line, and an empty line between sequences',
      );
    if (columns.length > 2)
      throw new Fault(
        'data/columns',
        `${placeText(place)} has ${columns.length} columns, expected 2: a token and its label`,
        'keep two of them, for example with `awk \'{print NF ? $1 FS $NF : ""}\'`',
      );
    reader.word(word!);
    reader.label(label, place);
  }
  if (reader.pending > 0) reader.end(place);
}

/** Two files line by line, which must have equally many. */
export function* readPairs(path: string, other: string): Generator<readonly [Line, string], void, void> {
  const lines = readLines(other);
  let number = 0;
  for (const line of readLines(path)) {
    const { value: beside, done } = lines.next();
    number = line.number;
    if (done === true || beside === undefined)
      throw new Fault('data/lines', `${other} ends before ${placeText({ path, line: number })}`);
    yield [line, beside.text];
  }
  if (lines.next().done !== true)
    throw new Fault('data/lines', `${other} has more lines than ${path}, which has ${count(number)}`);
}

/** `seq.in` and `seq.out`: as many labels as words on each line. */
export function readSequences(folder: string, reader: ExampleReader): void {
  const path = `${folder}/seq.in`;
  for (const [{ text, number }, beside] of readPairs(path, `${folder}/seq.out`)) {
    const place = { path: `${folder}/seq.out`, line: number };
    const [words, labels] = [wordsOf(text), wordsOf(beside)];
    if (words.length === 0)
      throw new Fault('data/empty-sequence', `${placeText({ path, line: number })} has no word`, 'remove the line');
    if (words.length !== labels.length) {
      const message = `${placeText(place)} has ${labels.length} labels for ${words.length} words`;
      throw new Fault('data/no-label', message, 'give one label for each word');
    }
    for (const word of words) reader.word(word);
    for (const label of labels) reader.label(label, place);
    reader.end(place);
  }
}
