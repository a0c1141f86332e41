/**
 * Measures an engine on a training step, run as a training run does it: over the batches of a run, or where none are
 * given over a seeded source of words.
 */
import { performance } from 'node:perf_hooks';
import type { Batches } from '../data/batches.js';
import { batchesOf, loadCorpus } from '../data/load.js';
import type { Engine } from '../engines/engine.js';
import { lossOutput, type StepGraph } from '../lower/training-graph.js';
import type { Loader } from '../model/model.js';
import { defined } from '../support/assert.js';
import type { Weights } from '../tensor/tensor.js';
import { Feeder } from './feeds.js';
import { filled, initialWeights } from './initialize.js';
import { LiveGraph } from './live-graph.js';
import type { TurnState } from './turns.js';

export interface StepSpeed {
  /** Of the fastest step: what else the machine does only adds time. */
  readonly seconds: number;
  /** Of a step in the mean, with what the machine does beside it. */
  readonly mean: number;
  readonly steps: number;
  /** Loss of the last step, nats summed over the unrolled steps. */
  readonly loss: number;
}

export interface SpeedRequest {
  readonly step: StepGraph;
  readonly loader: Loader;
  readonly engine: Engine;
  readonly threads: number;
  /** Steps are run until this much time is gone; at least one after the first, which is not counted. */
  readonly forSeconds: number;
  /** Of a run; those that are as long as the step are taken. */
  readonly batches?: Batches;
}

function startTensors({ parameters, carried }: StepGraph): Weights {
  const tensors = new Map(initialWeights(parameters, 1));
  for (const { mask, shape } of parameters) if (mask !== undefined) tensors.set(mask, filled(shape, 1));
  for (const { name, shape } of carried) tensors.set(name, filled(shape, 0));
  return tensors;
}

function sourceOf(loader: Loader): Batches {
  const corpus = loadCorpus(loader, { programFolder: '.', vocabulary: wordsOf(loader), seed: 1, needs: ['train'] });
  return batchesOf(corpus, loader, 1);
}

function feederOf(step: StepGraph, batches: Batches): Feeder {
  const turnAt = (): TurnState => ({ on: true, updates: 1 });
  const always = { rateAt: () => 0.1, keepAt: () => 1, turnAt };
  return new Feeder(step, { batches, seed: 1, ...always });
}

const wordsOf = (loader: Loader): number => (loader.kind === 'generated' ? loader.vocabulary : 0);

/** Time of one update; the engine must be available. */
export async function measureEngine(request: SpeedRequest): Promise<StepSpeed> {
  const { step, engine, threads, forSeconds } = request;
  const batches = request.batches ?? sourceOf(request.loader);
  const fits = Array.from({ length: batches.count }, (_, i) => i).filter((i) => batches.stepsAt(i) === step.steps);
  const feeder = feederOf(step, batches);
  const live = await LiveGraph.load(step, engine, threads, startTensors(step));
  try {
    let [seconds, loss, steps, spent] = [Number.POSITIVE_INFINITY, Number.NaN, 0, 0];
    const began = performance.now();
    while (steps < 2 || performance.now() - began < forSeconds * 1000) {
      const before = performance.now();
      const results = await live.run(feeder.feedsAt(fits[steps % fits.length] ?? 0));
      const took = (performance.now() - before) / 1000;
      if (steps > 0) [seconds, spent] = [Math.min(seconds, took), spent + took];
      loss = defined(results[lossOutput], 'loss').data[0]!;
      steps++;
    }
    return { seconds, mean: spent / (steps - 1), steps, loss };
  } finally {
    await live.close();
  }
}
