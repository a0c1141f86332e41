/**
 * Perplexity = exp(mean negative log-likelihood) over every token of a split, the ends of lines included: one stream,
 * zero initial state, `start` before the first token, nothing dropped at the tail.
 */
import { evaluationWindows, fillEvaluation, makeBuffers } from '../data/batches.js';
import type { Stream } from '../data/corpus.js';
import type { Engine, Session } from '../engines/engine.js';
import { storedTensor } from '../lower/stored-weights.js';
import { likelihoodOutput, nextName, type StepGraph } from '../lower/training-graph.js';
import { defined, invariant } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import type { FloatTensor, Tensor, Weights } from '../tensor/tensor.js';
import { filled } from './initialize.js';
import { perplexityOf } from './metrics.js';
import type { Score } from './score.js';

export type ShouldStop = () => boolean | Promise<boolean>;

export interface ScoreHooks {
  readonly progress?: (done: number, total: number) => void;
  readonly shouldStop?: ShouldStop;
}

/** Inputs that a graph really reads. */
export function inputNames({ graph }: StepGraph): ReadonlySet<string> {
  return new Set(graph.ops.flatMap((op) => (op.kind === 'input' ? [op.attrs.name] : [])));
}

/** Weights by path; a masked weight is already zero where its mask is. */
export function setWeights(session: Session, step: StepGraph, weights: Weights): void {
  const reads = inputNames(step);
  for (const parameter of step.parameters) {
    const { name, mask, shape } = parameter;
    // Rounded as they are stored.
    if (reads.has(name)) session.set(name, storedTensor(parameter, weights));
    if (mask !== undefined && reads.has(mask)) session.set(mask, filled(shape, 1));
  }
}

/** An evaluation graph loaded in an engine. */
export class Evaluator {
  private readonly step: StepGraph;
  private readonly session: Session;
  private readonly reads: ReadonlySet<string>;

  private constructor(step: StepGraph, session: Session) {
    this.step = step;
    this.session = session;
    this.reads = inputNames(step);
  }

  static async load(step: StepGraph, engine: Engine, threads: number): Promise<Evaluator> {
    invariant(step.batch === 1 && !step.trains, 'evaluation runs one stream');
    const carries = new Map(step.carried.map(({ name }) => [nextName(name), name]));
    return new Evaluator(step, await engine.load(step.graph, { threads, carries }));
  }

  setWeights(weights: Weights): void {
    setWeights(this.session, this.step, weights);
  }

  private feedsOf(inputs: Int32Array, labels: Int32Array): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const { name, role, shape } of this.step.data)
      if (this.reads.has(name)) feeds[name] = { shape, data: role === 'label' ? labels : inputs };
    return feeds;
  }

  /** Undefined when `shouldStop` said so. Several outputs count as that many predictions of each token. */
  async score(stream: Stream, start: number, hooks: ScoreHooks = {}): Promise<Score | undefined> {
    const { steps, carried, data } = this.step;
    const outputs = data.filter(({ role }) => role === 'label').map(({ layer }) => likelihoodOutput(layer));
    for (const { name, shape } of carried) this.session.set(name, filled(shape, 0));
    const { inputs, labels } = makeBuffers(1, steps);
    const windows = evaluationWindows(stream, steps);
    let nats = 0;
    for (let k = 0; k < windows; k++) {
      if ((await hooks.shouldStop?.()) === true) return undefined;
      const real = fillEvaluation({ stream, start }, k, { inputs, labels });
      const results = await this.session.run(this.feedsOf(inputs, labels));
      for (const output of outputs) nats += sumRows(defined(results[output], output), real);
      hooks.progress?.(Math.min((k + 1) * steps, stream.ids.length), stream.ids.length);
    }
    const mean = nats / (stream.ids.length * outputs.length);
    if (!Number.isFinite(mean)) throw new Fault('train/not-finite', `the loss on ${stream.origin} is ${mean}`);
    return { perplexity: perplexityOf(mean), nats: mean, tokens: stream.ids.length };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Sum of the first `rows` values, in doubles. */
export function sumRows({ data }: FloatTensor | Tensor, rows: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i]!;
  return sum;
}

export interface EvaluateOptions {
  /** Made by `lowerEvaluation` with batch 1. */
  readonly graph: StepGraph;
  readonly engine: Engine;
  readonly threads: number;
  readonly weights: Weights;
  readonly stream: Stream;
  /** The id before the first token. */
  readonly start: number;
  readonly hooks?: ScoreHooks;
}

/** The perplexity of given weights on one split; undefined when a hook stopped it. */
export async function evaluatePerplexity(options: EvaluateOptions): Promise<Score | undefined> {
  const evaluator = await Evaluator.load(options.graph, options.engine, options.threads);
  try {
    evaluator.setWeights(options.weights);
    return await evaluator.score(options.stream, options.start, options.hooks);
  } finally {
    await evaluator.close();
  }
}
