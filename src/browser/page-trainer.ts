/**
 * Training in a page: the same draws, batches, schedules and masks as a run under Node, made by the same code, without
 * a disk. It knows no engine and no DOM. One graph is used to the end: where co-matrix dropout has ended, its draws
 * are ones.
 */
import { type Batches, streamBatches } from '../data/batches.js';
import type { Engine } from '../engines/engine.js';
import { gradientNorm, likelihoodOutput, lossOutput, type StepGraph } from '../lower/training-graph.js';
import { type Pool, stepsOf, type Training } from '../model/model.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import type { FloatTensor, Tensor, Weights } from '../tensor/tensor.js';
import { sumRows } from '../train/evaluate.js';
import { Feeder } from '../train/feeds.js';
import { foldScales } from '../train/folding.js';
import { filled, initialWeights } from '../train/initialize.js';
import { LiveGraph } from '../train/live-graph.js';
import { resolveMoments } from '../train/moments.js';
import { Pruning } from '../train/pruning.js';
import { scheduleAt, scheduledOf } from '../train/schedules.js';
import { turnAt } from '../train/turns.js';
import type { Backend, Evaluation, StepResult, Trainer, Which } from './api.js';
import { decodePageState, encodePageState, type PageRun, type PageState } from './page-checkpoint.js';
import type { PageData } from './page-data.js';
import { type PageHeldOut, Validation } from './page-validation.js';

export interface PageTraining {
  readonly step: StepGraph;
  readonly training: Training;
  readonly pools: readonly Pool[];
  readonly data: PageData;
  readonly engine: Engine;
  readonly backend: Backend;
  /** Scores weights on what the data holds out. */
  readonly evaluation: Pick<PageHeldOut, 'step' | 'engine'>;
  /** Trained weights to go on from, after the last epoch; the seed's draws when left out. */
  readonly weights?: Weights;
  /** What `checkpoint` gave: the run goes on from there. */
  readonly checkpoint?: Uint8Array;
}

/** Everything that stays in the engine, at the start: draws, or the given weights with the scalars as drawn. */
function residents(step: StepGraph, seed: number, weights: Weights | undefined): Weights {
  const tensors = new Map<string, FloatTensor>(initialWeights(step.parameters, seed, weights));
  for (const { mask, shape } of step.parameters) if (mask !== undefined) tensors.set(mask, filled(shape, 1));
  for (const { name, shape } of step.carried) tensors.set(name, filled(shape, 0));
  return tensors;
}

interface Opening {
  readonly live: LiveGraph;
  readonly batches: Batches;
  readonly saved: PageState | undefined;
}

