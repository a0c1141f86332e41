/** From the loader that a program names to the streams or examples it trains on. All faults of data are found here. */
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { type ExampleLoader, type Loader, readsExamples, type StreamLoader } from '../model/model.js';
import { invariant } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import { type Batches, streamBatches } from './batches.js';
import type { Corpus, ExampleCorpus, Split, Stream, StreamCorpus } from './corpus.js';
import { exampleBatches } from './example-batches.js';
import { loadExamples } from './examples.js';
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
  /** Classes of the softmax that labelled examples are for. */
  readonly classes?: number;
  /** id -> label of a model trained before, beside `words`. */
  readonly labels?: readonly string[];
}

/** What the reader of a corpus should be told: fewer words than ids, the share of unknown words. */
interface Noted {
  readonly notes: readonly string[];
}
export type LoadedStreams = StreamCorpus & Noted;
export type LoadedExamples = ExampleCorpus & Noted;
export type LoadedCorpus = LoadedStreams | LoadedExamples;

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

type Shares = ReadonlyMap<Split, { readonly unknown: number }>;

function notesOf(words: readonly string[], splits: Shares, vocabulary: number): string[] {
  const notes: string[] = [];
  if (words.length < vocabulary)
    notes.push(`the data has ${count(words.length)} of the ${count(vocabulary)} words that vocab= has room for`);
  const shares = [...splits].map(([split, stream]) => `${split} ${percent(stream.unknown)}`);
  notes.push(`words outside the vocabulary: ${shares.join(', ')}`);
  return notes;
}

/** Where a loader's folder is. */
function directoryOf(named: string, options: LoadCorpusOptions): string {
  if (options.directory !== undefined) return options.directory;
  return isAbsolute(named) ? named : join(options.programFolder, named);
}

function refuseMoreWords(words: readonly string[], vocabulary: number): void {
  if (words.length <= vocabulary) return;
  throw new Fault(
    'data/vocabulary-too-small',
    `the given vocabulary has ${count(words.length)} words, the model has vocab=${count(vocabulary)}`,
  );
}

function openExamples(loader: ExampleLoader, options: LoadCorpusOptions): LoadedExamples {
  const { vocabulary, classes, needs = everySplit, words, labels } = options;
  invariant(classes !== undefined, 'labelled examples are for a softmax');
  const directory = directoryOf(loader.directory, options);
  const read = loadExamples(loader, { directory, vocabulary, classes, needs, words, labels });
  refuseMoreWords(read.words, vocabulary);
  return { ...read, notes: [...notesOf(read.words, read.splits, vocabulary), ...read.notes] };
}

/** The corpus of a loader; throws a Fault for every kind of bad data. */
export function loadCorpus(loader: StreamLoader, options: LoadCorpusOptions): LoadedStreams;
export function loadCorpus(loader: Loader, options: LoadCorpusOptions): LoadedCorpus;
export function loadCorpus(loader: Loader, options: LoadCorpusOptions): LoadedCorpus {
  return readsExamples(loader) ? openExamples(loader, options) : openStreams(loader, options);
}

function openStreams(loader: StreamLoader, options: LoadCorpusOptions): LoadedStreams {
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
    return { kind: 'streams', ...made, hash: hashCorpus(made.words, made.splits), notes };
  }
  const request = { directory: directoryOf(loader.directory, options), vocabulary, needs, words: options.words };
  const read = loadText(loader, request);
  refuseMoreWords(read.words, vocabulary);
  return {
    kind: 'streams',
    ...read,
    hash: hashCorpus(read.words, read.splits),
    notes: notesOf(read.words, read.splits, vocabulary),
  };
}

/** How the train split is cut into the batches of a run. */
export function batchesOf(corpus: Corpus, loader: Loader, seed: number): Batches {
  if (!corpus.splits.has('train')) throw new Fault('data/no-split', 'the data has no train split');
  if (corpus.kind === 'examples') {
    invariant(readsExamples(loader), 'examples come from a loader of examples');
    const { batch, buckets } = loader;
    return exampleBatches(corpus.splits.get('train')!, { batch, buckets, seed, perToken: corpus.perToken });
  }
  invariant(!readsExamples(loader), 'a stream comes from a loader of streams');
  const { start, splits } = corpus;
  return streamBatches({ stream: splits.get('train')!, start }, loader.batch, loader.unroll);
}
