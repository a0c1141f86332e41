import { describe, expect, it } from 'vitest';
import { classifier, doped, emitInput, languageModel, twoOutputs } from '../../../test/support/tiny-plans.js';
import { emitC } from '../c/emit-c.js';
import { crc32 } from '../crc.js';
import { emitNeon } from '../neon/emit-neon.js';
import type { OutputFile } from '../output-file.js';
import { headerBytes } from './blob.js';
import { emitFamily } from './emit-family.js';

const text = (files: readonly OutputFile[], path: string): string => {
  const found = files.find((file) => file.path === path)?.contents;
  if (typeof found !== 'string') throw new Error(`no text ${path}`);
  return found;
};

const models = [
  ['language model', () => languageModel(33, 7, 13)],
  ['doped', () => doped(29, 0.2)],
  ['two outputs', () => twoOutputs(7, 33)],
  ['classifier', () => classifier(13, 5)],
] as const;

describe.each(models)('%s', (_, make) => {
  const all = (['c', 'neon'] as const).map((tier) => emitFamily(emitInput(make(), 'tiny', tier, 'std'), tier));

  it('is the same for the same input', () => {
    expect(emitFamily(emitInput(make(), 'tiny', 'neon', 'std'), 'neon')).toEqual(all[1]);
  });

  it('allocates nothing, prints nothing and has no variables outside functions', () => {
    for (const files of all) {
      const library = ['tiny.h', 'tiny.c'].map((path) => text(files, path)).join('');
      expect(library).not.toMatch(/malloc|calloc|realloc|printf|stdio/);
      expect(library).not.toMatch(/^static (?!.*\()(?!const)[^;]*;/m);
    }
  });

  it('is laid out to be read', () => {
    for (const { path, contents } of all.flat()) {
      if (typeof contents !== 'string') continue;
      expect(contents, path).not.toMatch(/[ \t]$|\n\n\n/m);
      expect(contents.endsWith('\n'), path).toBe(true);
    }
  });

  it('states in its manifest what it holds', () => {
    for (const files of all) {
      const manifest = JSON.parse(text(files, 'manifest.json')) as Record<string, unknown>;
      const listed = manifest['files'] as readonly { readonly name: string; readonly bytes: number; crc32: string }[];
      expect([...listed.map(({ name }) => name), 'manifest.json'].sort()).toEqual(files.map(({ path }) => path).sort());
      for (const { name, bytes, crc32: claimed } of listed) {
        const { contents } = files.find(({ path }) => path === name)!;
        const found = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
        expect({ bytes, crc32: claimed }, name).toEqual({
          bytes: found.length,
          crc32: crc32(found).toString(16).padStart(8, '0'),
        });
      }
      expect(manifest).toMatchObject({ trained: false, prefix: 'tiny', activationBound: 4e-7 });
      const regions = manifest['regions'] as readonly { bytes: number; offset: number }[];
      const sum = regions.reduce((total, { bytes }) => total + bytes, 0);
      expect(manifest['weights']).toMatchObject({ bytes: sum, blobBytes: headerBytes + sum });
    }
  });
});

describe('weights', () => {
  const input = emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std');

  it('are arrays when small and a linked file when large', () => {
    const small = emitC(input).map(({ path }) => path);
    expect(small).toContain('tiny_weights.c');
    expect(small).not.toContain('tiny_blob.S');
    const large = emitFamily(input, 'c', 0);
    const blob = large.find(({ path }) => path === 'tiny_weights.bin')!.contents as Uint8Array;
    expect(new TextDecoder().decode(blob.subarray(0, 4))).toBe('RNNC');
    expect(blob.length).toBe(headerBytes + input.plan.weightBytes);
    expect(text(large, 'tiny_blob.S')).toContain('.incbin "tiny_weights.bin"');
    expect(text(large, 'tiny_weights.c')).not.toContain('float');
  });

  it('say when they are not trained, in header, source, README and manifest', () => {
    const trained = emitC({ ...input, trained: true });
    for (const path of ['tiny.h', 'tiny.c', 'README.md', 'manifest.json']) {
      expect(text(emitC(input), path)).toMatch(/trained"?: false/);
      expect(text(trained, path)).not.toMatch(/trained"?: false/);
    }
  });
});

describe('words', () => {
  const input = emitInput(languageModel(4, 3, 5), 'tiny', 'neon', 'std');
  const words = ['<eos>', 'für', 'a "b"', 'zoë'];
  const emitted = (vocabulary: 'c' | 'file' | 'none') =>
    emitNeon({ ...input, words, options: { ...input.options, vocabulary } });

  it('are a file, one per line, or a C table, or nothing', () => {
    expect(text(emitted('file'), 'tiny_vocab.txt')).toBe('<eos>\nfür\na "b"\nzoë\n');
    expect(text(emitted('c'), 'tiny_vocab.c')).toContain('0, 2, 1, 3,');
    expect(emitted('none').some(({ path }) => path.includes('vocab'))).toBe(false);
  });

  it('are hashed into manifest and source', () => {
    const manifest = JSON.parse(text(emitted('file'), 'manifest.json')) as { vocabulary: { hash: string } };
    expect(manifest.vocabulary.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(text(emitted('file'), 'tiny.c')).toContain(`0x${manifest.vocabulary.hash}`);
  });

  it('cannot hold line breaks', () => {
    expect(() => emitNeon({ ...input, words: ['a\nb'], options: { ...input.options, vocabulary: 'file' } })).toThrow(
      'a line break',
    );
  });
});
