/**
 * The state of a page's training as bytes, to be kept and gone on from: a mark, a checksum, and a safetensors file of
 * everything that stays in the engine, with the weights of the best evaluation. What is cut short, altered or of
 * another run is refused. No disk, no Node.
 */
import type { Stream } from '../data/corpus.js';
import type { StepGraph } from '../lower/training-graph.js';
import type { Pool, Training } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { crc32c } from '../targets/crc.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import { sameShape } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';
import { residentShapes } from '../train/live-graph.js';
import type { Evaluation } from './api.js';
import type { PageData } from './page-data.js';

/** An evaluation, and the weights that it was of. */
export interface Kept {
  readonly evaluation: Evaluation;
  readonly weights: Weights;
}

export interface PageState {
  /** Updates made. */
  readonly step: number;
  /** Weights, moments, recurrent state and masks. */
  readonly tensors: Weights;
  /** The best evaluation, where one was kept. */
  readonly best: Kept | undefined;
}

/** What makes two runs of a page the same run. */
export interface PageRun {
  readonly step: StepGraph;
  readonly training: Training;
  readonly pools: readonly Pool[];
  readonly data: PageData;
}

const mark = new TextEncoder().encode('rnncpage');
const headBytes = mark.length + 4;

const digest = (text: string): string => crc32c(new TextEncoder().encode(text)).toString(16);

const digestOf = ({ ids }: Stream): string =>
  crc32c(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)).toString(16);

function identityOf({ step, training, pools, data }: PageRun): Record<string, string> {
  return {
    program: digest(JSON.stringify([training, [...training.sparsityOf], pools, [...residentShapes(step)], step.batch])),
    data: digestOf(data.stream),
    validation: data.validation === undefined ? '' : digestOf(data.validation),
  };
}

/** Before the names of kept weights. */
const keptPrefix = 'best:';

export function encodePageState(run: PageRun, { step, tensors, best }: PageState): Uint8Array<ArrayBuffer> {
  const kept = [...(best?.weights ?? [])].map(([name, tensor]) => [`${keptPrefix}${name}`, tensor] as const);
  const facts = { ...identityOf(run), step: String(step) };
  const body = writeSafetensors(
    new Map([...tensors, ...kept]),
    best === undefined ? facts : { ...facts, best: JSON.stringify(best.evaluation) },
  );
  const bytes = new Uint8Array(headBytes + body.length);
  bytes.set(mark);
  new DataView(bytes.buffer).setUint32(mark.length, crc32c(body), true);
  bytes.set(body, headBytes);
  return bytes;
}

const refuse = (reason: string): never => {
  throw new Fault('page/bad-checkpoint', `the checkpoint cannot be gone on from: ${reason}`, 'start anew');
};

function keptIn(tensors: Weights, { best }: Readonly<Record<string, string>>): Kept | undefined {
  if (best === undefined) return undefined;
  const own = [...tensors].filter(([name]) => name.startsWith(keptPrefix));
  const weights = new Map(own.map(([name, tensor]) => [name.slice(keptPrefix.length), tensor]));
  return { evaluation: JSON.parse(best) as Evaluation, weights };
}

/** The state that `encodePageState` wrote for this very run. */
export function decodePageState(run: PageRun, bytes: Uint8Array): PageState {
  if (!mark.every((byte, i) => bytes[i] === byte)) refuse('it is no checkpoint of a page');
  if (bytes.length < headBytes) refuse('it was cut short or altered');
  const body = bytes.slice(headBytes);
  const claimed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(mark.length, true);
  if (crc32c(body) !== claimed) refuse('it was cut short or altered');
  const { tensors, metadata } = readSafetensors(body);
  const identity = identityOf(run);
  if (metadata['program'] !== identity['program']) refuse('it is of another program');
  if (metadata['data'] !== identity['data']) refuse('it was trained on other text');
  for (const [name, shape] of residentShapes(run.step)) {
    const found = tensors.get(name)?.shape;
    if (found === undefined || !sameShape(found, shape)) refuse(`it has no ${name} of this shape`);
  }
  const best = keptIn(tensors, metadata);
  // Nothing that was measured on one text is better or worse than on another.
  if (best !== undefined && metadata['validation'] !== identity['validation'])
    refuse('its best weights were found on other held-out text');
  return { step: Number(metadata['step']), tensors, best };
}
