/** Text as a loader hands it over: one stream of ids per split, or labelled examples. */

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

/** Running text: what comes next is the label. */
export interface StreamCorpus {
  readonly kind: 'streams';
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

/** Sequences of tokens with labels, of one split. */
export interface Examples {
  /** Tokens of all examples, one behind the other. */
  readonly ids: Int32Array;
  /** Example i holds the tokens from `starts[i]` up to `starts[i + 1]`; one entry more than there are examples. */
  readonly starts: Int32Array;
  /** For each token or for each example. Ids from `labels.length` of the corpus on stand for `unseen`. */
  readonly labels: Int32Array;
  /** Labels of this split that training never saw: a model cannot predict them, so each counts as an error. */
  readonly unseen: readonly string[];
  /** Share of words outside the vocabulary, 0 to 1. */
  readonly unknown: number;
  /** Where they came from, for messages. */
  readonly origin: string;
}

/** Labelled sequences, each read from a zero state. */
export interface ExampleCorpus {
  readonly kind: 'examples';
  /** id -> word. */
  readonly words: readonly string[];
  /** id -> label, of the train split. */
  readonly labels: readonly string[];
  /** A label for every token, or one for the whole sequence. */
  readonly perToken: boolean;
  readonly splits: ReadonlyMap<Split, Examples>;
  /** sha256 over words, labels and all splits. */
  readonly hash: string;
  readonly files: readonly DataFile[];
}

export type Corpus = StreamCorpus | ExampleCorpus;
