/**
 * The state of a page's training as bytes, to be kept and gone on from: a mark, a checksum, and a safetensors file of
 * everything that stays in the engine. What is cut short, altered or of another run is refused. No disk, no Node.
 */
import type { StepGraph } from '../lower/training-graph.js';
import type { Pool, Training } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { crc32c } from '../targets/crc.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import { sameShape } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';
import { residentShapes } from '../train/live-graph.js';
import type { PageData } from './page-data.js';

export interface PageState {
  /** Updates made. */
  readonly step: number;
  /** Weights, moments, recurrent state and masks. */
  readonly tensors: Weights;
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

function identityOf({ step, training, pools, data }: PageRun): Record<string, string> {
  const { ids } = data.stream;
  return {
    program: digest(JSON.stringify([training, [...training.sparsityOf], pools, [...residentShapes(step)], step.batch])),
    data: crc32c(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)).toString(16),
  };
}

export function encodePageState(run: PageRun, { step, tensors }: PageState): Uint8Array<ArrayBuffer> {
  const body = writeSafetensors(tensors, { ...identityOf(run), step: String(step) });
  const bytes = new Uint8Array(headBytes + body.length);
  bytes.set(mark);
  new DataView(bytes.buffer).setUint32(mark.length, crc32c(body), true);
  bytes.set(body, headBytes);
  return bytes;
}

const refuse = (reason: string): never => {
  throw new Fault('page/bad-checkpoint', `the checkpoint cannot be gone on from: ${reason}`, 'start anew');
};

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
  return { step: Number(metadata['step']), tensors };
}
