/**
 * What a sweep is going to do, before it does it: every run with its place, its state and its cost. Time comes from
 * steps and evaluations that are measured here: once for each method, whose goals and seeds cost about the same.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { compileEvaluation, compileTraining } from '../compile.js';
import type { Batches } from '../data/batches.js';
import type { Split } from '../data/corpus.js';
import { batchesOf, type LoadedCorpus } from '../data/load.js';
import type { Engine } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import { runMemory } from '../lower/training-memory.js';
import { summarize, totals } from '../model/summary.js';
import type { SkippedRun, SweepPlan, SweepRun } from '../model/sweep.js';
import { defined } from '../support/assert.js';
import type { RunCost } from '../sweep/results.js';
import { measureEngine } from '../train/engine-speed.js';
import { measureEvaluation } from '../train/evaluation-speed.js';
import { initialWeights } from '../train/initialize.js';
import type { Invocation } from './command.js';
import type { Opened } from './program.js';
import { type KeptResult, readResult } from './sweep-folder.js';
import { identityOf, openCorpus, trainingOf } from './train-model.js';
import { version } from './version.js';

/** A run of the plan with all that is known before it starts. */
export interface PlannedRun {
  readonly run: SweepRun;
  readonly opened: Opened;
  /** Hash of program, data and compiler. */
  readonly identity: string;
  readonly cost: RunCost;
  /** Bytes of its process. */
  readonly memory: number;
  readonly steps: number;
  /** 0 where nothing is left to do. */
  readonly secondsPerStep: number;
  /** Of the splits at the ends of epochs, and of the test split at the end of all. */
  readonly evaluationSeconds: number;
  readonly seconds: number;
  /** Of an earlier sweep. */
  readonly kept: KeptResult | undefined;
}

export interface PlannedSweep {
  readonly axes: readonly string[];
  readonly runs: readonly PlannedRun[];
  readonly skipped: readonly SkippedRun[];
  /** Methods whose step and evaluation were measured. */
  readonly measured: number;
}

/** What a process needs before it has a model: Node with an engine loaded, measured at 120 to 150 MB. */
const processBytes = 150e6;
/** Until a process takes its first step. */
const startSeconds = 1;
/** Time for which a step is measured, and an evaluation. */
const measuredSeconds = 0.3;

export const sweepFolder = ({ buildFolder }: Opened): string => join(buildFolder, 'sweep');

/** A run as a program of its own, in a folder of its own. */
export const openedRun = (opened: Opened, { program, model, name }: SweepRun): Opened => ({
  ...opened,
  program,
  model,
  buildFolder: join(sweepFolder(opened), name),
});

/** Data is read once for all runs that read the same. */
export class Corpora {
  readonly #invocation: Invocation;
  readonly #known = new Map<string, LoadedCorpus>();

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  of(opened: Opened): LoadedCorpus {
    const { loader, seed } = trainingOf(opened);
    const signals = opened.model.layers.map(({ shape }) => shape.signal);
    const key = JSON.stringify([loader, loader.kind === 'generated' ? seed : 0, signals]);
    const corpus = this.#known.get(key) ?? openCorpus(this.#invocation, opened, ['train', 'valid', 'test']);
    this.#known.set(key, corpus);
    return corpus;
  }
}

export const identityOfRun = (opened: Opened, corpus: LoadedCorpus): string =>
  createHash('sha256')
    .update([identityOf(opened), corpus.hash, version].join('\n'))
    .digest('hex');

function costOf({ model }: Opened): RunCost {
  const { before, after } = totals(summarize(model));
  const { parameters, bytes, macs } = after;
  return { parameters, factor: before.parameters / parameters, bytes, macs };
}

const stepOf = ({ model }: Opened, steps?: number): StepGraph =>
  compileTraining(model, model.training?.cmr !== undefined, undefined, steps);

/** Steps of all batches of an epoch over those of one size. */
function relativeLength(batches: Batches, steps: number): number {
  let sum = 0;
  for (let time = 0; time < batches.count; time++) sum += batches.stepsAt(time);
  return sum / (batches.count * steps);
}

