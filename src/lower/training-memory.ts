/**
 * The memory of a training run, from the shapes of its step graph: what stays, what a step needs at its peak, and what
 * a checkpoint needs for a moment. An estimate of what a run adds to the process; engines round up as they like.
 */
import { writtenInPlace } from '../graph/in-place.js';
import { peakBytes } from '../graph/liveness.js';
import { size } from '../tensor/shape.js';
import { nextName, type StepGraph } from './training-graph.js';

/** All in bytes. */
export interface TrainingMemory {
  /** Weights, moments and recurrent state: twice, as the old value and as the new one, what is not written in place. */
  readonly carried: number;
  readonly masks: number;
  /** Random draws and tokens: each twice, as the next step is prepared while one runs. */
  readonly fed: number;
  /** Intermediate values that are alive at once at the worst moment of a step. */
  readonly values: number;
  /** What the engine holds beside them: it runs its first step without a plan, and asks for more than it needs. */
  readonly engine: number;
  /** What it holds for the update, in proportion to weights and moments: their gradients and changes, taken apart. */
  readonly update: number;
  /** The values that a run starts from: the engine takes copies, and these are still there at the first steps. */
  readonly start: number;
  /** All of the above. */
  readonly step: number;
  /** What writing a checkpoint adds for a moment: a copy of all that stays, and the file made of it, twice. */
  readonly checkpoint: number;
}

/** What an engine holds beside the values that are alive, as `benchmarks/train/memory.mjs` measures it. */
export interface EngineMemory {
  /** Bytes for each byte of values that are alive at once, less the one. */
  readonly perByte: number;
  /** Bytes for each op of the graph. */
  readonly perOp: number;
  /** Bytes for each byte of weights, moments and recurrent state. */
  readonly perCarried: number;
  /** Share of the values that a run starts from that is still there when a step is at its peak. */
  readonly start: number;
  /** Whether new values take the place of the old ones where the graph allows it. */
  readonly inPlace: boolean;
}

/** Of onnxruntime: within 10% of what is measured over two layers, H = 100..650, T = 10..80, and Adam. */
export const nativeMemory: EngineMemory = { perByte: 0.4, perOp: 7000, perCarried: 2, start: 1, inPlace: true };

const bytesOf = (tensors: readonly { readonly shape: readonly number[] }[]): number =>
  4 * tensors.reduce((total, { shape }) => total + size(shape), 0);

/** `held` is of the engine that runs the step. */
export function trainingMemory(stepGraph: StepGraph, held: EngineMemory = nativeMemory): TrainingMemory {
  const { graph, parameters, carried, draws, data } = stepGraph;
  const owners = [...parameters, ...carried];
  const carries = new Map(owners.map(({ name }) => [nextName(name), name]));
  const placed = new Set([...carries.keys()].flatMap((output) => graph.outputs[output] ?? []));
  const overwritten = held.inPlace ? writtenInPlace(graph, carries) : new Set<string>();
  const once = bytesOf(owners);
  const again = bytesOf(owners.filter(({ name }) => !overwritten.has(nextName(name))));
  const masks = bytesOf(parameters.filter(({ mask }) => mask !== undefined));
  const fed = 2 * bytesOf([...draws, ...data]);
  const values = peakBytes(graph, placed);
  const engine = held.perByte * values + held.perOp * graph.ops.length;
  const update = held.perCarried * once;
  const start = held.start * (once + masks);
  const step = once + again + masks + fed + values + engine + update + start;
  return { carried: once + again, masks, fed, values, engine, update, start, step, checkpoint: 3 * (once + masks) };
}

/**
 * Bytes of a run whose batches have several lengths, from the graph of one of them: what stays is there once, the rest
 * for each length and in proportion to it.
 */
export function runMemory(step: StepGraph, sizes: readonly number[], held?: EngineMemory): number {
  const { carried, masks, fed, values, engine, update, start } = trainingMemory(step, held);
  const share = sizes.reduce((total, size) => total + size, 0) / step.steps;
  return carried + masks + update + start + Math.round(share * (fed + values + engine));
}
