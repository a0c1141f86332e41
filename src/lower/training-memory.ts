/**
 * The memory of a training run, from the shapes of its step graph: what stays, what a step needs at its peak, and what
 * a checkpoint needs for a moment. An estimate of what a run adds to the process; engines round up as they like.
 */
import { peakBytes } from '../graph/liveness.js';
import { size } from '../tensor/shape.js';
import { nextName, type StepGraph } from './training-graph.js';

/** All in bytes. */
export interface TrainingMemory {
  /** Weights, moments and recurrent state: each twice, as the old value and as the new one. */
  readonly carried: number;
  readonly masks: number;
  /** Random draws and tokens: each twice, as the next step is prepared while one runs. */
  readonly fed: number;
  /** Intermediate values that are alive at once at the worst moment of a step. */
  readonly values: number;
  /** What an engine holds beside them: it runs its first step without a plan, and asks for whole powers of two. */
  readonly engine: number;
  /** All of the above. */
  readonly step: number;
  /** What writing a checkpoint adds for a moment: a copy of all that stays, and the file made of it, twice. */
  readonly checkpoint: number;
}

/**
 * Memory that onnxruntime keeps for each byte of values, less the one: as `benchmarks/train/memory.mjs` measures it,
 * 1.6 to 2.7 over H = 100..650 and T = 10..40.
 */
const engineShare = 2;

const bytesOf = (tensors: readonly { readonly shape: readonly number[] }[]): number =>
  4 * tensors.reduce((total, { shape }) => total + size(shape), 0);

export function trainingMemory({ graph, parameters, carried, draws, data }: StepGraph): TrainingMemory {
  const owners = [...parameters, ...carried];
  const placed = new Set(owners.flatMap(({ name }) => graph.outputs[nextName(name)] ?? []));
  const once = bytesOf(owners);
  const masks = bytesOf(parameters.filter(({ mask }) => mask !== undefined));
  const fed = 2 * bytesOf([...draws, ...data]);
  const values = peakBytes(graph, placed);
  const engine = engineShare * values;
  const step = 2 * once + masks + fed + values + engine;
  return { carried: 2 * once, masks, fed, values, engine, step, checkpoint: 3 * (once + masks) };
}

/**
 * Bytes of a run whose batches have several lengths, from the graph of one of them: what stays is there once, the rest
 * for each length and in proportion to it.
 */
export function runMemory(step: StepGraph, sizes: readonly number[]): number {
  const { carried, masks, fed, values, engine } = trainingMemory(step);
  const share = sizes.reduce((total, size) => total + size, 0) / step.steps;
  return carried + masks + Math.round(share * (fed + values + engine));
}
