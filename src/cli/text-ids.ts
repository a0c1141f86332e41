/** What a person types, as ids of a model's vocabulary, and back. */
import { wordsOf } from '../data/lines.js';
import { characterTokenizer, endOfLine, unknownWord, wordTokenizer } from '../data/tokenize.js';
import { type Loader, readsExamples } from '../model/model.js';
import { suggestion } from '../support/suggest.js';
import { UsageError } from './command.js';

export interface TypedText {
  readonly ids: readonly number[];
  /** Words that became `<unk>`. */
  readonly unknown: readonly string[];
}

type Unit = 'word' | 'char' | 'byte';
const unitOf = (loader: Loader): Unit => (loader.kind === 'text' ? loader.unit : 'word');
const lowers = (loader: Loader): boolean => loader.kind !== 'generated' && loader.lower;

function symbolsOf(text: string, loader: Loader): string[] {
  // A labelled sequence has no line ends.
  if (readsExamples(loader)) return wordsOf(loader.lower ? text.toLowerCase() : text);
  const symbols: string[] = [];
  const emit = (symbol: string): void => void symbols.push(symbol);
  if (unitOf(loader) === 'word') wordTokenizer(lowers(loader), emit).push(`${text} `);
  else characterTokenizer(lowers(loader), emit).push(text);
  return symbols;
}

/** The text as ids; the line is not ended. */
export function textToIds(text: string, loader: Loader, words: readonly string[]): TypedText {
  if (unitOf(loader) === 'byte') {
    const bytes = new TextEncoder().encode(lowers(loader) ? text.toLowerCase() : text);
    return { ids: [...bytes], unknown: [] };
  }
  if (words.length === 0) throw new UsageError('the build has no vocabulary to read text by', 'give --ids 3,17,4');
  const idOf = new Map(words.map((word, id) => [word, id]));
  const fallback = idOf.get(unknownWord);
  const unknown: string[] = [];
  const ids = symbolsOf(text, loader).map((symbol) => {
    const id = idOf.get(symbol);
    if (id !== undefined) return id;
    if (fallback === undefined)
      throw new UsageError(`the vocabulary has no word \`${symbol}\``, `${suggestion(symbol, words.slice(0, 200))}`);
    unknown.push(symbol);
    return fallback;
  });
  return { ids, unknown };
}

/** What stands before the first token: of every stream an end of line, of labelled sequences nothing. */
export function startIds(loader: Loader, words: readonly string[]): readonly number[] {
  if (readsExamples(loader)) return [];
  return [unitOf(loader) === 'byte' ? 0x0a : Math.max(0, words.indexOf(endOfLine))];
}

/** Ids as text: words with spaces between, characters and bytes without. */
export function idsToText(ids: readonly number[], loader: Loader | undefined, words: readonly string[]): string {
  if (loader === undefined) return ids.map((id) => words[id] ?? String(id)).join(' ');
  if (unitOf(loader) === 'byte') return new TextDecoder().decode(Uint8Array.from(ids));
  const symbols = ids.map((id) => words[id] ?? `#${id}`);
  if (unitOf(loader) === 'word') return symbols.join(' ');
  return symbols.map((s) => (s === endOfLine ? '\n' : s)).join('');
}

/** `3,17,4` as ids below `vocabulary`. */
export function parseIds(text: string, vocabulary: number): readonly number[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length === 0) throw new UsageError('--ids is empty', 'write numbers such as --ids 3,17,4');
  return parts.map((part) => {
    const id = Number(part);
    if (/^\d+$/.test(part) && id < vocabulary) return id;
    throw new UsageError(`--ids holds ${part}`, `ids are whole numbers from 0 to ${vocabulary - 1}`);
  });
}
