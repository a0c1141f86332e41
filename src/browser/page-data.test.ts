import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCorpus } from '../data/load.js';
import type { StreamLoader } from '../model/model.js';
import { tinyTraining } from '../train/test-support.js';
import { pageData } from './page-data.js';

const folder = mkdtempSync(join(tmpdir(), 'rnnc-page-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const texts = {
  plain: 'the cat sat\non the mat\n',
  'no last line end': 'a b a\n\nc',
  'CRLF and a byte order mark': '\ufeffThe dog\r\nthe DOG\r\n',
  'letters beyond ASCII': 'žluťoučký kůň 你好 🐎\nkůň\n',
};

const loaderOf = (unit: 'word' | 'char' | 'byte', lower: boolean): StreamLoader => {
  return { kind: 'text', directory: folder, batch: 1, unroll: 1, unit, lower };
};

describe('text', () => {
  for (const [name, text] of Object.entries(texts))
    for (const unit of ['word', 'char', 'byte'] as const)
      for (const lower of [false, true])
        it(`${name}, unit=${unit}${lower ? ', lower' : ''}: the ids that Node reads from a file`, () => {
          writeFileSync(join(folder, 'train.txt'), text);
          const vocabulary = unit === 'byte' ? 256 : 7;
          const loader = loaderOf(unit, lower);
          const corpus = loadCorpus(loader, { programFolder: '.', vocabulary, seed: 1, needs: ['train'] });
          const request = { training: { ...tinyTraining, loader }, vocabulary, words: undefined };
          for (const given of [text, new TextEncoder().encode(text)]) {
            const found = pageData({ ...request, text: given });
            expect(found.stream.ids).toEqual(corpus.splits.get('train')!.ids);
            expect(found.start).toBe(corpus.start);
            if (unit !== 'byte') expect(found.words).toEqual(corpus.words);
          }
        });

  it('uses the vocabulary of the weights where there is one', () => {
    const training = { ...tinyTraining, loader: loaderOf('word', false) };
    const words = ['<unk>', 'cat', '<eos>'];
    const { stream, start } = pageData({ training, vocabulary: 3, words, text: 'cat dog\n' });
    expect([...stream.ids]).toEqual([1, 0, 2]);
    expect(start).toBe(2);
    expect(stream.unknown).toBeCloseTo(1 / 3, 12);
  });

  it('refuses none, a NUL byte and bytes that are not UTF-8', () => {
    const request = { training: { ...tinyTraining, loader: loaderOf('word', false) }, vocabulary: 5, words: undefined };
    expect(() => pageData({ ...request, text: undefined })).toThrow(/none was given/);
    expect(() => pageData({ ...request, text: '' })).toThrow(/none was given/);
    expect(() => pageData({ ...request, text: 'a\0b' })).toThrow(/NUL/);
    expect(() => pageData({ ...request, text: Uint8Array.of(0x61, 0xff) })).toThrow(/not UTF-8/);
  });
});

it('a generated source gives the tokens that Node trains on', () => {
  const { loader, seed } = tinyTraining;
  const corpus = loadCorpus(loader, { programFolder: '.', vocabulary: 6, seed });
  const found = pageData({ training: tinyTraining, vocabulary: 6, words: undefined, text: undefined });
  expect(found.stream.ids).toEqual(corpus.splits.get('train')!.ids);
  expect(found.bestPerplexity).toBe(corpus.bestPerplexity);
});
