/**
 * The memory of a training run, from the shapes of its step graph: what stays, what a step needs at its peak, and what
 * a checkpoint needs for a moment. An estimate of what a run adds to the process; engines round up as they like.
 */
import { writtenInPlace } from '../graph/in-place.js';
import { peakBytes } from '../graph/liveness.js';
import type { Graph } from '../graph/ops.js';
import { pieceCarried } from '../passes/carried-pieces.js';
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
  /** What the engine holds beside them. */
  readonly engine: number;
  /** What it holds for the update, in proportion to weights, moments and masks. */
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
  /** Bytes for each byte of weights, moments, recurrent state and masks. */
  readonly perCarried: number;
  /** Share of the values that a run starts from that is still there when a step is at its peak. */
  readonly start: number;
  /**
   * Whether new values take the place of the old ones where the graph allows it, and large weights are stored in the
   * pieces that a step reads.
   */
  readonly inPlace: boolean;
}

/** Of onnxruntime: measured over predicted is 0.77 to 1.14 from 70 MB on (`benchmarks/train/memory.mjs`). */
export const nativeMemory: EngineMemory = { perByte: 0, perOp: 2000, perCarried: 1, start: 1, inPlace: true };

interface Carrying {
  readonly graph: Graph;
  readonly carries: ReadonlyMap<string, string>;
}

const bytesOf = (tensors: readonly { readonly shape: readonly number[] }[]): number =>
  4 * tensors.reduce((total, { shape }) => total + size(shape), 0);

/** The step as the engine runs it, and output -> input of what is carried there. */
function asRun({ graph, parameters, carried }: StepGraph, { inPlace }: EngineMemory): Carrying {
  const carries = new Map([...parameters, ...carried].map(({ name }) => [nextName(name), name]));
  return inPlace ? pieceCarried(graph, carries) : { graph, carries };
}

/** `held` is of the engine that runs the step. */
export function trainingMemory(stepGraph: StepGraph, held: EngineMemory = nativeMemory): TrainingMemory {
  const { parameters, carried, draws, data } = stepGraph;
  const owners = [...parameters, ...carried];
  const { graph, carries } = asRun(stepGraph, held);
  const written = [...carries.keys()].filter((output) => graph.outputs[output] !== undefined);
  const placed = new Set(written.map((output) => graph.outputs[output]!));
  const overwritten = held.inPlace ? writtenInPlace(graph, carries) : new Set<string>();
  const once = bytesOf(owners);
  const apart = written.filter((output) => !overwritten.has(output));
  const again = bytesOf(apart.map((output) => graph.ops[graph.outputs[output]!]!));
  const masks = bytesOf(parameters.filter(({ mask }) => mask !== undefined));
  const fed = 2 * bytesOf([...draws, ...data]);
  const values = peakBytes(graph, placed);
  const engine = held.perByte * values + held.perOp * graph.ops.length;
  const update = held.perCarried * (once + masks);
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