export class PageTrainer implements Trainer {
  readonly backend: Backend;
  readonly words: readonly string[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly tokensPerStep: number;
  readonly bestPerplexity: number | undefined;
  private readonly run: PageRun;
  private readonly training: Training;
  private readonly pruning: Pruning;
  private readonly live: LiveGraph;
  private readonly feeder: Feeder;
  private readonly validation: Validation;
  private time: number;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(request: PageTraining, { live, batches, saved }: Opening) {
    const { pools, data, backend, weights, step } = request;
    const training = resolveMoments(request.training, pools, batches.count);
    this.backend = backend;
    this.words = data.words;
    this.run = { step, training, pools, data };
    this.training = training;
    this.stepsPerEpoch = batches.count;
    this.totalSteps = training.epochs * batches.count;
    this.tokensPerStep = step.batch * step.steps;
    this.bestPerplexity = data.bestPerplexity;
    this.live = live;
    this.validation = new Validation(
      { ...request.evaluation, stream: data.validation, start: data.start },
      saved?.best,
    );
    this.time = saved?.step ?? (weights === undefined ? 0 : this.totalSteps);
    this.pruning = new Pruning(pools, training, batches.count);
    this.feeder = new Feeder(step, {
      batches,
      seed: training.seed,
      rateAt: (time) => scheduleAt(training.lr, time, batches.count),
      keepAt: (layer, time) => this.pruning.keepAt(layer, time),
      ...scheduledOf(training, batches.count),
      turnAt: (part, time) => turnAt(training.alternate, part, time, batches.count),
    });
  }

  static async open(request: PageTraining): Promise<PageTrainer> {
    const { step, training, data, engine, weights, checkpoint } = request;
    const { loader } = training;
    const batches = streamBatches(data, loader.batch, stepsOf(loader));
    const saved = checkpoint === undefined ? undefined : decodePageState(request, checkpoint);
    const tensors = saved?.tensors ?? residents(step, training.seed, weights);
    const live = await LiveGraph.load(step, engine, 1, tensors);
    const trainer = new PageTrainer(request, { live, batches, saved });
    if (saved === undefined && weights === undefined) await trainer.pruning.update(live, 0);
    else if (saved === undefined) await trainer.pruning.finish(live);
    return trainer;
  }

  get validationTokens(): number {
    return this.validation.tokens;
  }

  get best(): Evaluation | undefined {
    return this.validation.best?.evaluation;
  }

  get step(): number {
    return this.time;
  }

  /** One after the other: a second call waits for the first. */
  private queue<T>(act: () => Promise<T>): Promise<T> {
    const result = this.last.then(act);
    this.last = result.catch(() => undefined);
    return result;
  }

  update(): Promise<StepResult> {
    return this.queue(() => this.makeUpdate());
  }

  private async makeUpdate(): Promise<StepResult> {
    const { time, stepsPerEpoch, live } = this;
    if (time % stepsPerEpoch === 0) live.clearState();
    const results = await live.run(this.feeder.feedsAt(time));
    const norm = results[gradientNorm]?.data[0] ?? Number.NaN;
    this.refuseNotFinite(results[lossOutput]?.data[0] ?? Number.NaN, norm);
    const loss = this.nats(results);
    this.time = time + 1;
    await this.pruning.update(live, this.time);
    return {
      step: this.time,
      epoch: Math.floor(time / stepsPerEpoch) + 1,
      loss,
      perplexity: Math.exp(loss),
      gradientNorm: norm,
      learningRate: scheduleAt(this.training.lr, time, stepsPerEpoch),
      sparsity: this.pruning.sparsityAt(this.time),
    };
  }

  private refuseNotFinite(loss: number, norm: number): void {
    if (Number.isFinite(loss) && Number.isFinite(norm)) return;
    const what = Number.isFinite(loss) ? `the gradient's norm is ${norm}` : `the loss is ${loss}`;
    throw new Fault('train/diverged', `${what} at step ${count(this.time + 1)}`, 'lower `lr` or set `clip=`');
  }

  /** Mean over all tokens and outputs. */
  private nats(results: Readonly<Record<string, Tensor>>): number {
    const labels = this.live.step.data.filter(({ role }) => role === 'label');
    const sums = labels.map(({ layer }) =>
      sumRows(defined(results[likelihoodOutput(layer)], likelihoodOutput(layer)), this.tokensPerStep),
    );
    return sums.reduce((a, b) => a + b, 0) / (labels.length * this.tokensPerStep);
  }

  evaluate(): Promise<Evaluation> {
    return this.queue(async () => {
      const { time: step } = this;
      return this.validation.evaluate({ step, weights: await this.read(), isFinal: this.pruning.isFinalAt(step) });
    });
  }

  /** The weights of the program, as they are now. */
  private async read(): Promise<Weights> {
    const tensors = new Map<string, FloatTensor>();
    const { parameters } = this.live.step;
    for (const { name } of parameters) tensors.set(name, await this.live.get(name));
    return foldScales(parameters, tensors);
  }

  private async chosen(which: Which): Promise<Pick<PageState, 'step' | 'tensors'>> {
    const { best } = this.validation;
    if (which === 'best' && best !== undefined) return { step: best.evaluation.step, tensors: best.weights };
    return { step: this.time, tensors: await this.read() };
  }

  weights(which: Which = 'now'): Promise<Weights> {
    return this.queue(async () => (await this.chosen(which)).tensors);
  }

  save(which: Which = 'now'): Promise<Uint8Array<ArrayBuffer>> {
    return this.queue(async () => {
      const { step, tensors } = await this.chosen(which);
      const metadata = { format: 'rnnc', step: String(step), seed: String(this.training.seed) };
      return writeSafetensors(tensors, metadata) as Uint8Array<ArrayBuffer>;
    });
  }

  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.queue(async () => {
      const tensors = await this.live.snapshot();
      return encodePageState(this.run, { step: this.time, tensors, best: this.validation.best });
    });
  }

  close(): Promise<void> {
    return this.queue(async () => {
      await this.live.close();
      await this.validation.close();
    });
  }
}
