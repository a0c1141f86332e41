/**
 * What a page trains on and validates on: the program's own generated source, or a text that the page was given, with
 * another one or its end held out. Reads no file.
 */
import type { Stream } from '../data/corpus.js';
import { type GeneratedLoader, loadGenerated } from '../data/generated.js';
import { characterTokenizer, type Emit, endOfLine, unknownWord, wordTokenizer } from '../data/tokenize.js';
import { IdBuffer, Lexicon, rankSymbols } from '../data/vocabulary.js';
import { type Loader, readsExamples, type Training } from '../model/model.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { holdOut, type Text } from './held-out.js';

type TextLoader = Extract<Loader, { kind: 'text' }>;

export interface PageData {
  readonly stream: Stream;
  /** What is held out. */
  readonly validation: Stream | undefined;
  /** The id before the first token, of either. */
  readonly start: number;
  /** id -> word. */
  readonly words: readonly string[];
  readonly bestPerplexity: number | undefined;
}

export interface PageDataRequest {
  readonly training: Training;
  /** Ids that the model's input has. */
  readonly vocabulary: number;
  /** The vocabulary of the emitted weights; made from the text where there is none. */
  readonly words: readonly string[] | undefined;
  readonly text: Text | undefined;
  /** A text, or the share of `text` that is held out. */
  readonly validation?: Text | number | undefined;
  /** The first so many held-out tokens alone. */
  readonly validationTokens?: number | undefined;
}

const origin = 'the text';

const badValidation = (message: string, hint: string): Fault => new Fault('page/bad-validation', message, hint);

/** The text as a loader under Node would read it from a file. */
function decode(text: Text): string {
  let whole: string;
  try {
    whole = typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    throw new Fault('data/not-utf8', 'the text holds bytes that are not UTF-8', 'convert it to UTF-8');
  }
  if (whole.includes('\0')) throw new Fault('data/binary', 'the text holds a NUL byte', 'give plain UTF-8 text');
  return whole.startsWith('\ufeff') ? whole.slice(1) : whole;
}

function readSymbols(text: string, loader: TextLoader, emit: Emit): void {
  const tokenizer = loader.unit === 'word' ? wordTokenizer(loader.lower, emit) : characterTokenizer(loader.lower, emit);
  tokenizer.push(text);
  tokenizer.end();
}

/** The vocabulary that `rnnc train` would make of this text. */
function wordsOf(text: string, loader: TextLoader, vocabulary: number): readonly string[] {
  const lexicon = new Lexicon();
  readSymbols(text, loader, lexicon.add);
  return rankSymbols(lexicon, vocabulary);
}

/** A training text and what is held out of it, where anything is. */
interface Texts<T extends Text> {
  readonly train: T;
  readonly validation: T | undefined;
}

const textsOf = <T extends Text>(train: T, validation: T | number | undefined): Texts<T> =>
  typeof validation === 'number' ? holdOut(train, validation) : { train, validation };

type Streams = Pick<PageData, 'stream' | 'validation'>;

function streamsOf<T extends Text>({ train, validation }: Texts<T>, read: (text: T) => Stream): Streams {
  return { stream: read(train), validation: validation === undefined ? undefined : read(validation) };
}

function symbolData(texts: Texts<string>, loader: TextLoader, words: readonly string[]): PageData {
  const idOf = new Map(words.map((word, id) => [word, id]));
  const unknownId = defined(idOf.get(unknownWord), unknownWord);
  const read = (text: string): Stream => {
    const ids = new IdBuffer();
    let unknown = 0;
    readSymbols(text, loader, (symbol) => {
      const id = idOf.get(symbol);
      if (id === undefined) unknown++;
      ids.push(id ?? unknownId);
    });
    return { ids: ids.toArray(), unknown: unknown / ids.length, origin };
  };
  const start = defined(idOf.get(endOfLine), endOfLine);
  return { ...streamsOf(texts, read), start, words, bestPerplexity: undefined };
}

const bytesOf = (text: Text): Uint8Array => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** Bytes are their own ids; the byte before the first is a line end. */
function byteData(texts: Texts<Uint8Array>, loader: TextLoader): PageData {
  const lowered = (byte: number): number => (loader.lower && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  const read = (bytes: Uint8Array): Stream => ({ ids: Int32Array.from(bytes, lowered), unknown: 0, origin });
  const words = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  return { ...streamsOf(texts, read), start: 0x0a, words, bestPerplexity: undefined };
}

function textData({ vocabulary, words, text, validation }: PageDataRequest, loader: TextLoader): PageData {
  if (text === undefined || text.length === 0)
    throw new Fault(
      'data/no-text',
      'this model is trained on text, and none was given',
      'give `text` to createTrainer',
    );
  const isText = typeof validation === 'string' || validation instanceof Uint8Array;
  if (loader.unit === 'byte')
    return byteData(textsOf(bytesOf(text), isText ? bytesOf(validation) : validation), loader);
  const texts = textsOf(decode(text), isText ? decode(validation) : validation);
  return symbolData(texts, loader, words ?? wordsOf(texts.train, loader, vocabulary));
}

function generatedData(loader: GeneratedLoader, seed: number, validation: Text | number | undefined): PageData {
  if (validation !== undefined)
    throw badValidation(
      '`validation` was given, and the data of this program is generated',
      'leave it out: a part of the source is held out anyway',
    );
  const { splits, start, words, bestPerplexity } = loadGenerated(loader, seed);
  const stream = defined(splits.get('train'), 'train split');
  return { stream, validation: splits.get('valid'), start, words, bestPerplexity };
}

/** The first tokens of what is held out. */
function firstTokens(data: PageData, tokens = Number.POSITIVE_INFINITY): PageData {
  if (!(tokens >= 1)) throw badValidation(`\`validationTokens\` is ${tokens}`, 'give a number from 1');
  const { validation } = data;
  if (validation === undefined) return data;
  if (validation.ids.length === 0) throw badValidation('the validation text holds nothing', 'give more text');
  return { ...data, validation: { ...validation, ids: validation.ids.subarray(0, tokens) } };
}

/** The streams of a page: the same ids that Node reads from the same source or text. */
export function pageData(request: PageDataRequest): PageData {
  const { loader, seed } = request.training;
  if (readsExamples(loader))
    throw new Fault('data/examples', `a page cannot train on \`${loader.kind}\` examples`, 'train with `rnnc train`');
  const generated = loader.kind === 'generated';
  const data = generated ? generatedData(loader, seed, request.validation) : textData(request, loader);
  return firstTokens(data, request.validationTokens);
}
