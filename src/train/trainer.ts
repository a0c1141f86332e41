/**
 * Trains a program: the loop over steps and epochs, validation, the kept weights, the test at the end. It knows no
 * engine, no method and no layer; the graphs say what their inputs and outputs mean.
 */

import type { Split } from '../data/corpus.js';
import { refuseChanged } from '../data/files.js';
import { batchesOf } from '../data/load.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import type { Weights } from '../tensor/tensor.js';
import { perplexityOf } from './metrics.js';
import { resolveMoments } from './moments.js';
import type { TrainOptions, TrainResult } from './options.js';
import { Run } from './run.js';
import { RunFolder } from './run-folder.js';
import { isBetter, measuredValue, type Score, valueText } from './score.js';
import { openEvaluator, type SplitEvaluator } from './split-evaluator.js';

/** A stop was asked for in the middle of an evaluation. */
const stopped = Symbol('stopped');

/** Evaluates weights during a run; the evaluation graph is loaded when it is first needed. */
class Judge {
  private readonly run: Run;
  private evaluator: SplitEvaluator | undefined;

  constructor(run: Run) {
    this.run = run;
  }

  /** Undefined when the corpus has no such split. */
  async score(split: Split, weights: Weights): Promise<Score | undefined | typeof stopped> {
    const { corpus, training, graphs, engine, threads, shouldStop } = this.run.options;
    if (!corpus.splits.has(split)) return undefined;
    const { loader } = training;
    this.evaluator ??= await openEvaluator({ corpus, loader, graphOf: graphs.evaluation, engine, threads });
    this.evaluator.setWeights(weights);
    const progress = (done: number, total: number): void => this.run.tell({ kind: 'evaluating', split, done, total });
    const hooks = shouldStop === undefined ? { progress } : { progress, shouldStop };
    const score = await this.evaluator.score(split, hooks);
    if (score !== undefined) this.refuseUnmeasured(split, score);
    return score ?? stopped;
  }

  private refuseUnmeasured(split: Split, score: Score): void {
    const { metric } = this.run.options.training;
    if (measuredValue(metric, score) !== undefined) return;
    const marks =
      this.run.options.training.loader.kind === 'tagged' ? 'O, B-type and I-type' : 'Relation(e1,e2) and Other';
    const message = `\`metric = ${metric}\` cannot be measured on ${split}: its labels are not ${marks}`;
    throw new Fault('train/no-metric', message, 'use `metric = accuracy`');
  }

  async close(): Promise<void> {
    await this.evaluator?.close();
  }
}

/** Writes the weights of the epoch that is over, when they are to be kept; returns whether. */
function keepWeights(run: Run, weights: Weights, valid: Score | undefined): boolean {
  const { step, epochsDone, best } = run.position;
  // Weights before the final sparsity are not those of the program.
  if (!run.pruning.isFinalAt(step)) return false;
  const { training, corpus, identity } = run.options;
  if (valid !== undefined && best?.valid !== undefined && !isBetter(training.metric, valid, best.valid)) return false;
  const metadata = {
    format: 'rnnc',
    program: identity.program,
    data: corpus.hash,
    compiler: identity.compiler,
    seed: String(training.seed),
    epoch: String(epochsDone + 1),
    ...(valid === undefined ? {} : { valid_perplexity: String(valid.perplexity) }),
  };
  run.folder.replace('weights', writeSafetensors(weights, metadata));
  run.position = { ...run.position, best: { epoch: epochsDone + 1, valid } };
  return true;
}

/** Validation, kept weights, one line of metrics and a checkpoint. False when a stop came first. */
async function endEpoch(run: Run, judge: Judge, since: number): Promise<boolean> {
  const tensors = await run.snapshot();
  const weights = run.weightsOf(tensors);
  const valid = await judge.score('valid', weights);
  if (valid === stopped) return false;
  const kept = keepWeights(run, weights, valid);
  const { step, epochsDone } = run.position;
  const epoch = epochsDone + 1;
  const trainPerplexity = perplexityOf(run.meanEpochLoss());
  const seconds = run.folder.seconds() - since;
  const sparsity = run.pruning.sparsityAt(step);
  const lr = run.rateAt(step - 1);
  run.log({
    kind: 'epoch',
    step,
    epoch,
    train_perplexity: trainPerplexity,
    valid_perplexity: valid?.perplexity,
    ...(valid?.accuracy === undefined ? {} : { valid_accuracy: valid.accuracy }),
    ...(valid?.f1 === undefined ? {} : { valid_f1: valid.f1 }),
    sparsity,
    lr,
    seconds: Math.round(seconds * 1000) / 1000,
    kept,
  });
  run.position = { ...run.position, epochsDone: epoch, epoch: { nats: 0, tokens: 0 } };
  await run.checkpoint(tensors);
  const { epochs } = run.options.training;
  run.tell({ kind: 'epoch', epoch, epochs, trainPerplexity, valid, sparsity, lr, seconds, kept });
  run.speed.skipTo(run.folder.seconds());
  return true;
}

