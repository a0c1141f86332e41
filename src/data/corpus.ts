/** Text as a loader hands it over: one stream of ids per split. */

export type Split = 'train' | 'valid' | 'test';

export interface Stream {
  readonly ids: Int32Array;
  /** Share of words outside the vocabulary, 0 to 1. */
  readonly unknown: number;
  /** Where it came from, for messages. */
  readonly origin: string;
  /** For a generated source: perplexity of the source itself on exactly these tokens, and of the best bigram. */
  readonly sourcePerplexity?: number;
  readonly bigramPerplexity?: number;
}

/** A file of a corpus as it was when it was read. */
export interface DataFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds, as the file system tells. */
  readonly modified: number;
}

export interface Corpus {
  /** id -> word. */
  readonly words: readonly string[];
  /** The id that stands before the first token of every stream. */
  readonly start: number;
  readonly splits: ReadonlyMap<Split, Stream>;
  /** Perplexity of a perfect model, when the source is known. */
  readonly bestPerplexity?: number;
  /** sha256 over the ids and words of all splits. */
  readonly hash: string;
  /** What was read; nothing for a generated source. */
  readonly files?: readonly DataFile[];
}
