import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamLoader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { type LoadCorpusOptions, loadCorpus } from './load.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnc-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Text = Extract<StreamLoader, { kind: 'text' }>;
const text = (change: Partial<Text> = {}): Text => ({
  kind: 'text',
  directory: 'd',
  batch: 2,
  unroll: 3,
  unit: 'word',
  lower: false,
  ...change,
});
const put = (files: Readonly<Record<string, string | Uint8Array>>): void => {
  mkdirSync(join(folder, 'd'), { recursive: true });
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, 'd', name), contents);
};
const three = (train: string | Uint8Array): Record<string, string | Uint8Array> => ({
  'x.train.txt': train,
  'x.valid.txt': 'a\n',
  'x.test.txt': 'a\n',
});
const load = (vocabulary = 10, loader: StreamLoader = text(), more: Partial<LoadCorpusOptions> = {}) =>
  loadCorpus(loader, { programFolder: folder, vocabulary, seed: 1, ...more });
const fault = (run: () => unknown): Fault => {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault');
};

describe('word vocabularies', () => {
  it('ranks by count, ties by first place, with <unk> and <eos> inside', () => {
    put({ 'ptb.train.txt': ' b a a \n c b <unk> \n', 'ptb.valid.txt': ' a z \n', 'ptb.test.txt': ' c \n' });
    const corpus = load(10);
    // b 2, a 2, <eos> 2, c 1, <unk> 1.
    expect(corpus.words).toEqual(['b', 'a', '<eos>', 'c', '<unk>']);
    expect([...corpus.splits.get('train')!.ids]).toEqual([0, 1, 1, 2, 3, 0, 4, 2]);
    expect([...corpus.splits.get('valid')!.ids]).toEqual([1, 4, 2]);
    expect(corpus.splits.get('valid')!.unknown).toBeCloseTo(1 / 3, 15);
    expect(corpus.start).toBe(2);
    expect(corpus.notes.join()).toContain('5 of the 10 words');
    expect(corpus.notes.join()).toContain('valid 33.33%');
  });

  it('keeps exactly vocab= symbols and says how many words fell out', () => {
    put({ 'train.txt': 'a a a b b c d\n', 'dev.txt': 'd\n', 'test.txt': 'a\n' });
    const corpus = load(4);
    expect(corpus.words).toEqual(['a', 'b', '<eos>', '<unk>']);
    expect(corpus.splits.get('train')!.unknown).toBeCloseTo(2 / 8, 15);
    expect([...corpus.splits.get('train')!.ids]).toEqual([0, 0, 0, 1, 1, 3, 3, 2]);
  });

  it('lowers words when asked', () => {
    put(three('The the THE\n'));
    expect(load(9, text({ lower: true })).words).toEqual(['the', '<eos>', '<unk>']);
    expect(load(9).words).toHaveLength(5);
  });

  it('reads with a vocabulary made before, without train', () => {
    put({ 'test.txt': 'b q\n' });
    const words = ['a', 'b', '<unk>', '<eos>'];
    const corpus = load(4, text(), { words, needs: ['test'] });
    expect([...corpus.splits.keys()]).toEqual(['test']);
    expect([...corpus.splits.get('test')!.ids]).toEqual([1, 2, 3]);
    expect(fault(() => load(4, text(), { words: ['a'], needs: ['test'] })).code).toBe('data/odd-vocabulary');
    expect(fault(() => load(3, text(), { words, needs: ['test'] })).code).toBe('data/vocabulary-too-small');
  });
});

describe('lines', () => {
  const tokens = (train: string | Uint8Array): string => {
    put(three(train));
    const corpus = load(20);
    return [...corpus.splits.get('train')!.ids].map((id) => corpus.words[id]).join(' ');
  };
  it.each([
    ['a b\n\nc\n', 'a b <eos> <eos> c <eos>'],
    ['a b\r\n\r\nc\r\n', 'a b <eos> <eos> c <eos>'],
    ['a b\n\nc', 'a b <eos> <eos> c <eos>'],
    ['a\n  \t', 'a <eos>'],
    ['\ufeffa b\n', 'a b <eos>'],
    ['a \ufeffb\n', 'a \ufeffb <eos>'],
    ['\n', '<eos>'],
  ])('%j', (train, expected) => expect(tokens(train)).toBe(expected));

  it('is the same wherever a read ends', () => {
    // Chunks are 1 MiB: words of odd length and three-byte letters fall across their edges.
    const line = `${'\u20ac'.repeat(7)} bb\r\n`;
    const lines = Math.ceil((2.5 * 2 ** 20) / Buffer.byteLength(line));
    put(three(line.repeat(lines)));
    const corpus = load(20);
    expect(corpus.words).toEqual(['\u20ac'.repeat(7), 'bb', '<eos>', '<unk>']);
    expect(corpus.splits.get('train')!.ids).toHaveLength(3 * lines);
  });
});

describe('characters and bytes', () => {
  it('takes code points, with <eos> for each line end', () => {
    put({ 'train.txt': 'ab\u{1f600}\r\n\nA ', 'valid.txt': 'a\n', 'test.txt': 'z' });
    const corpus = load(20, text({ unit: 'char' }));
    const train = [...corpus.splits.get('train')!.ids].map((id) => corpus.words[id]);
    expect(train).toEqual(['a', 'b', '\u{1f600}', '<eos>', '<eos>', 'A', ' ', '<eos>']);
    expect([...corpus.splits.get('test')!.ids].map((id) => corpus.words[id])).toEqual(['<unk>', '<eos>']);
  });
  it('keeps a lone carriage return and lowers', () => {
    put(three('A\rB\r'));
    const corpus = load(20, text({ unit: 'char', lower: true }));
    expect([...corpus.splits.get('train')!.ids].map((id) => corpus.words[id])).toEqual(['a', '\r', 'b', '\r', '<eos>']);
  });
  it('takes bytes as they are', () => {
    put(three(Uint8Array.of(0, 255, 65, 10)));
    const corpus = load(256, text({ unit: 'byte' }));
    expect([...corpus.splits.get('train')!.ids]).toEqual([0, 255, 65, 10]);
    expect(corpus.words[65]).toBe('A');
    expect(corpus.words[0]).toBe('\\x00');
    expect(corpus.start).toBe(10);
    expect(fault(() => load(255, text({ unit: 'byte' }))).code).toBe('data/vocabulary-too-small');
  });
});

