/**
 * Streams to windows of ids, time-major, for truncated back-propagation and for evaluation. The input is the stream
 * delayed by one; before its first token stands the corpus' `start`. Buffers belong to the caller.
 */
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { Stream } from './corpus.js';

/** How a stream is cut for training: `batch` equal rows, each in windows of `steps`. */
export interface BatchPlan {
  readonly batch: number;
  readonly steps: number;
  /** Tokens from the start of one row to the start of the next. */
  readonly rowLength: number;
  /** Windows in one epoch. */
  readonly windows: number;
  /** Tokens at the ends of the rows and of the stream that no window covers. */
  readonly dropped: number;
}

/** A stream as a model reads it: `start` stands before its first token. */
export interface Reading {
  readonly stream: Stream;
  readonly start: number;
}

/**
 * How a run reads its data, as a function of the number of updates made: batches of one size of step graph or of
 * several, each filled into buffers that belong to the caller.
 */
export interface Batches {
  /** Updates in one epoch. */
  readonly count: number;
  /** Rows side by side. */
  readonly batch: number;
  /** Tokens in one epoch, padding not among them. */
  readonly tokens: number;
  /** Tokens of an epoch that no batch covers. */
  readonly dropped: number;
  /** Time steps of the graphs that are needed, ascending. */
  readonly sizes: readonly number[];
  /** Time steps of the batch behind `time` updates. */
  readonly stepsAt: (time: number) => number;
  readonly fill: (time: number, into: BatchBuffers) => void;
}

/** Ids of a batch and what they weigh, row `t * batch + b`; labels and weights may be one for each row of the batch. */
export interface BatchBuffers extends WindowBuffers {
  /** Share of a label in the loss: 0 where there is padding. */
  readonly weights: Float32Array;
  /** 1 at the tokens of a sequence, 0 behind its end. */
  readonly present: Float32Array;
}

/** Where ids of a window go: (steps * batch) each, row `t * batch + b`. */
export interface WindowBuffers {
  readonly inputs: Int32Array;
  readonly labels: Int32Array;
}

export const makeBuffers = (batch: number, steps: number, labels = batch * steps): BatchBuffers => ({
  inputs: new Int32Array(batch * steps),
  labels: new Int32Array(labels),
  weights: new Float32Array(labels),
  present: new Float32Array(batch * steps),
});

/** Cuts a training stream; refuses one that is shorter than a single window. */
export function planBatches(stream: Stream, batch: number, steps: number): BatchPlan {
  const tokens = stream.ids.length;
  const rowLength = Math.floor(tokens / batch);
  const windows = Math.floor(rowLength / steps);
  if (windows === 0)
    throw new Fault(
      'data/too-short',
      `${stream.origin} has ${count(tokens)} tokens, ` +
        `one batch=${batch} x unroll=${steps} needs ${count(batch * steps)}`,
      'use a smaller batch or unroll, or more text',
    );
  return { batch, steps, rowLength, windows, dropped: tokens - windows * steps * batch };
}

/** Window `k` of an epoch: row b covers tokens b * rowLength + k * steps onwards. */
export function fillBatch({ stream, start }: Reading, plan: BatchPlan, k: number, into: WindowBuffers): void {
  const { batch, steps, rowLength } = plan;
  for (let b = 0; b < batch; b++) {
    const first = b * rowLength + k * steps;
    for (let t = 0; t < steps; t++) {
      const at = first + t;
      into.inputs[t * batch + b] = at === 0 ? start : stream.ids[at - 1]!;
      into.labels[t * batch + b] = stream.ids[at]!;
    }
  }
}

/** Windows of `steps` that cover a whole stream, the last one in part. */
export const evaluationWindows = (stream: Stream, steps: number): number => Math.ceil(stream.ids.length / steps);

/** A stream as the batches of a training run: every token weighs the same, and none is padding. */
export function streamBatches(reading: Reading, batch: number, steps: number): Batches {
  const plan = planBatches(reading.stream, batch, steps);
  return {
    count: plan.windows,
    batch,
    tokens: plan.windows * steps * batch,
    dropped: plan.dropped,
    sizes: [steps],
    stepsAt: () => steps,
    fill: (time, into) => fillBatch(reading, plan, time % plan.windows, into),
  };
}

/** Evaluation window `k` of one stream at batch 1; returns how many of its rows are real, the rest are id 0. */
export function fillEvaluation({ stream, start }: Reading, k: number, into: WindowBuffers): number {
  const steps = into.labels.length;
  const first = k * steps;
  const real = Math.min(steps, stream.ids.length - first);
  for (let t = 0; t < steps; t++) {
    const at = first + t;
    into.inputs[t] = t >= real ? 0 : at === 0 ? start : stream.ids[at - 1]!;
    into.labels[t] = t >= real ? 0 : stream.ids[at]!;
  }
  return real;
}
