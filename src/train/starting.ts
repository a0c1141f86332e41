/** Where a run starts: at the draws of its seed, or at a checkpoint of the same program and data. */
import type { StepGraph } from '../lower/training-graph.js';
import { Fault } from '../support/fault.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import {
  badCheckpoint,
  type Checkpoint,
  checkTensors,
  compareIdentity,
  decodeCheckpoint,
  type Position,
  type RunIdentity,
} from './checkpoint.js';
import { filled, initialWeights } from './initialize.js';
import { residentShapes } from './live-graph.js';
import { cutMetrics } from './metrics.js';
import type { TrainOptions } from './options.js';
import type { RunFolder, SavedFile } from './run-folder.js';

export interface Start {
  readonly position: Position;
  /** Every resident of the training graph. */
  readonly tensors: Weights;
  readonly resumed: boolean;
  /** What the user should be told. */
  readonly notes: readonly string[];
}

const nothing = { nats: 0, tokens: 0 };
const beginning: Position = { step: 0, epochsDone: 0, epoch: nothing, interval: nothing, best: undefined };

/** What two runs must share to be one. */
export const identityOf = (options: TrainOptions): RunIdentity => ({
  program: options.identity.program,
  data: options.corpus.hash,
  seed: options.training.seed,
  compiler: options.identity.compiler,
  engine: options.engine.name,
});

/** Exactly the weights of the program, each finite. */
function checkGiven(given: Weights, { parameters }: StepGraph, from: string): void {
  const refuse = (what: string): never => {
    throw new Fault('train/odd-weights', `cannot start from ${from}: ${what}`, 'give weights of this very program');
  };
  const weights = parameters.filter(({ penalty }) => penalty === undefined);
  const mayLack = new Set(parameters.filter(({ gridOf }) => gridOf !== undefined).map(({ name }) => name));
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape.join('x')]));
  for (const [name, { shape, data }] of given) {
    const wanted = shapes.get(name);
    if (wanted === undefined) refuse(`the program has no weight ${name}`);
    else if (wanted !== shape.join('x')) refuse(`${name} has shape ${shape.join('x')}, the program has ${wanted}`);
    const odd = data.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) refuse(`${name} holds ${data[odd]} at index ${odd}`);
  }
  for (const name of shapes.keys()) if (!given.has(name) && !mayLack.has(name)) refuse(`it has no ${name}`);
}

/** What the user of an engine that may give other bits should know. */
const notesOn = ({ engine: { name, varies } }: TrainOptions): readonly string[] =>
  varies === undefined ? [] : [`${name} is not deterministic: ${varies}`];

/** Draws, or the given values where there are some; masks of ones; moments and state of zeros. */
function startFresh(step: StepGraph, options: TrainOptions): Start {
  const given = options.start?.read() ?? new Map<string, FloatTensor>();
  if (options.start !== undefined) checkGiven(given, step, options.start.from);
  const tensors = new Map<string, FloatTensor>(initialWeights(step.parameters, options.training.seed, given));
  for (const { mask, shape } of step.parameters) if (mask !== undefined) tensors.set(mask, filled(shape, 1));
  for (const { name, shape } of step.carried) tensors.set(name, filled(shape, 0));
  return { position: beginning, tensors, resumed: false, notes: notesOn(options) };
}

/** The step at which a resumed run goes on, before any graph is made: 0 for a new run. */
export interface Saved {
  readonly position: Position;
  readonly tensors: Weights;
  readonly notes: readonly string[];
  readonly path: string;
}

/** The step of the checkpoint before the last one, where it is there and whole. */
function stepBefore(folder: RunFolder): number | undefined {
  try {
    const bytes = folder.read('previous');
    return bytes === undefined ? undefined : decodeCheckpoint(bytes, folder.fileOf('previous')).position.step;
  } catch {
    return undefined;
  }
}

/** A damaged checkpoint is refused, never skipped: the one before it is named, and the user decides. */
function decodeSaved({ bytes, path }: SavedFile, folder: RunFolder): Checkpoint {
  try {
    return decodeCheckpoint(bytes, path);
  } catch (error) {
    const previous = folder.fileOf('previous');
    const step = path === previous ? undefined : stepBefore(folder);
    if (!(error instanceof Fault) || error.code !== badCheckpoint || step === undefined) throw error;
    const message = `${error.message}; the one before it, of step ${step}, is whole: ${previous}`;
    throw new Fault(error.code, message, `go on from that one with \`mv ${previous} ${path}\` or ${error.hint}`);
  }
}

/** The folder's checkpoint, checked; undefined when the run starts anew, and then the folder is cleared. */
export function openSaved(options: TrainOptions, folder: RunFolder): Saved | undefined {
  const found = options.resume ? folder.readCheckpoint() : undefined;
  if (found === undefined) {
    folder.clear();
    return undefined;
  }
  const checkpoint = decodeSaved(found, folder);
  const notes = compareIdentity(checkpoint, identityOf(options), found.path);
  const log = folder.read('metrics');
  if (log !== undefined) {
    const cut = cutMetrics(new TextDecoder().decode(log), checkpoint.position.step);
    folder.replace('metrics', new TextEncoder().encode(cut));
  }
  return { position: checkpoint.position, tensors: checkpoint.tensors, notes, path: found.path };
}

function refuseFeatures({ data }: StepGraph): void {
  const odd = data.find(({ role, type }) => role === 'input' && type !== 'int32');
  if (odd === undefined) return;
  throw new Fault(
    'train/cannot-feed',
    `the input ${odd.layer} takes features, the data of this program gives ids`,
    'train a model whose inputs are `ids`',
  );
}

/** Everything the training graph needs at the run's first step. */
export function startOf(saved: Saved | undefined, step: StepGraph, options: TrainOptions): Start {
  refuseFeatures(step);
  if (saved === undefined) return startFresh(step, options);
  checkTensors(saved.tensors, residentShapes(step), saved.path);
  return { ...saved, notes: [...saved.notes, ...notesOn(options)], resumed: true };
}
