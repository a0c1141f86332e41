/** From the loader that a program names to the streams it trains on. Every fault of the data is found here. */
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Loader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { Corpus, Split, Stream } from './corpus.js';
import { loadGenerated } from './generated.js';
import { loadText } from './text.js';

export interface LoadCorpusOptions {
  /** Folder of the program: what a relative `text("ptb")` is relative to. */
  readonly programFolder: string;
  /** `--data DIR`: takes the place of the folder that the program names. */
  readonly directory?: string;
  /** Ids that the model has: `vocab=` of its input. */
  readonly vocabulary: number;
  /** Seed of a generated source. */
  readonly seed: number;
  /** Splits that must be there; only these are read. All when left out. */
  readonly needs?: readonly Split[];
  /** id -> word of a vocabulary made before; train is then not needed to make one. */
  readonly words?: readonly string[];
}

/** A corpus with what its reader should be told: fewer words than ids, the share of unknown words. */
export interface LoadedCorpus extends Corpus {
  readonly notes: readonly string[];
}

const everySplit: readonly Split[] = ['train', 'valid', 'test'];

/** sha256, in hexadecimal, over the words and over the name, length and ids of every split. */
export function hashCorpus(words: readonly string[], splits: ReadonlyMap<Split, Stream>): string {
  const hash = createHash('sha256').update(`${words.length}\n`).update(JSON.stringify(words));
  for (const split of everySplit) {
    const stream = splits.get(split);
    if (stream === undefined) continue;
    const { buffer, byteOffset, byteLength } = stream.ids;
    hash.update(`\n${split} ${stream.ids.length}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** 0.0123 -> "1.23%". */
const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

function notesOf(words: readonly string[], splits: ReadonlyMap<Split, Stream>, vocabulary: number): string[] {
  const notes: string[] = [];
  if (words.length < vocabulary)
    notes.push(`the data has ${count(words.length)} of the ${count(vocabulary)} words that vocab= has room for`);
  const shares = [...splits].map(([split, stream]) => `${split} ${percent(stream.unknown)}`);
  notes.push(`words outside the vocabulary: ${shares.join(', ')}`);
  return notes;
}

/** Where a text loader's folder is. */
function directoryOf(named: string, options: LoadCorpusOptions): string {
  if (options.directory !== undefined) return options.directory;
  return isAbsolute(named) ? named : join(options.programFolder, named);
}

/** The corpus of a loader; throws a Fault for every kind of bad data. */
export function loadCorpus(loader: Loader, options: LoadCorpusOptions): LoadedCorpus {
  const { vocabulary, needs = everySplit } = options;
  if (loader.kind === 'generated') {
    if (loader.vocabulary > vocabulary)
      throw new Fault(
        'data/vocabulary-too-small',
        `generated(vocab=${count(loader.vocabulary)}) has more words than the model's vocab=${count(vocabulary)}`,
        `use vocab=${loader.vocabulary} in both`,
      );
    const made = loadGenerated(loader, options.seed);
    const notes = made.words.length < vocabulary ? notesOf(made.words, made.splits, vocabulary).slice(0, 1) : [];
    return { ...made, hash: hashCorpus(made.words, made.splits), notes };
  }
  const request = { directory: directoryOf(loader.directory, options), vocabulary, needs, words: options.words };
  const read = loadText(loader, request);
  if (read.words.length > vocabulary)
    throw new Fault(
      'data/vocabulary-too-small',
      `the given vocabulary has ${count(read.words.length)} words, the model has vocab=${count(vocabulary)}`,
    );
  return {
    ...read,
    hash: hashCorpus(read.words, read.splits),
    notes: notesOf(read.words, read.splits, vocabulary),
  };
}
