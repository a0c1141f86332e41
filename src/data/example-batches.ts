/**
 * Labelled sequences to padded batches: bucketed by length, in an order that is a pure function of (seed, epoch). Each
 * batch pads its sequences on the right to the length of its bucket; what is padding has weight 0. A bucket's last
 * batch repeats a sequence with weight 0, so that every batch has its full size.
 */
import { bitsAt, streamKey } from '../tensor/random.js';
import { type BatchBuffers, type Batches, makeBuffers } from './batches.js';
import { bucketLengths } from './buckets.js';
import type { Examples } from './corpus.js';

/** A batch before it is filled: which examples it holds, at most `batch`, and the length they are padded to. */
export interface PlannedBatch {
  readonly steps: number;
  readonly examples: readonly number[];
}

export const countExamples = ({ starts }: Examples): number => starts.length - 1;

export const lengthOf = ({ starts }: Examples, example: number): number => starts[example + 1]! - starts[example]!;

const allLengths = (examples: Examples): number[] =>
  Array.from({ length: countExamples(examples) }, (_, i) => lengthOf(examples, i));

/** Examples by bucket, each in the order of the file. */
function groupByBucket(examples: Examples, buckets: number): ReadonlyMap<number, readonly number[]> {
  const lengths = allLengths(examples);
  const sizes = bucketLengths(lengths, buckets);
  const groups = new Map<number, number[]>(sizes.map((size) => [size, []]));
  lengths.forEach((length, i) => {
    groups.get(sizes.find((size) => size >= length)!)!.push(i);
  });
  return groups;
}

/** The same values in a keyed random order (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], seed: number, purpose: string, epoch: number): T[] {
  const key = streamKey(seed, purpose, epoch);
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = bitsAt(key, i) % (i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function cut(steps: number, examples: readonly number[], batch: number): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  for (let i = 0; i < examples.length; i += batch) batches.push({ steps, examples: examples.slice(i, i + batch) });
  return batches;
}

/** Every example once, shortest bucket first: for evaluation. */
export const evaluationBatches = (examples: Examples, batch: number, buckets: number): readonly PlannedBatch[] =>
  [...groupByBucket(examples, buckets)].flatMap(([steps, members]) => cut(steps, members, batch));

export interface ExampleBatchOptions {
  readonly batch: number;
  readonly buckets: number;
  readonly seed: number;
  readonly perToken: boolean;
}

/** Row of a label: `t * batch + b` for each token, `b` for each sequence. */
export function fillExamples(
  examples: Examples,
  { steps, examples: members }: PlannedBatch,
  { batch, perToken }: { readonly batch: number; readonly perToken: boolean },
  into: BatchBuffers,
): void {
  for (const data of [into.inputs, into.labels, into.weights, into.present]) data.fill(0);
  const weight = 1 / members.length;
  for (let b = 0; b < batch; b++) {
    const real = b < members.length;
    const example = members[real ? b : 0]!;
    const first = examples.starts[example]!;
    const length = lengthOf(examples, example);
    for (let t = 0; t < steps; t++) {
      const row = t * batch + b;
      if (t >= length) continue;
      into.inputs[row] = examples.ids[first + t]!;
      into.present[row] = 1;
      if (!perToken) continue;
      into.labels[row] = examples.labels[first + t]!;
      if (real) into.weights[row] = weight;
    }
    if (perToken) continue;
    into.labels[b] = examples.labels[example]!;
    if (real) into.weights[b] = weight;
  }
}

/** Training batches. The order of an epoch is kept until another epoch is asked for. */
class ExampleBatches implements Batches {
  readonly count: number;
  readonly batch: number;
  readonly dropped = 0;
  readonly tokens: number;
  readonly sizes: readonly number[];
  private readonly groups: ReadonlyMap<number, readonly number[]>;
  private order: { readonly epoch: number; readonly batches: readonly PlannedBatch[] } | undefined;
  private readonly examples: Examples;
  private readonly options: ExampleBatchOptions;

  constructor(examples: Examples, options: ExampleBatchOptions) {
    this.examples = examples;
    this.options = options;
    this.batch = options.batch;
    this.tokens = examples.ids.length;
    this.groups = groupByBucket(examples, options.buckets);
    this.sizes = [...this.groups.keys()];
    this.count = [...this.groups.values()].reduce((n, g) => n + Math.ceil(g.length / options.batch), 0);
  }

  private orderOf(epoch: number): readonly PlannedBatch[] {
    if (this.order?.epoch === epoch) return this.order.batches;
    const { seed, batch } = this.options;
    const batches = [...this.groups].flatMap(([steps, members]) =>
      cut(steps, shuffled(members, seed, `order of bucket ${steps}`, epoch), batch),
    );
    this.order = { epoch, batches: shuffled(batches, seed, 'order of batches', epoch) };
    return this.order.batches;
  }

  private at(time: number): PlannedBatch {
    return this.orderOf(Math.floor(time / this.count))[time % this.count]!;
  }

  stepsAt(time: number): number {
    return this.at(time).steps;
  }

  fill(time: number, into: BatchBuffers): void {
    fillExamples(this.examples, this.at(time), this.options, into);
  }
}

/** How a split of labelled sequences is cut for training. */
export const exampleBatches = (examples: Examples, options: ExampleBatchOptions): Batches =>
  new ExampleBatches(examples, options);

/** Buffers of one padded batch. */
export const makeExampleBuffers = (batch: number, steps: number, perToken: boolean): BatchBuffers =>
  makeBuffers(batch, steps, perToken ? batch * steps : batch);
