/**
 * One training run between its start and its end: the loop's pieces over one mutable state. All that it depends on is
 * in the checkpoint or a function of the number of updates made, so it can stop and go on at any step.
 */
import type { Batches } from '../data/batches.js';
import { gradientNorm, isWeight, lossOutput, type StepGraph } from '../lower/training-graph.js';
import { runMemory } from '../lower/training-memory.js';
import type { Part } from '../methods/method.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import { size } from '../tensor/shape.js';
import type { Tensor, Weights } from '../tensor/tensor.js';
import { encodeCheckpoint, type Position } from './checkpoint.js';
import type { TrainEvent } from './events.js';
import { blame, findNotFinite } from './finite.js';
import { foldScales } from './folding.js';
import { countLabels } from './likelihood.js';
import type { LiveGraph } from './live-graph.js';
import { LiveGraphs } from './live-graphs.js';
import { type MetricsLine, perplexityOf } from './metrics.js';
import { MetricsLog } from './metrics-log.js';
import type { TrainOptions } from './options.js';
import { Projection } from './projection.js';
import { Pruning } from './pruning.js';
import type { RunFolder } from './run-folder.js';
import { guessLoss, RunawayWatch } from './runaway.js';
import { scheduleAt, scheduledOf } from './schedules.js';
import { Speed } from './speed.js';
import { identityOf, openSaved, startOf } from './starting.js';
import { add, meanOf, none } from './tally.js';
import { turnAt } from './turns.js';

const secondsBetweenCheckpoints = 300;

type Tensors = Readonly<Record<string, Tensor>>;

export class Run {
  readonly options: TrainOptions;
  readonly folder: RunFolder;
  readonly batches: Batches;
  readonly pruning: Pruning;
  private readonly projection: Projection;
  readonly speed: Speed;
  position: Position;
  private metrics: MetricsLog | undefined;
  private watch: RunawayWatch | undefined;
  private graphs: LiveGraphs | undefined;
  private drawsRows = false;
  /** The last update that may drop rows; -1 for none. */
  private readonly lastRowDrop: number;
  /** The graph with the rows' draws, until it is needed no more. */
  private rowGraph: StepGraph | undefined;
  private savedAt: { readonly step: number | undefined; readonly seconds: number };

  private constructor(options: TrainOptions, folder: RunFolder, batches: Batches) {
    this.options = options;
    this.folder = folder;
    this.batches = batches;
    this.pruning = new Pruning(options.pools, options.training, batches.count);
    const { projected = [], training } = options;
    this.projection = new Projection(projected, training.distort, batches.count);
    this.rowGraph = options.graphs.coMatrix?.(batches.stepsAt(0));
    this.lastRowDrop = this.pruning.lastRowDrop(this.rowGraph?.draws ?? [], this.totalSteps);
    this.speed = new Speed(folder.seconds());
    this.position = { step: 0, epochsDone: 0, epoch: none, interval: none, best: undefined };
    this.savedAt = { step: undefined, seconds: folder.seconds() };
  }

  /** Opens a run at its beginning or at its checkpoint. */
  static async open(options: TrainOptions, folder: RunFolder, batches: Batches): Promise<Run> {
    const run = new Run(options, folder, batches);
    const saved = openSaved(options, folder);
    run.metrics = new MetricsLog(folder, options.tensorboard, options.disk);
    const time = saved?.position.step ?? 0;
    const step = run.graphAt(time);
    run.watch = new RunawayWatch(guessLoss(step.graph), options.training);
    for (const line of run.metrics.lines()) run.watch.add(line);
    const start = startOf(saved, step, options);
    run.position = start.position;
    for (const message of start.notes) run.tell({ kind: 'notice', message });
    await run.load(step, start.tensors);
    if (start.resumed) run.savedAt = { ...run.savedAt, step: time };
    else await run.pruning.update(run.graph, 0);
    run.tell({
      kind: 'start',
      epochs: options.training.epochs,
      stepsPerEpoch: batches.count,
      droppedTokens: batches.dropped,
      parameters: step.parameters.reduce((sum, p) => sum + (isWeight(p) ? size(p.shape) : 0), 0),
      memory: runMemory(step, batches.sizes, options.engine.memory),
      resumedAt: start.resumed ? time : undefined,
    });
    run.speed.skipTo(folder.seconds());
    return run;
  }