describe('bad data', () => {
  it('names the file and the line', () => {
    put(three(Buffer.concat([Buffer.from('a\nb\n'), Buffer.from([0x63, 0xc3, 0x28, 10])])));
    expect(fault(load)).toMatchObject({ code: 'data/not-utf8', message: expect.stringContaining('x.train.txt:3 ') });
    put(three(Buffer.from([0x61, 10, 0xe2, 0x82])));
    expect(fault(load)).toMatchObject({ code: 'data/not-utf8', message: expect.stringContaining('x.train.txt:2 ') });
    put(three('a\n\n\nb\0c\n'));
    expect(fault(load)).toMatchObject({ code: 'data/binary', message: expect.stringContaining('x.train.txt:4 ') });
  });
  it('finds the line in a later chunk', () => {
    put(three(Buffer.concat([Buffer.alloc(2_000_000, 'abc\n'), Buffer.from([0xff, 10])])));
    expect(fault(load).message).toContain('x.train.txt:500001 ');
  });
  it('refuses empty files', () => {
    put(three(''));
    expect(fault(load).code).toBe('data/empty-file');
    put(three('\ufeff'));
    expect(fault(load).code).toBe('data/empty-file');
    put({ ...three('a\n'), 'x.valid.txt': '' });
    expect(fault(load).message).toContain('x.valid.txt is empty');
  });
  it('refuses folders without the splits', () => {
    expect(fault(load)).toMatchObject({ code: 'data/no-folder', message: expect.stringContaining('does not exist') });
    writeFileSync(join(folder, 'file'), 'a');
    expect(fault(() => load(9, text(), { directory: join(folder, 'file') })).code).toBe('data/not-a-folder');
    mkdirSync(join(folder, 'd'));
    expect(fault(load).message).toContain('no train split: found no file at all');
    put({ 'input.txt': 'a\n' });
    expect(fault(load).message).toContain('found input.txt');
    put({ 'train.txt': 'a\n', 'val.txt': 'a\n' });
    expect(fault(load)).toMatchObject({ code: 'data/no-split', message: expect.stringContaining('no test split') });
    expect([...load(9, text(), { needs: ['train', 'valid'] }).splits.keys()]).toEqual(['train', 'valid']);
  });
  it('never guesses between files', () => {
    put({ 'train.de': 'a\n', 'train.en': 'a\n' });
    expect(fault(load)).toMatchObject({ code: 'data/ambiguous-split' });
    expect(fault(load).message).toContain('train.de, train.en');
    rmSync(join(folder, 'd'), { recursive: true });
    put({ 'train-test.txt': 'a\n' });
    expect(fault(load).message).toContain('names both train and test');
  });
  it('reads the words of a name as words', () => {
    put({ 'training_1.txt': 'a\n', 'DEV.txt': 'b\n', 'newtest.txt': 'c\n', 'latest-notes': 'x', README: 'x' });
    expect(fault(load).message).toContain('latest-notes, newtest.txt');
    rmSync(join(folder, 'd', 'latest-notes'));
    expect(load().splits.get('test')!.origin).toContain('newtest.txt');
  });
});

describe('generated', () => {
  const generated = (order: number, vocabulary = 12, tokens = 20_000): StreamLoader => ({
    kind: 'generated',
    order,
    vocabulary,
    tokens,
    batch: 2,
    unroll: 5,
  });
  it.each([1, 2, 3])('order %i: the source is as good as its entropy, the best bigram no better', (order) => {
    const corpus = load(12, generated(order));
    expect([...corpus.splits].map(([split, s]) => [split, s.ids.length])).toEqual([
      ['train', 20_000],
      ['valid', 2_000],
      ['test', 2_000],
    ]);
    const train = corpus.splits.get('train')!;
    expect(Math.abs(train.sourcePerplexity! / corpus.bestPerplexity! - 1)).toBeLessThan(0.05);
    if (order === 1) expect(train.bigramPerplexity).toBeCloseTo(train.sourcePerplexity!, 9);
    else expect(train.bigramPerplexity!).toBeGreaterThan(1.15 * train.sourcePerplexity!);
  });
  it('is the same for one seed and another for another', () => {
    const hash = (seed: number) => load(12, generated(2), { seed }).hash;
    expect(hash(1)).toBe(hash(1));
    expect(hash(1)).not.toBe(hash(2));
  });
  it('refuses what cannot be made', () => {
    expect(fault(() => load(12, generated(2, 13))).code).toBe('data/vocabulary-too-small');
    expect(fault(() => load(99, generated(40))).code).toBe('data/generated-size');
  });
});

it('the hash changes with every id, word and split', () => {
  const hashes = ['a b\n', 'a c\n', 'a\nb\n', 'b a\n'].map((train) => {
    put(three(train));
    return load().hash;
  });
  put(three('a b\n'));
  hashes.push(load(10, text(), { needs: ['train'] }).hash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
});
