/**
 * The formats of `classified`, one label for each sequence: one file per split with `label<TAB>text` lines, or one
 * folder per split with `seq.in` and `label`, a sequence a line.
 */
import { Fault } from '../support/fault.js';
import { type ExampleReader, type Place, placeText } from './example-reader.js';
import { readLines, wordsOf } from './lines.js';
import { readPairs } from './tagged.js';

function readOne(label: string, text: string, place: Place, reader: ExampleReader): void {
  const name = label.trim();
  if (name === '')
    throw new Fault('data/no-label', `${placeText(place)} has no label`, 'write a label, a tab and the text');
  for (const word of wordsOf(text)) reader.word(word);
  reader.label(name, place);
  reader.end(place);
}

const noLabel = (place: Place, found: string): Fault =>
  new Fault(
    'data/no-label',
    `${placeText(place)} has no label: found ${found}`,
    'write a label, a tab and the text on each line',
  );

/** `label<TAB>text` lines; empty ones may stand at the end. */
export function readTable(path: string, reader: ExampleReader): void {
  // What editors leave at the end of a file ends it; an empty line before an example is an example without its label.
  let empty: Place | undefined;
  for (const { text, number } of readLines(path)) {
    const place = { path, line: number };
    if (text.trim() === '') {
      empty ??= place;
      continue;
    }
    if (empty !== undefined) throw noLabel(empty, 'an empty line');
    const tab = text.indexOf('\t');
    if (tab < 0) {
      throw noLabel(place, 'no tab');
    }
    readOne(text.slice(0, tab), text.slice(tab + 1), place, reader);
  }
}

/** `seq.in` and `label`. */
export function readLabelled(folder: string, reader: ExampleReader): void {
  for (const [{ text, number }, label] of readPairs(`${folder}/seq.in`, `${folder}/label`))
    readOne(label, text, { path: `${folder}/seq.in`, line: number }, reader);
}
