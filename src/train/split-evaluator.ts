/** Scores the splits of a corpus with given weights, streams and labelled examples alike. */
import type { Corpus, Examples, Split, Stream } from '../data/corpus.js';
import type { Engine } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import { type Loader, readsExamples, stepsOf } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import type { Weights } from '../tensor/tensor.js';
import { Evaluator, type ScoreHooks } from './evaluate.js';
import { ExampleEvaluator } from './evaluate-examples.js';
import { firstExamples } from './example-tally.js';
import type { Score } from './score.js';

export interface SplitEvaluator {
  readonly setWeights: (weights: Weights) => void;
  /** Undefined when a hook stopped it. The split must be there. */
  readonly score: (split: Split, hooks?: ScoreHooks) => Promise<Score | undefined>;
  readonly close: () => Promise<void>;
}

export interface EvaluatorRequest {
  readonly corpus: Corpus;
  readonly loader: Loader;
  /** Made by `lowerEvaluation` for so many steps. */
  readonly graphOf: (steps: number) => StepGraph;
  readonly engine: Engine;
  readonly threads: number;
}

/** Loads what is needed before the first split. */
export async function openEvaluator(request: EvaluatorRequest): Promise<SplitEvaluator> {
  const { corpus, loader, graphOf, engine, threads } = request;
  if (corpus.kind === 'examples') {
    invariant(readsExamples(loader), 'examples come from a loader of examples');
    const { batch, buckets } = loader;
    const evaluator = new ExampleEvaluator({ corpus, batch, buckets, graphOf, engine, threads });
    return {
      setWeights: (weights) => evaluator.setWeights(weights),
      score: (split, hooks) => evaluator.score(defined(corpus.splits.get(split), split), hooks),
      close: () => evaluator.close(),
    };
  }
  const evaluator = await Evaluator.load(graphOf(stepsOf(loader)), engine, threads);
  return {
    setWeights: (weights) => evaluator.setWeights(weights),
    score: (split, hooks) => evaluator.score(defined(corpus.splits.get(split), split), corpus.start, hooks),
    close: () => evaluator.close(),
  };
}

const cut = <T>(splits: ReadonlyMap<Split, T>, split: Split, shorten: (whole: T) => T): ReadonlyMap<Split, T> =>
  new Map([...splits].map(([name, whole]) => [name, name === split ? shorten(whole) : whole]));

/** The corpus with only the first tokens of one split; examples stay whole. */
export function firstTokens<C extends Corpus>(corpus: C, split: Split, tokens: number): C {
  if (corpus.kind === 'examples') {
    const shorten = (examples: Examples): Examples => firstExamples(examples, tokens, corpus.perToken);
    return { ...corpus, splits: cut(corpus.splits, split, shorten) };
  }
  const shorten = (stream: Stream): Stream => ({ ...stream, ids: stream.ids.subarray(0, tokens) });
  return { ...corpus, splits: cut(corpus.splits, split, shorten) };
}
