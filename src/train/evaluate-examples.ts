/**
 * Scores labelled examples by an engine: batches bucketed by length, each by the graph of its length. Every example is
 * read from a zero state; padding counts nowhere.
 */

import type { ExampleCorpus, Examples } from '../data/corpus.js';
import {
  evaluationBatches,
  fillExamples,
  lengthOf,
  makeExampleBuffers,
  type PlannedBatch,
} from '../data/example-batches.js';
import type { Engine, Session } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import type { Tensor, Weights } from '../tensor/tensor.js';
import { inputNames, type ScoreHooks, setWeights } from './evaluate.js';
import { ExampleTally, type Row } from './example-tally.js';
import { dataFeed } from './feeds.js';
import type { Score } from './score.js';

export interface ExampleEvaluation {
  readonly corpus: Pick<ExampleCorpus, 'labels' | 'perToken'>;
  /** Examples side by side. */
  readonly batch: number;
  /** Lengths that examples are padded to. */
  readonly buckets: number;
  /** Made by `lowerEvaluation` for a batch of examples, padded to `steps`. */
  readonly graphOf: (steps: number) => StepGraph;
  readonly engine: Engine;
  readonly threads: number;
}

interface Loaded {
  readonly step: StepGraph;
  readonly session: Session;
}

export class ExampleEvaluator {
  private readonly options: ExampleEvaluation;
  private readonly loaded = new Map<number, Loaded>();
  private weights: Weights = new Map();

  constructor(options: ExampleEvaluation) {
    this.options = options;
  }

  /** Weights by path. */
  setWeights(weights: Weights): void {
    this.weights = weights;
    for (const { step, session } of this.loaded.values()) setWeights(session, step, weights);
  }

  private async graph(steps: number): Promise<Loaded> {
    const known = this.loaded.get(steps);
    if (known !== undefined) return known;
    const { graphOf, engine, threads } = this.options;
    const step = graphOf(steps);
    const made = { step, session: await engine.load(step.graph, { threads, carries: new Map() }) };
    setWeights(made.session, step, this.weights);
    this.loaded.set(steps, made);
    return made;
  }

  /** Undefined when `shouldStop` said so. */
  async score(examples: Examples, hooks: ScoreHooks = {}): Promise<Score | undefined> {
    const { corpus, batch, buckets } = this.options;
    const tally = new ExampleTally(corpus, examples);
    let done = 0;
    for (const planned of evaluationBatches(examples, batch, buckets)) {
      if ((await hooks.shouldStop?.()) === true) return undefined;
      const { step, session } = await this.graph(planned.steps);
      const feeds = feedsOf(step, examples, planned, corpus.perToken);
      // One softmax is labelled: the graph has one output.
      const logits = defined(Object.values(await session.run(feeds))[0], 'logits');
      addRows(tally, examples, planned, { logits, batch, perToken: corpus.perToken });
      for (const example of planned.examples) done += lengthOf(examples, example);
      hooks.progress?.(done, examples.ids.length);
    }
    return tally.score();
  }

  async close(): Promise<void> {
    for (const { session } of this.loaded.values()) await session.close();
  }
}

function feedsOf(
  step: StepGraph,
  examples: Examples,
  planned: PlannedBatch,
  perToken: boolean,
): Record<string, Tensor> {
  const { batch } = step;
  const buffers = makeExampleBuffers(batch, step.steps, perToken);
  fillExamples(examples, planned, { batch, perToken }, buffers);
  const reads = inputNames(step);
  return Object.fromEntries(
    step.data.filter(({ name }) => reads.has(name)).map((input) => [input.name, dataFeed(input, buffers)]),
  );
}

interface Rows {
  /** (steps * batch, classes), or (batch, classes). */
  readonly logits: Tensor;
  readonly batch: number;
  readonly perToken: boolean;
}

function addRows(
  tally: ExampleTally,
  examples: Examples,
  planned: PlannedBatch,
  { logits, batch, perToken }: Rows,
): void {
  const classes = logits.shape[1]!;
  const rowAt = (at: number): Row => logits.data.subarray(at * classes, (at + 1) * classes);
  planned.examples.forEach((example, b) => {
    const labels = perToken ? lengthOf(examples, example) : 1;
    tally.add(
      example,
      Array.from({ length: labels }, (_, t) => rowAt(t * batch + b)),
    );
  });
}
