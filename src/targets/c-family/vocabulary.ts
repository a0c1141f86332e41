/** The words: one per line in a file, or as a C table with a search by text. Labels likewise, by class. */
import { Fault } from '../../support/fault.js';
import type { OutputFile } from '../output-file.js';
import { render, type View } from '../render.js';
import type { EmitInput } from './emit-input.js';
import { arrayLines, stringLiteral } from './literals.js';
import type { Program } from './program.js';

const encoder = new TextEncoder();

/** Byte order, as memcmp has it. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Nothing when the program has no words or `vocab = none`. */
export function vocabularyFiles({ p }: Program, { words, options }: EmitInput, common: View): readonly OutputFile[] {
  if (words === undefined || options.vocabulary === 'none') return [];
  if (words.some((word) => word.includes('\n')))
    throw new Fault('emit/word-with-newline', 'a word of the vocabulary holds a line break', 'use `vocab = none`');
  if (options.vocabulary === 'file')
    return [{ path: `${p}_vocab.txt`, contents: words.map((word) => `${word}\n`).join('') }];
  const bytes = words.map((word) => encoder.encode(word));
  const sorted = words.map((_, id) => id).sort((a, b) => compareBytes(bytes[a]!, bytes[b]!));
  const view = {
    ...common,
    count: words.length,
    words: words.map((word) => `${stringLiteral(word)},`),
    sorted: arrayLines(sorted.map(String)),
  };
  return [
    { path: `${p}_vocab.h`, contents: render('c/vocabulary.h', view) },
    { path: `${p}_vocab.c`, contents: render('c/vocabulary.c', view) },
  ];
}

/** Nothing when the model has no labels or `vocab = none`. */
export function labelFiles({ p }: Program, { labels, options }: EmitInput, common: View): readonly OutputFile[] {
  if (labels === undefined || options.vocabulary === 'none') return [];
  if (options.vocabulary === 'file')
    return [{ path: `${p}_labels.txt`, contents: labels.map((label) => `${label}\n`).join('') }];
  const view = { ...common, count: labels.length, labels: labels.map((label) => `${stringLiteral(label)},`) };
  return [
    { path: `${p}_labels.h`, contents: render('c/labels.h', view) },
    { path: `${p}_labels.c`, contents: render('c/labels.c', view) },
  ];
}

/** Names of the functions that are in the tables among `files`. */
export const tableFunctions = ({ p }: Program, files: readonly OutputFile[]): readonly string[] => {
  const has = (table: string): boolean => files.some(({ path }) => path === `${p}_${table}.c`);
  return [...(has('vocab') ? [`${p}_token`, `${p}_word`] : []), ...(has('labels') ? [`${p}_label`] : [])];
};
