/**
 * Validation in a page: held-out tokens read as one stream by the evaluation graph, as `rnnc train` reads its valid
 * split, and a copy of the best weights. The graph is fetched when it is first needed; the page can draw meanwhile.
 */
import type { Stream } from '../data/corpus.js';
import type { Engine } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import type { Weights } from '../tensor/tensor.js';
import { Evaluator } from '../train/evaluate.js';
import type { Evaluation } from './api.js';
import type { Kept } from './page-checkpoint.js';

export interface PageHeldOut {
  readonly step: StepGraph;
  readonly engine: Engine;
  /** Undefined where nothing is held out. */
  readonly stream: Stream | undefined;
  /** The id before its first token. */
  readonly start: number;
}

/** What is to be scored, and whether it may be kept. */
export interface Candidate {
  /** Updates made. */
  readonly step: number;
  readonly weights: Weights;
  /** False before the sparsity is the final one: those are not the weights of the program. */
  readonly isFinal: boolean;
}

/** Calls of the graph between two times that the page may draw and take clicks. */
const callsAtOnce = 16;

export class Validation {
  private readonly source: PageHeldOut;
  private evaluator: Promise<Evaluator> | undefined;
  best: Kept | undefined;

  constructor(source: PageHeldOut, best: Kept | undefined) {
    this.source = source;
    this.best = best;
  }

  get tokens(): number {
    return this.source.stream?.ids.length ?? 0;
  }

  async evaluate({ step, weights, isFinal }: Candidate): Promise<Evaluation> {
    const { stream, start, step: graph, engine } = this.source;
    if (stream === undefined)
      throw new Fault('page/no-validation', 'nothing is held out', 'give `validation` to createTrainer');
    this.evaluator ??= Evaluator.load(graph, engine, 1);
    const evaluator = await this.evaluator;
    evaluator.setWeights(weights);
    let calls = 0;
    const breathe = async (): Promise<boolean> => {
      if (++calls % callsAtOnce === 0) await new Promise((resolve) => setTimeout(resolve));
      return false;
    };
    const score = defined(await evaluator.score(stream, start, { shouldStop: breathe }), 'score');
    const { nats: loss, perplexity, tokens } = score;
    const kept = isFinal && (this.best === undefined || loss < this.best.evaluation.loss);
    const evaluation = { step, loss, perplexity, tokens, kept };
    if (kept) this.best = { evaluation, weights };
    return evaluation;
  }

  async close(): Promise<void> {
    await (await this.evaluator)?.close();
  }
}
