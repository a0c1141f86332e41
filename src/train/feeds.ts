/** What a training step is fed: data, rate, step numbers, turns and random draws, each a function of time alone. */
import { type BatchBuffers, type Batches, makeBuffers } from '../data/batches.js';
import {
  type DataInput,
  type Draw,
  learningRate,
  type StepGraph,
  squaresWeight,
  stepNumber,
  turnName,
  turnNumber,
} from '../lower/training-graph.js';
import type { Part } from '../methods/method.js';
import { fillKeep, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Tensor } from '../tensor/tensor.js';
import { inputNames } from './evaluate.js';
import type { TurnState } from './turns.js';

export interface FeedSource {
  readonly batches: Batches;
  readonly seed: number;
  readonly rateAt: (time: number) => number;
  /** Probability of keeping a row of co-matrix dropout in this layer. */
  readonly keepAt: (layer: string, time: number) => number;
  /** In place of every layer's own dropout rate, where the program schedules it. */
  readonly dropoutAt?: (time: number) => number;
  /** Weight of the sum of squares, where the program schedules it. */
  readonly squaresAt?: (time: number) => number;
  /** Whether a part is trained, and for how many updates it was. */
  readonly turnAt: (part: Part, time: number) => TurnState;
}

const parts: readonly Part[] = ['structure', 'overlay'];

interface Buffers extends BatchBuffers {
  readonly draws: readonly FloatTensor[];
}

/** Fills two sets of buffers in turn, so that the next step can be prepared while one runs. */
export class Feeder {
  private readonly step: StepGraph;
  private readonly source: FeedSource;
  private readonly reads: ReadonlySet<string>;
  private readonly draws: readonly Draw[];
  private readonly sets: readonly Buffers[];

  constructor(step: StepGraph, source: FeedSource) {
    this.step = step;
    this.source = source;
    this.reads = inputNames(step);
    this.draws = step.draws.filter(({ name }) => this.reads.has(name));
    const labels = step.data.find(({ role }) => role === 'label');
    this.sets = [0, 1].map(() => ({
      ...makeBuffers(step.batch, step.steps, labels?.shape[0]),
      draws: this.draws.map(({ shape }) => ({ shape, data: new Float32Array(size(shape)) })),
    }));
  }

  /** Feeds of the update that is made after `time` updates. Valid until two more were asked for. */
  feedsAt(time: number): Record<string, Tensor> {
    const { batches, seed, rateAt } = this.source;
    const buffers = this.sets[time % 2]!;
    const { draws } = buffers;
    batches.fill(time, buffers);
    const feeds: Record<string, Tensor> = {};
    for (const input of this.step.data) if (this.reads.has(input.name)) feeds[input.name] = dataFeed(input, buffers);
    this.draws.forEach((draw, i) => {
      fillKeep(draws[i]!.data, this.keepOf(draw, time), streamKey(seed, draw.name, time));
      feeds[draw.name] = draws[i]!;
    });
    if (this.reads.has(learningRate)) feeds[learningRate] = scalar(rateAt(time));
    if (this.reads.has(squaresWeight)) feeds[squaresWeight] = scalar(this.source.squaresAt?.(time) ?? 0);
    // The optimizers count updates from 1.
    if (this.reads.has(stepNumber)) feeds[stepNumber] = scalar(time + 1);
    for (const part of parts) this.feedTurn(part, time, feeds);
    return feeds;
  }

  private feedTurn(part: Part, time: number, feeds: Record<string, Tensor>): void {
    const { on, updates } = this.source.turnAt(part, time);
    if (this.reads.has(turnName(part))) feeds[turnName(part)] = scalar(on ? 1 : 0);
    // Before a part's first turn there is nothing to correct; 0 would divide by it.
    if (this.reads.has(turnNumber(part))) feeds[turnNumber(part)] = scalar(Math.max(1, updates));
  }

  private keepOf({ role }: Draw, time: number): number {
    if (role.kind === 'cmr') return this.source.keepAt(role.layer, time);
    return 1 - (this.source.dropoutAt?.(time) ?? role.rate);
  }
}

/** What a data input of a batch is fed. */
export function dataFeed({ role, shape }: DataInput, buffers: BatchBuffers): Tensor {
  switch (role) {
    case 'input':
      return { shape, data: buffers.inputs };
    case 'label':
      return { shape, data: buffers.labels };
    case 'weight':
      return { shape, data: buffers.weights };
    case 'present':
      return { shape, data: buffers.present };
  }
}

const scalar = (value: number): FloatTensor => ({ shape: [], data: Float32Array.of(value) });
