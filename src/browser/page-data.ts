/** What a page trains on: the program's own generated source, or a text that the page was given. Reads no file. */
import type { Stream } from '../data/corpus.js';
import { loadGenerated } from '../data/generated.js';
import { characterTokenizer, type Emit, endOfLine, unknownWord, wordTokenizer } from '../data/tokenize.js';
import { IdBuffer, Lexicon, rankSymbols } from '../data/vocabulary.js';
import { type Loader, readsExamples, type Training } from '../model/model.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';

type TextLoader = Extract<Loader, { kind: 'text' }>;

export interface PageData {
  readonly stream: Stream;
  /** The id before the first token. */
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
  readonly text: string | Uint8Array | undefined;
}

const origin = 'the text';

/** The text as a loader under Node would read it from a file. */
function decode(text: string | Uint8Array): string {
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

function symbolData(text: string, loader: TextLoader, words: readonly string[]): PageData {
  const idOf = new Map(words.map((word, id) => [word, id]));
  const unknownId = defined(idOf.get(unknownWord), unknownWord);
  const ids = new IdBuffer();
  let unknown = 0;
  readSymbols(text, loader, (symbol) => {
    const id = idOf.get(symbol);
    if (id === undefined) unknown++;
    ids.push(id ?? unknownId);
  });
  const stream = { ids: ids.toArray(), unknown: unknown / ids.length, origin };
  return { stream, start: defined(idOf.get(endOfLine), endOfLine), words, bestPerplexity: undefined };
}

/** Bytes are their own ids; the byte before the first is a line end. */
function byteData(text: string | Uint8Array, loader: TextLoader): PageData {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const lowered = (byte: number): number => (loader.lower && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  const words = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  return {
    stream: { ids: Int32Array.from(bytes, lowered), unknown: 0, origin },
    start: 0x0a,
    words,
    bestPerplexity: undefined,
  };
}

/** The training stream of a page: the same ids that Node reads from the same source or text. */
export function pageData({ training, vocabulary, words, text }: PageDataRequest): PageData {
  const { loader, seed } = training;
  if (loader.kind === 'generated') {
    const made = loadGenerated(loader, seed);
    const stream = defined(made.splits.get('train'), 'train split');
    return { stream, start: made.start, words: made.words, bestPerplexity: made.bestPerplexity };
  }
  if (readsExamples(loader))
    throw new Fault('data/examples', `a page cannot train on \`${loader.kind}\` examples`, 'train with `rnnc train`');
  if (text === undefined || text.length === 0)
    throw new Fault(
      'data/no-text',
      'this model is trained on text, and none was given',
      'give `text` to createTrainer',
    );
  if (loader.unit === 'byte') return byteData(text, loader);
  const whole = decode(text);
  return symbolData(whole, loader, words ?? wordsOf(whole, loader, vocabulary));
}
