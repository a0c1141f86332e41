/**
 * The files of SemEval-2010 task 8 (Hendrickx et al. 2010), a third format of `classified`: records of a numbered
 * sentence in quotes with `<e1>` and `<e2>` around two words, its relation, a comment and an empty line.
 * `TRAIN_FILE.TXT` is train and, every tenth record of it, valid; `TEST_FILE_FULL.TXT` is test. Labels nothing itself.
 */
import { basename, dirname, join } from 'node:path';
import { Fault } from '../support/fault.js';
import type { Split } from './corpus.js';
import { type ExampleReader, type Place, placeText } from './example-reader.js';
import { listFiles } from './files.js';
import { readLines } from './lines.js';

const trainFile = 'TRAIN_FILE.TXT';
const testFile = 'TEST_FILE_FULL.TXT';
const fileOf: Readonly<Record<Split, string>> = { train: trainFile, valid: trainFile, test: testFile };

/** One record of so many is for validation: the task has no split for it. */
const validEvery = 10;

export const relationsNote =
  `valid is every ${validEvery}th record of ${trainFile}, which train does without; ` +
  'sentences are cut into words, punctuation and the marks of the two words';

/** Whether a folder has the files of the task under their own names. */
export const holdsRelations = (directory: string): boolean => listFiles(directory).includes(trainFile);

/** The splits that a folder has. */
export function relationSplits(directory: string): readonly string[] {
  const files = listFiles(directory);
  return (['train', 'valid', 'test'] as const).filter((split) => files.includes(fileOf[split]));
}

/** The file of a split, from the folder and the name of the split behind it. */
export const relationFile = (path: string): string => join(dirname(path), fileOf[basename(path) as Split]);

/** Marks of the two words, words with what holds them together inside, and every other character by itself. */
const pieces = /<\/?e[12]>|[\p{L}\p{N}]+(?:[.,'’-][\p{L}\p{N}]+)*|\S/gu;

function sentenceOf(text: string, place: Place): readonly string[] {
  const sentence = /^\d+\s+"(.*)"\s*$/.exec(text)?.[1];
  const marked = ['<e1>', '</e1>', '<e2>', '</e2>'].every((mark) => sentence?.split(mark).length === 2);
  if (sentence !== undefined && marked) return sentence.match(pieces) ?? [];
  const message = `${placeText(place)} is no sentence of the task: found ${JSON.stringify(text.slice(0, 40))}`;
  const hint = 'write a number, a tab and the sentence in quotes with <e1>...</e1> and <e2>...</e2> once each';
  throw new Fault('data/no-relation', message, hint);
}

/** The records of one split. */
export function readRelations(path: string, reader: ExampleReader): void {
  const [file, split] = [relationFile(path), basename(path)];
  let line = 0;
  let last = 0;
  let record = 0;
  let sentence: readonly string[] = [];
  for (const { text, number } of readLines(file)) {
    const place = { path: file, line: number };
    last = number;
    if (text.trim() === '') {
      if (line === 1) throw noRelation(place);
      line = 0;
      continue;
    }
    line++;
    if (line === 1) sentence = sentenceOf(text, place);
    if (line !== 2) continue;
    if (/^comment\s*:/i.test(text)) throw noRelation(place);
    record++;
    const held = record % validEvery === 0;
    if (split !== 'test' && held !== (split === 'valid')) continue;
    for (const word of sentence) reader.word(word);
    reader.label(text.trim(), place);
    reader.end(place);
  }
  if (line === 1) throw noRelation({ path: file, line: last });
}

const noRelation = (place: Place): Fault =>
  new Fault(
    'data/no-label',
    `${placeText(place)} has no relation behind its sentence`,
    'write one on a line of its own',
  );
