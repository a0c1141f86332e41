import { describe, expect, it } from 'vitest';
import { areChunkLabels, chunkF1, chunksOf, countChunks } from './chunks.js';

const words = (text: string): string[] => text.split(' ');

describe('chunksOf', () => {
  it.each([
    ['O B-NP I-NP O', ['1 2 NP']],
    ['B-NP B-NP I-NP', ['0 0 NP', '1 2 NP']],
    // A chunk may begin with I; another type ends it.
    ['I-NP I-VP', ['0 0 NP', '1 1 VP']],
    ['B-NP I-VP I-VP', ['0 0 NP', '1 2 VP']],
    ['O I-NP', ['1 1 NP']],
    ['B-a-b I-a-b', ['0 1 a-b']],
    ['O O', []],
  ])('%s', (labels, chunks) => {
    expect(chunksOf(words(labels))).toEqual(chunks);
  });
});

it('counts as conlleval does', () => {
  // Boundaries, types and single tokens wrong: of 4 chunks found 3, right 1.
  const gold = words('B-NP I-NP O B-VP O B-NP O B-PP');
  const found = words('B-NP O O B-VP O B-PP O O');
  const counts = countChunks(gold, found);
  expect(counts).toEqual({ gold: 4, found: 3, right: 1 });
  expect(chunkF1(counts)).toBeCloseTo((2 * (1 / 3) * (1 / 4)) / (1 / 3 + 1 / 4), 15);
  expect(chunkF1({ gold: 0, found: 0, right: 0 })).toBe(0);
});

it('knows labels that mark chunks', () => {
  expect(areChunkLabels(['O', 'B-x', 'I-x'])).toBe(true);
  for (const labels of [['O'], ['NN', 'O'], ['O', 'B'], ['O', 'E-x']]) expect(areChunkLabels(labels)).toBe(false);
});
