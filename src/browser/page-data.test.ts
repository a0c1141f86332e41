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

  it('holds out a share at the end, or reads another text, with the words of what it trains on', () => {
    const training = { ...tinyTraining, loader: loaderOf('word', false) };
    const text = 'a b a\na b\nc a\n';
    const request = { training, vocabulary: 5, words: undefined, text };
    expect(pageData(request).validation).toBeUndefined();
    const share = pageData({ ...request, validation: 0.3 });
    const whole = pageData({ ...request, text: 'a b a\na b\n' });
    expect(share.stream.ids).toEqual(whole.stream.ids);
    expect(share.words).toEqual(whole.words);
    const idOf = (word: string): number => whole.words.indexOf(word);
    const heldOut = [idOf('<unk>'), idOf('a'), idOf('<eos>')];
    expect([...share.validation!.ids]).toEqual(heldOut);
    const other = pageData({ ...request, text: 'a b a\na b\n', validation: new TextEncoder().encode('c a\n') });
    expect([...other.validation!.ids]).toEqual(heldOut);
    expect([...pageData({ ...request, validation: 0.3, validationTokens: 2 }).validation!.ids]).toEqual(
      heldOut.slice(0, 2),
    );
    const bytes = pageData({
      ...request,
      training: { ...tinyTraining, loader: loaderOf('byte', false) },
      validation: 0.3,
    });
    expect([...bytes.validation!.ids]).toEqual([...new TextEncoder().encode('c a\n')]);
  });

  it('refuses validation that is empty, without tokens, or beside a generated source', () => {
    const request = { training: { ...tinyTraining, loader: loaderOf('word', false) }, vocabulary: 5, words: undefined };
    expect(() => pageData({ ...request, text: 'a b', validation: '' })).toThrow(/holds nothing/);
    for (const validationTokens of [0, -1, Number.NaN])
      expect(() => pageData({ ...request, text: 'a b', validation: 0.5, validationTokens })).toThrow(
        /`validationTokens` is/,
      );
    const generated = { training: tinyTraining, vocabulary: 6, words: undefined, text: undefined };
    expect(() => pageData({ ...generated, validation: 0.1 })).toThrow(/is generated/);
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
  expect(found.validation!.ids).toEqual(corpus.splits.get('valid')!.ids);
  expect(found.bestPerplexity).toBe(corpus.bestPerplexity);
});
