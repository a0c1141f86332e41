import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Fault } from '../support/fault.js';
import { type LoadedExamples, loadCorpus } from './load.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnc-relations-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = (number: number, text: string, relation: string): string =>
  `${number}\t"${text}"\r\n${relation}\r\nComment: none of it\r\nand more\r\n\r\n`;

/** Twenty records, the tenth and the last one about a box. */
const train = Array.from({ length: 20 }, (_, i) =>
  (i + 1) % 10 === 0
    ? record(i + 1, 'A <e1>box</e1>, well-made, of <e2>nails</e2>.', 'Content-Container(e2,e1)')
    : record(
        i + 1,
        'The <e1>fire</e1> made <e2>smoke</e2>!',
        i % 2 === 0 ? 'Cause-Effect(e1,e2)' : 'Content-Container(e2,e1)',
      ),
).join('');
const test =
  record(8001, '<e1>Smoke</e1> of a <e2>fire</e2>', 'Other') +
  record(8002, '<e1>a</e1> <e2>b</e2>', 'Cause-Effect(e1,e2)').trim();

function load(files: Readonly<Record<string, string>>, classes = 2): LoadedExamples {
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  const loader = { kind: 'classified', directory: '.', batch: 2, maxSteps: 20, buckets: 2, lower: false } as const;
  const corpus = loadCorpus(loader, { programFolder: folder, vocabulary: 30, classes, seed: 1 });
  if (corpus.kind !== 'examples') throw new Error('a stream');
  return corpus;
}

it('reads the files of the task as they come, every tenth record of train as valid', () => {
  const files = {
    'TRAIN_FILE.TXT': train,
    'TEST_FILE_FULL.TXT': test,
    'TEST_FILE_KEY.TXT': '1',
    'TRAIN_README.txt': '2',
  };
  const { words, labels, splits, notes } = load(files);
  const [first, valid, last] = ['train', 'valid', 'test'].map((split) => splits.get(split as 'train')!);
  expect([first, valid, last].map((split) => split!.starts.length - 1)).toEqual([18, 2, 2]);
  const sentence = [...first!.ids.subarray(0, first!.starts[1])].map((id) => words[id]);
  expect(sentence).toEqual(['The', '<e1>', 'fire', '</e1>', 'made', '<e2>', 'smoke', '</e2>', '!']);
  // `A`, `box`, two commas, `well-made`, `of`, `nails` and the full stop are not in train.
  expect([...valid!.ids.subarray(0, valid!.starts[1])].filter((id) => words[id] === '<unk>')).toHaveLength(8);
  expect([...valid!.labels].map((label) => labels[label])).toEqual(Array(2).fill('Content-Container(e2,e1)'));
  expect(last!.unseen).toEqual(['Other']);
  expect(notes.join('\n')).toContain('every 10th record of TRAIN_FILE.TXT');
});

it.each([
  [
    'no marks',
    '1\t"a b"\nOther\n',
    'data/no-relation: TRAIN_FILE.TXT:1 is no sentence of the task: found "1\\t\\"a b\\""',
  ],
  ['no quotes', '1\t<e1>a</e1> <e2>b</e2>\nOther\n', 'data/no-relation: TRAIN_FILE.TXT:1 is no sentence'],
  ['a mark twice', '1\t"<e1>a</e1> <e1>a</e1> <e2>b</e2>"\nOther\n', 'data/no-relation: TRAIN_FILE.TXT:1 is'],
  ['no relation', '1\t"<e1>a</e1> <e2>b</e2>"\n\n', 'data/no-label: TRAIN_FILE.TXT:2 has no relation'],
  ['a comment for it', '1\t"<e1>a</e1> <e2>b</e2>"\nComment: x\n', 'data/no-label: TRAIN_FILE.TXT:2 has no'],
  ['an early end', `${train}21\t"<e1>a</e1> <e2>b</e2>"`, 'data/no-label: TRAIN_FILE.TXT:101 has no relation'],
])('refuses records with %s', (_, text, message) => {
  const found = (): string => {
    try {
      load({ 'TRAIN_FILE.TXT': text, 'TEST_FILE_FULL.TXT': test });
    } catch (error) {
      if (error instanceof Fault) return `${error.code}: ${error.message.replaceAll(`${folder}/`, '')}`;
      throw error;
    }
    return 'nothing';
  };
  expect(found()).toContain(message);
});

it('says which file of the task is missing', () => {
  expect(() => load({ 'TRAIN_FILE.TXT': train })).toThrow('has no test split');
});