interface Measuring {
  readonly engine: Engine;
  readonly threads: number;
  readonly invocation: Invocation;
}

/** What runs of a method take. */
interface Times {
  /** Of one update, batches of every length in the mean. */
  readonly step: number;
  /** Of one token that is scored. */
  readonly token: number;
}

/** Tokens that a run scores: `valid` at the end of every epoch, `test` once. */
function scoredTokens({ splits }: LoadedCorpus, epochs: number): number {
  const tokens = (split: Split): number => splits.get(split)?.ids.length ?? 0;
  return tokens('valid') * epochs + tokens('test');
}

/** Seconds of one update and of one token's evaluation, by what the runs share. */
class MethodTimes {
  readonly #measuring: Measuring;
  readonly #known = new Map<string, Times>();

  constructor(measuring: Measuring) {
    this.#measuring = measuring;
  }

  get measured(): number {
    return this.#known.size;
  }

  async of(
    { run, opened }: Pick<PlannedRun, 'run' | 'opened'>,
    corpus: LoadedCorpus,
    batches: Batches,
  ): Promise<Times> {
    const key = JSON.stringify(run.values.filter(({ axis }) => axis !== 'seed' && !/(^|\.)to$/.test(axis)));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const steps = batches.stepsAt(0);
    const { engine, threads } = this.#measuring;
    const { loader } = trainingOf(opened);
    const request = { step: stepOf(opened, steps), loader, engine, threads, batches, forSeconds: measuredSeconds };
    const step = (await measureEngine(request)).mean * relativeLength(batches, steps);
    const times = { step, token: await this.#secondsPerToken(opened, corpus) };
    this.#known.set(key, times);
    return times;
  }

  async #secondsPerToken({ model, ...opened }: Opened, corpus: LoadedCorpus): Promise<number> {
    const split = (['valid', 'test'] as const).find((name) => corpus.splits.has(name));
    if (split === undefined) return 0;
    const { loader } = trainingOf({ model, ...opened });
    const graphOf = (steps: number): StepGraph => compileEvaluation(model, steps);
    const weights = initialWeights(graphOf(1).parameters, 1);
    const request = { ...this.#measuring, corpus, loader, graphOf, weights, split, forSeconds: measuredSeconds };
    return measureEvaluation(request);
  }
}

/** The cost of every run; steps and evaluations of runs that are still to be done are measured. */
export async function planRuns(plan: SweepPlan, opened: Opened, measuring: Measuring): Promise<PlannedSweep> {
  const { invocation, engine } = measuring;
  const corpora = new Corpora(invocation);
  const methods = new MethodTimes(measuring);
  const runs: PlannedRun[] = [];
  for (const run of plan.runs) {
    const own = openedRun(opened, run);
    const corpus = corpora.of(own);
    const { loader, seed, epochs } = trainingOf(own);
    const batches = batchesOf(corpus, loader, seed);
    const identity = identityOfRun(own, corpus);
    const kept = invocation.flag('restart') ? undefined : readResult(own.buildFolder, identity);
    const needs = kept === undefined ? await methods.of({ run, opened: own }, corpus, batches) : { step: 0, token: 0 };
    const [secondsPerStep, evaluationSeconds] = [needs.step, needs.token * scoredTokens(corpus, epochs)];
    const largest = defined(batches.sizes.at(-1), 'a size of batches');
    const memory = processBytes + runMemory(stepOf(own, largest), batches.sizes, engine.memory);
    const steps = batches.count * epochs;
    const seconds = kept === undefined ? startSeconds + steps * secondsPerStep + evaluationSeconds : 0;
    const times = { secondsPerStep, evaluationSeconds, seconds };
    runs.push({ run, opened: own, identity, cost: costOf(own), memory, steps, ...times, kept });
  }
  return { axes: plan.axes, runs, skipped: plan.skipped, measured: methods.measured };
}
