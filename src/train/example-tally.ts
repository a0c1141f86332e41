/** Adds up what logits say about labelled examples, whoever computed them: loss, right labels, chunks, relations. */
import type { ExampleCorpus, Examples } from '../data/corpus.js';
import { Fault } from '../support/fault.js';
import { areChunkLabels, type ChunkCounts, chunkF1, countChunks } from './chunks.js';
import { perplexityOf } from './metrics.js';
import { areRelations, RelationTally } from './relations.js';
import type { Score } from './score.js';

/** Logits of one row: (classes). */
export type Row = ArrayLike<number>;

/** The most probable class; the first of equal ones. */
export function mostProbable(logits: Row): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** -log softmax(logits)[label], in nats. */
function negativeLogLikelihood(logits: Row, label: number): number {
  const largest = logits[mostProbable(logits)]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return largest + Math.log(sum) - logits[label]!;
}

const noChunks: ChunkCounts = { gold: 0, found: 0, right: 0 };

/** A running total over the examples of one split. */
export class ExampleTally {
  private readonly corpus: Pick<ExampleCorpus, 'labels' | 'perToken'>;
  private readonly examples: Examples;
  /** Names of all labels of the split, those that training never saw behind the others. */
  private readonly names: readonly string[];
  private readonly chunked: boolean;
  private nats = 0;
  private known = 0;
  private labels = 0;
  private right = 0;
  private chunks = noChunks;
  private readonly relations: RelationTally | undefined;

  constructor(corpus: Pick<ExampleCorpus, 'labels' | 'perToken'>, examples: Examples) {
    this.corpus = corpus;
    this.examples = examples;
    this.names = [...corpus.labels, ...examples.unseen];
    this.chunked = corpus.perToken && areChunkLabels(corpus.labels);
    this.relations = !corpus.perToken && areRelations(corpus.labels) ? new RelationTally() : undefined;
  }

  /** Labels of one example. */
  private labelsOf(example: number): readonly number[] {
    const { labels, starts } = this.examples;
    if (!this.corpus.perToken) return [labels[example]!];
    return [...labels.subarray(starts[example]!, starts[example + 1]!)];
  }

  /** One example: a row of logits for each of its labels. */
  add(example: number, rows: readonly Row[]): void {
    const gold = this.labelsOf(example);
    const found = rows.map(mostProbable);
    gold.forEach((label, i) => {
      this.labels++;
      if (found[i] === label) this.right++;
      // No class stands for a label that training never saw: it has no likelihood.
      if (label >= this.corpus.labels.length) return;
      this.known++;
      this.nats += negativeLogLikelihood(rows[i]!, label);
    });
    const name = (label: number): string => this.names[label]!;
    gold.forEach((label, i) => {
      this.relations?.add(name(label), name(found[i]!));
    });
    if (!this.chunked) return;
    const more = countChunks(gold.map(name), found.map(name));
    const { gold: had, found: guessed, right } = this.chunks;
    this.chunks = { gold: had + more.gold, found: guessed + more.found, right: right + more.right };
  }

  score(): Score {
    const nats = this.nats / Math.max(1, this.known);
    if (!Number.isFinite(nats)) throw new Fault('train/not-finite', `the loss on ${this.examples.origin} is ${nats}`);
    const score = { perplexity: perplexityOf(nats), nats, tokens: this.labels, accuracy: this.right / this.labels };
    const f1 = this.chunked ? chunkF1(this.chunks) : this.relations?.f1();
    return f1 === undefined ? score : { ...score, f1 };
  }
}

/** The first examples of a split, whole ones of at most `tokens` tokens together, and at least one. */
export function firstExamples(examples: Examples, tokens: number, perToken: boolean): Examples {
  if (tokens >= examples.ids.length) return examples;
  let count = 1;
  while (examples.starts[count + 1]! <= tokens) count++;
  const end = examples.starts[count]!;
  return {
    ...examples,
    ids: examples.ids.subarray(0, end),
    starts: examples.starts.subarray(0, count + 1),
    labels: examples.labels.subarray(0, perToken ? end : count),
  };
}