  tell(event: TrainEvent): void {
    this.options.progress?.(event);
  }

  log(line: MetricsLine): void {
    const metrics = defined(this.metrics, 'log of the run');
    metrics.add(line);
    const warning = this.watch?.add(line);
    if (warning === undefined) return;
    metrics.add(warning);
    this.tell({ kind: 'warning', message: warning.message, hint: warning.hint });
  }

  get totalSteps(): number {
    return this.options.training.epochs * this.batches.count;
  }

  private get graph(): LiveGraph {
    return defined(this.graphs, 'training graphs').live;
  }

  rateAt(time: number): number {
    return scheduleAt(this.options.training.lr, time, this.batches.count);
  }

  private graphAt(time: number): StepGraph {
    this.drawsRows = time <= this.lastRowDrop;
    if (!this.drawsRows) this.rowGraph = undefined;
    return this.graphOf(this.batches.stepsAt(time));
  }

  private graphOf(steps: number): StepGraph {
    const { step, coMatrix } = this.options.graphs;
    if (!this.drawsRows) return step(steps);
    return this.rowGraph?.steps === steps ? this.rowGraph : defined(coMatrix, 'graph with draws of rows')(steps);
  }

  private async load(first: StepGraph, tensors: Weights): Promise<void> {
    const { engine, threads, training } = this.options;
    await this.graphs?.close();
    const source = {
      batches: this.batches,
      seed: training.seed,
      rateAt: (time: number) => this.rateAt(time),
      keepAt: (layer: string, time: number) => this.pruning.keepAt(layer, time),
      ...scheduledOf(training, this.batches.count),
      turnAt: (part: Part, time: number) => turnAt(training.alternate, part, time, this.batches.count),
    };
    const graphOf = (steps: number): StepGraph => this.graphOf(steps);
    this.graphs = await LiveGraphs.open({ engine, threads, source, graphOf }, first, tensors);
  }

  /** When nothing is dropped any more, the graph without draws takes over with the same tensors. */
  private async switchGraph(time: number): Promise<void> {
    if (!this.drawsRows || time <= this.lastRowDrop) return;
    const tensors = await this.graph.snapshot();
    await this.load(this.graphAt(time), tensors);
  }

  /** One update. */
  async step(): Promise<void> {
    const time = this.position.step;
    await this.switchGraph(time);
    const graphs = defined(this.graphs, 'training graphs');
    const live = await graphs.turnTo(time);
    if (time % this.batches.count === 0) live.clearState();
    const feeds = graphs.feedsAt(time);
    const running = live.run(feeds);
    // The engine works on other threads: the next step is prepared meanwhile.
    if (time + 1 < this.totalSteps) graphs.prepare(time + 1);
    const results = await running;
    const norm = results[gradientNorm]?.data[0] ?? Number.NaN;
    await this.refuseNotFinite(results[lossOutput]?.data[0] ?? Number.NaN, norm);
    this.count(results, feeds);
    await this.pruning.update(this.graph, this.position.step);
    await this.projection.update(this.graph, this.position.step);
    this.speed.stepEnded(this.folder.seconds());
    this.report(norm);
    if (this.isCheckpointDue()) await this.checkpoint();
  }

  private count(results: Tensors, feeds: Tensors): void {
    const { nats, labels } = countLabels(this.graph.step, results, feeds);
    const { step, epoch, interval } = this.position;
    this.position = {
      ...this.position,
      step: step + 1,
      epoch: add(epoch, nats, labels),
      interval: add(interval, nats, labels),
    };
  }

