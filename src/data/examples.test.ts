import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExampleLoader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { type LoadCorpusOptions, type LoadedExamples, loadCorpus } from './load.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnc-examples-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Files = Readonly<Record<string, string | Uint8Array>>;

const sizes = { directory: '.', batch: 2, maxSteps: 5, buckets: 2, lower: false };

function load(kind: ExampleLoader['kind'], files: Files, more: Partial<LoadCorpusOptions> = {}): LoadedExamples {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  const corpus = loadCorpus({ kind, ...sizes }, { programFolder: folder, vocabulary: 9, classes: 2, seed: 1, ...more });
  if (corpus.kind !== 'examples') throw new Error('a stream');
  return corpus;
}

/** "code: message" of the Fault, without the folder. */
function fault(...args: Parameters<typeof load>): string {
  try {
    load(...args);
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message.replaceAll(`${folder}/`, '')}`;
    throw error;
  }
  throw new Error('no fault');
}

const tagged = (train: string | Uint8Array, test = 'a X\n'): Files => ({
  'train.txt': train,
  'valid.txt': 'a X\n',
  'test.txt': test,
});
const columns = 'a X\nb O\r\n\r\n\n\nc X\n';
const classified = (train: string | Uint8Array): Files => ({
  'train.tsv': train,
  'dev.tsv': 'no\ta\n',
  'test.tsv': 'no\ta\n',
});

describe('tagged', () => {
  it('reads token and label a line, empty lines between sequences, LF or CRLF', () => {
    const corpus = load('tagged', tagged(columns, 'b O\nz O'));
    expect(corpus).toMatchObject({ words: ['a', 'b', 'c', '<unk>'], labels: ['X', 'O'], perToken: true });
    const { ids, starts, labels } = corpus.splits.get('train')!;
    expect([[...ids], [...starts], [...labels]]).toEqual([
      [0, 1, 2],
      [0, 2, 3],
      [0, 1, 0],
    ]);
    expect(corpus.splits.get('test')).toMatchObject({ unknown: 0.5, unseen: [] });
    expect([...corpus.splits.get('test')!.ids]).toEqual([1, 3]);
    expect(corpus.notes.join()).toContain('test 50.00%');
  });

  it('reads folders of seq.in and seq.out', () => {
    const split = { 'seq.in': 'a b\nc\n', 'seq.out': 'X O\nX\n' };
    const files = Object.fromEntries(
      ['train', 'dev', 'test'].flatMap((s) => Object.entries(split).map(([name, text]) => [`d/${s}/${name}`, text])),
    );
    const corpus = load('tagged', files, { directory: join(folder, 'd') });
    const other = load('tagged', { ...tagged(columns), 'valid.txt': columns, 'test.txt': columns });
    expect(corpus.splits.get('train')!.ids).toEqual(other.splits.get('train')!.ids);
    expect(corpus.hash).toBe(other.hash);
  });

  it('counts labels that training never saw as errors, and says where', () => {
    const corpus = load('tagged', tagged(columns, 'a X\nb Q\nb Q\n'));
    expect([...corpus.splits.get('test')!.labels]).toEqual([0, 2, 2]);
    expect(corpus.splits.get('test')!.unseen).toEqual(['Q']);
    expect(corpus.notes.join()).toContain('test: the label Q is never seen in train (2x, first at ');
    expect(corpus.notes.join()).toContain('test.txt:2): each counts as an error');
  });

  it('takes words and labels of a model trained before', () => {
    const corpus = load('tagged', tagged('n N\n', 'b O\n'), {
      needs: ['test'],
      words: ['<unk>', 'b'],
      labels: ['X', 'O'],
    });
    expect([...corpus.splits.keys()]).toEqual(['test']);
    expect([...corpus.splits.get('test')!.ids]).toEqual([1]);
    expect([...corpus.splits.get('test')!.labels]).toEqual([1]);
  });

  const cases: readonly (readonly [Files, string])[] = [
    [tagged('a X\nb\n'), 'data/no-label: train.txt:2 has no label: found only b'],
    [tagged('a P X\n'), 'data/columns: train.txt:1 has 3 columns, expected 2: a token and its label'],
    [tagged('a X\n'), 'data/label-count: train.txt has 1 label, the softmax of the model 2 classes'],
    [tagged(''), 'data/empty-file: train.txt is empty'],
    [tagged('\n\n'), 'data/empty-file: train.txt has no example'],
    [tagged(`${'a X\n'.repeat(6)}`), 'data/too-long: train.txt:6 ends a sequence of 6 words, max_steps is 5'],
    [tagged(Uint8Array.of(97, 32, 88, 10, 0xff, 10)), 'data/not-utf8: train.txt:2 holds bytes that are not UTF-8'],
    [{ 'train.txt': columns, 'dev.txt': columns }, `data/no-split: ${'.'} has no test split: found dev.txt, train.txt`],
  ];
  it.each(cases)('refuses %j', (files, message) => {
    expect(fault('tagged', files).replaceAll(folder, '.')).toBe(message);
  });

  it('refuses lines that do not match', () => {
    const pair = (words: string, labels: string): Files =>
      Object.fromEntries(
        ['train', 'valid', 'test'].flatMap((s) => [
          [`${s}/seq.in`, words],
          [`${s}/seq.out`, labels],
        ]),
      );
    expect(fault('tagged', pair('a b\n', 'X\n'))).toBe('data/no-label: train/seq.out:1 has 1 labels for 2 words');
    expect(fault('tagged', pair('a\nb\n', 'X\n'))).toBe('data/lines: train/seq.out ends before train/seq.in:2');
    expect(fault('tagged', pair('a\n', 'X\nO\n'))).toBe(
      'data/lines: train/seq.out has more lines than train/seq.in, which has 1',
    );
    expect(fault('tagged', pair('a\n\n', 'X\n\n'))).toBe('data/empty-sequence: train/seq.in:2 has no word');
  });
});

describe('classified', () => {
  it('reads label, tab and text', () => {
    const corpus = load('classified', classified('no\tA a\r\nyes\tb  a'), {});
    expect(corpus).toMatchObject({ words: ['a', 'A', 'b', '<unk>'], labels: ['no', 'yes'], perToken: false });
    const { ids, starts, labels } = corpus.splits.get('train')!;
    expect([[...ids], [...starts], [...labels]]).toEqual([
      [1, 0, 2, 0],
      [0, 2, 4],
      [0, 1],
    ]);
  });

  it('skips empty lines at the end, as editors leave them', () => {
    for (const end of ['\n', '\n\n', '\r\n\r\n', '\n \n'])
      expect(load('classified', classified(`no\ta\nyes\tb${end}`), {}).splits.get('train')!.labels).toHaveLength(2);
  });

  it.each([
    [classified('no a\n'), 'data/no-label: train.tsv:1 has no label: found no tab'],
    [classified('no\ta\n\nyes\tb\n'), 'data/no-label: train.tsv:2 has no label: found an empty line'],
    [classified('\ta\n'), 'data/no-label: train.tsv:1 has no label'],
    [classified('no\t \n'), 'data/empty-sequence: train.tsv:1 has a label and no word'],
  ])('refuses %j', (files, message) => {
    expect(fault('classified', files)).toBe(message);
  });
});