/** Whether validation has not become better for as many epochs as the program waits; all of it is in the checkpoint. */
function isStale({ position: { epochsDone, best }, options: { training } }: Run): boolean {
  return training.stop !== undefined && best !== undefined && epochsDone - best.epoch >= training.stop.patience;
}

const isOver = (run: Run): boolean => run.position.epochsDone >= run.options.training.epochs || isStale(run);

/** Runs to the last epoch; false when it was stopped before. */
async function runEpochs(run: Run, judge: Judge): Promise<boolean> {
  const { shouldStop } = run.options;
  let since = run.folder.seconds();
  while (!isOver(run)) {
    const isEpochOver = run.position.step === (run.position.epochsDone + 1) * run.batches.count;
    if (isEpochOver) {
      if (!(await endEpoch(run, judge, since))) return false;
      if (!isOver(run)) refuseChanged(run.options.corpus.files ?? []);
      since = run.folder.seconds();
    } else await run.step();
    if ((await shouldStop?.()) === true && !isOver(run)) return false;
  }
  if (isStale(run)) tellStale(run);
  return true;
}

function tellStale(run: Run): void {
  const { epochsDone, best } = run.position;
  const { epoch, valid } = defined(best, 'kept epoch');
  const { metric } = run.options.training;
  const beaten = `${valid === undefined ? '' : valueText(metric, valid, 2)} of epoch ${epoch}`;
  const message = `stopped after epoch ${epochsDone}: valid is not better than ${beaten}`;
  run.tell({ kind: 'notice', message });
}

const readKept = (run: Run): Weights => {
  const bytes = run.folder.read('weights');
  if (bytes === undefined)
    throw new Fault('train/no-weights', `${run.folder.fileOf('weights')} is gone`, 'start the run anew');
  return readSafetensors(bytes).tensors;
};

/** The kept weights on the test split; undefined where there is none or a stop came first. */
async function testKept(run: Run, judge: Judge, weights: Weights): Promise<Score | undefined> {
  const score = await judge.score('test', weights);
  if (score === undefined || score === stopped) return undefined;
  const { step, best } = run.position;
  const { epoch } = defined(best, 'kept epoch');
  run.log({
    kind: 'test',
    step,
    epoch,
    test_perplexity: score.perplexity,
    ...(score.accuracy === undefined ? {} : { test_accuracy: score.accuracy }),
    ...(score.f1 === undefined ? {} : { test_f1: score.f1 }),
  });
  run.tell({ kind: 'test', epoch, test: score });
  return score;
}

async function complete(run: Run, judge: Judge): Promise<TrainResult> {
  const finished = await runEpochs(run, judge);
  if (!finished) await run.checkpointIfNew();
  const { step, epochsDone, best } = run.position;
  const weights = best === undefined ? undefined : readKept(run);
  const test = finished && weights !== undefined ? await testKept(run, judge, weights) : undefined;
  const weightsFile = run.folder.fileOf('weights');
  return { finished, step, epochsDone, best, test, weights, weightsFile, droppedTokens: run.batches.dropped };
}

/** Faults that end a run from outside: what it has is named beside them. */
const endings: ReadonlySet<string> = new Set(['train/run-folder', 'train/not-finite', 'data/changed']);

function withLastGood(error: unknown, run: Run | undefined): unknown {
  if (run === undefined || !(error instanceof Fault) || !endings.has(error.code)) return error;
  return new Fault(error.code, `${error.message}; ${run.lastGood()}`, error.hint);
}

/** Trains to the end, or until `shouldStop` says so; throws a Fault when the run cannot go on. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  if (options.training.stop !== undefined && !options.corpus.splits.has('valid'))
    throw new Fault('data/no-split', '`stop = early` needs a valid split', 'add one to the data or remove `stop`');
  const { loader, seed } = options.training;
  const batches = batchesOf(options.corpus, loader, seed);
  const training = resolveMoments(options.training, options.pools, batches.count);
  const folder = new RunFolder(options.folder, options.disk);
  let run: Run | undefined;
  let judge: Judge | undefined;
  try {
    run = await Run.open({ ...options, training }, folder, batches);
    judge = new Judge(run);
    return await complete(run, judge);
  } catch (error) {
    throw withLastGood(error, run);
  } finally {
    await judge?.close();
    await run?.close();
    folder.close();
  }
}