  private async refuseNotFinite(loss: number, norm: number): Promise<void> {
    if (Number.isFinite(loss) && Number.isFinite(norm)) return;
    const { step } = this.position;
    const what = Number.isFinite(loss) ? `the gradient's norm is ${norm}` : `the loss is ${loss}`;
    throw this.diverged(step + 1, what, blame(await this.graph.snapshot()));
  }

  private diverged(step: number, what: string, where: string): Fault {
    const message = `${what} at step ${count(step)}${where}; ${this.lastGood()}`;
    return new Fault('train/diverged', message, 'lower `lr` or set `clip=` of the optimizer');
  }

  /** Where a run that cannot go on left what it has. */
  lastGood(): string {
    const { step } = this.savedAt;
    if (step === undefined) return 'no checkpoint was written yet';
    return `the last good checkpoint is of step ${step}: ${this.folder.fileOf('checkpoint')}`;
  }

  private report(norm: number): void {
    const { step, epochsDone, epoch, interval } = this.position;
    const stepsPerEpoch = this.batches.count;
    const stepInEpoch = step - epochsDone * stepsPerEpoch;
    const common = {
      step,
      epoch: epochsDone + 1,
      sparsity: this.pruning.sparsityAt(step),
      lr: this.rateAt(step - 1),
    };
    const tokensPerSecond = this.batches.tokens / this.batches.count / this.speed.secondsPerStep;
    this.tell({
      kind: 'step',
      ...common,
      steps: this.totalSteps,
      epochs: this.options.training.epochs,
      stepInEpoch,
      stepsPerEpoch,
      loss: meanOf(epoch),
      perplexity: perplexityOf(meanOf(epoch)),
      gradientNorm: norm,
      tokensPerSecond,
      secondsLeft: (this.totalSteps - step) * this.speed.secondsPerStep,
    });
    const every = this.options.logEvery ?? Math.max(1, Math.round(stepsPerEpoch / 100));
    if (stepInEpoch % every !== 0 && stepInEpoch !== stepsPerEpoch) return;
    const loss = meanOf(interval);
    const speed = Math.round(tokensPerSecond * 10) / 10;
    this.log({
      kind: 'step',
      ...common,
      loss,
      perplexity: perplexityOf(loss),
      gradient_norm: norm,
      tokens_per_second: speed,
    });
    this.position = { ...this.position, interval: none };
  }

  private isCheckpointDue(): boolean {
    const { step } = this.position;
    // At the end of an epoch it is written after the validation.
    if (step % this.batches.count === 0) return false;
    const { steps, seconds = secondsBetweenCheckpoints } = this.options.checkpointEvery ?? {};
    const isStep = steps !== undefined && step % steps === 0;
    return isStep || this.folder.seconds() - this.savedAt.seconds >= seconds;
  }

  /** Everything there is now, checked: finite, and every pruned weight zero. */
  async snapshot(): Promise<Weights> {
    const tensors = await this.graph.snapshot();
    if (findNotFinite(tensors) !== undefined)
      throw this.diverged(this.position.step, 'a value is not finite', blame(tensors));
    this.pruning.verify(this.graph, tensors, this.position.step);
    return tensors;
  }

  /** The weights of the program, from all residents. */
  weightsOf(tensors: Weights): Weights {
    return this.projection.stored(foldScales(this.graph.step.parameters, tensors));
  }

  async checkpoint(tensors?: Weights): Promise<void> {
    const { step } = this.position;
    const held = tensors ?? (await this.snapshot());
    this.folder.writeCheckpoint(
      encodeCheckpoint({ identity: identityOf(this.options), position: this.position, tensors: held }),
    );
    this.savedAt = { step, seconds: this.folder.seconds() };
    this.tell({ kind: 'checkpoint', step, path: this.folder.fileOf('checkpoint') });
  }

  /** A checkpoint, unless the last one is of this very step. */
  async checkpointIfNew(): Promise<void> {
    if (this.savedAt.step !== this.position.step) await this.checkpoint();
  }

  async close(): Promise<void> {
    await this.graphs?.close();
  }

  meanEpochLoss(): number {
    return meanOf(this.position.epoch);
  }
}
