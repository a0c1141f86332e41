/** The `text` loader: a folder of plain text files, one per split, to streams of ids. */
import { join } from 'node:path';
import type { Loader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { DataFile, Split, Stream } from './corpus.js';
import { decodeText } from './decode.js';
import { describeFile, listFiles, readChunks } from './files.js';
import { findSplits } from './splits.js';
import { characterTokenizer, type Emit, endOfLine, unknownWord, wordTokenizer } from './tokenize.js';
import { IdBuffer, Lexicon, rankSymbols } from './vocabulary.js';

export type TextLoader = Extract<Loader, { kind: 'text' }>;

export interface TextRequest {
  readonly directory: string;
  /** Ids there are: `vocab=` of the model's input. */
  readonly vocabulary: number;
  readonly needs: readonly Split[];
  /** A vocabulary made before; train is then not read for it. */
  readonly words: readonly string[] | undefined;
}

export interface TextStreams {
  readonly words: readonly string[];
  readonly start: number;
  readonly splits: ReadonlyMap<Split, Stream>;
  readonly files: readonly DataFile[];
}

type Symbols = Omit<TextStreams, 'files'>;

const refuseEmpty = (path: string): never => {
  throw new Fault('data/empty-file', `${path} is empty`, 'give a file with at least one line of text');
};

/** Hands every symbol of a file to `emit`. */
function readSymbols(path: string, loader: TextLoader, emit: Emit): void {
  const tokenizer = loader.unit === 'word' ? wordTokenizer(loader.lower, emit) : characterTokenizer(loader.lower, emit);
  let characters = 0;
  for (const text of decodeText(readChunks(path), path)) {
    characters += text.length;
    tokenizer.push(text);
  }
  if (characters === 0) refuseEmpty(path);
  tokenizer.end();
}

/** ids of symbols in a known vocabulary; the rest become `<unk>` and are counted. */
function readKnown(path: string, loader: TextLoader, idOf: ReadonlyMap<string, number>): Stream {
  const ids = new IdBuffer();
  const unknownId = idOf.get(unknownWord)!;
  let unknown = 0;
  readSymbols(path, loader, (symbol) => {
    const id = idOf.get(symbol);
    if (id === undefined) unknown++;
    ids.push(id ?? unknownId);
  });
  return { ids: ids.toArray(), unknown: unknown / ids.length, origin: path };
}

/** Train is read once: ids by first appearance are renumbered when the counts are known. */
function renumber(lexicon: Lexicon, idOf: ReadonlyMap<string, number>, origin: string): Stream {
  const unknownId = idOf.get(unknownWord)!;
  const newId = Int32Array.from(lexicon.symbols, (symbol) => idOf.get(symbol) ?? -1);
  const ids = lexicon.ids.toArray();
  let unknown = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = newId[ids[i]!]!;
    if (id < 0) unknown++;
    ids[i] = id < 0 ? unknownId : id;
  }
  return { ids, unknown: unknown / ids.length, origin };
}

const numbered = (words: readonly string[]): Map<string, number> => new Map(words.map((word, id) => [word, id]));

function loadSymbols(loader: TextLoader, request: TextRequest, files: ReadonlyMap<Split, string>): Symbols {
  const splits = new Map<Split, Stream>();
  let words = request.words;
  const train = files.get('train');
  if (words === undefined) {
    const lexicon = new Lexicon();
    readSymbols(train!, loader, lexicon.add);
    words = rankSymbols(lexicon, request.vocabulary);
    splits.set('train', renumber(lexicon, numbered(words), train!));
  }
  const idOf = numbered(words);
  for (const special of [unknownWord, endOfLine]) {
    if (!idOf.has(special))
      throw new Fault('data/odd-vocabulary', `the given vocabulary of ${count(words.length)} words has no ${special}`);
  }
  for (const [split, path] of files) if (!splits.has(split)) splits.set(split, readKnown(path, loader, idOf));
  return { words, start: idOf.get(endOfLine)!, splits };
}

const byteName = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;

/** Bytes are their own ids; no symbol is added and the byte before the first is a line end. */
function loadBytes(loader: TextLoader, request: TextRequest, files: ReadonlyMap<Split, string>): Symbols {
  if (request.vocabulary < 256)
    throw new Fault(
      'data/vocabulary-too-small',
      `unit=byte has 256 symbols, the model has vocab=${request.vocabulary}`,
      'use vocab=256',
    );
  const splits = new Map<Split, Stream>();
  for (const [split, path] of files) {
    const ids = new IdBuffer();
    for (const chunk of readChunks(path)) {
      for (const byte of chunk) ids.push(loader.lower && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
    }
    if (ids.length === 0) refuseEmpty(path);
    splits.set(split, { ids: ids.toArray(), unknown: 0, origin: path });
  }
  return { words: Array.from({ length: 256 }, (_, byte) => byteName(byte)), start: 0x0a, splits };
}

/** Reads every split that is there, and refuses when one of `needs` is not. */
export function loadText(loader: TextLoader, request: TextRequest): TextStreams {
  if (request.vocabulary < 2)
    throw new Fault('data/vocabulary-too-small', `vocab=${request.vocabulary} has no room for <unk> and <eos>`);
  const needsTrain = request.words === undefined && loader.unit !== 'byte';
  const needs = needsTrain ? [...new Set<Split>(['train', ...request.needs])] : request.needs;
  const found = findSplits(listFiles(request.directory), request.directory, needs);
  const wanted = new Set(needs);
  const files = new Map(
    [...found].filter(([split]) => wanted.has(split)).map(([split, name]) => [split, join(request.directory, name)]),
  );
  const described = [...files.values()].map(describeFile);
  const read = loader.unit === 'byte' ? loadBytes(loader, request, files) : loadSymbols(loader, request, files);
  return { ...read, files: described };
}
