/**
 * A checkpoint as bytes: a mark, its length, a sha256, and a safetensors file that holds every tensor of the run and
 * its position. A file that is cut short, altered or of another run is refused with the reason. Touches no disk.
 */
import { createHash } from 'node:crypto';
import { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import type { Weights } from '../tensor/tensor.js';
import type { Score } from './score.js';

/** The epoch whose weights are kept: the best on `valid`, or the last where there is no `valid`. */
export interface Best {
  /** From 1. */
  readonly epoch: number;
  /** On `valid`, where there is one. */
  readonly valid: Score | undefined;
}

/** Sums behind a mean negative log-likelihood. */
export interface Tally {
  readonly nats: number;
  readonly tokens: number;
}

/** Where a run stands. Schedules, random draws and the place in the data follow from `step` alone. */
export interface Position {
  /** Updates made. */
  readonly step: number;
  /** Epochs over, validation included. */
  readonly epochsDone: number;
  /** Of the epoch under way. */
  readonly epoch: Tally;
  /** Since the last line of the metrics. */
  readonly interval: Tally;
  readonly best: Best | undefined;
}

/** What makes two runs the same run. */
export interface RunIdentity {
  /** Hash of the program. */
  readonly program: string;
  /** Hash of the data. */
  readonly data: string;
  readonly seed: number;
  /** Version of rnnc. */
  readonly compiler: string;
  readonly engine: string;
}

export interface Checkpoint {
  readonly identity: RunIdentity;
  readonly position: Position;
  /** Weights, moments, recurrent state and masks, by the names of their graph inputs. */
  readonly tensors: Weights;
}

const mark = 'rnncckp1';
const headBytes = 48;

const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** mark (8), length of the body (8, little-endian), sha256 of the body (32), body. */
export function encodeCheckpoint({ identity, position, tensors }: Checkpoint): Uint8Array {
  const body = writeSafetensors(tensors, {
    identity: JSON.stringify(identity),
    position: JSON.stringify(position),
  });
  const bytes = new Uint8Array(headBytes + body.length);
  bytes.set(new TextEncoder().encode(mark));
  new DataView(bytes.buffer).setBigUint64(8, BigInt(body.length), true);
  bytes.set(digest(body), 16);
  bytes.set(body, headBytes);
  return bytes;
}

/** Code of the fault of a checkpoint that is cut short or altered. */
export const badCheckpoint = 'train/bad-checkpoint';

const refuse = (path: string, reason: string): never => {
  throw new Fault(badCheckpoint, `${path} cannot be resumed: ${reason}`, 'start anew with `--restart`');
};

const refuseOther = (path: string, reason: string): never => {
  const hint = 'start anew with `--restart` or choose another folder with --out';
  throw new Fault('train/other-checkpoint', `${path} cannot be resumed: ${reason}`, hint);
};

/** The body, when length and checksum hold. */
function checkedBody(bytes: Uint8Array, path: string): Uint8Array {
  const isOurs = new TextDecoder('latin1').decode(bytes.subarray(0, 8)) === mark;
  if (bytes.length >= 8 && !isOurs) refuse(path, 'it is not a checkpoint of this version');
  if (bytes.length < headBytes) refuse(path, `it is cut short: ${bytes.length} bytes`);
  const claimed = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true));
  const body = bytes.subarray(headBytes);
  if (body.length < claimed) refuse(path, `it is cut short: ${body.length} of ${claimed} bytes`);
  const same = body.length === claimed && digest(body).every((byte, i) => byte === bytes[16 + i]);
  if (!same) refuse(path, 'it was altered: its checksum does not match');
  return body;
}

export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(checkedBody(bytes, path));
  return {
    identity: JSON.parse(metadata['identity'] ?? 'null') as RunIdentity,
    position: JSON.parse(metadata['position'] ?? 'null') as Position,
    tensors,
  };
}

/** Refuses a checkpoint of another program, data or seed; returns what else differs, to be told. */
export function compareIdentity(checkpoint: Checkpoint, now: RunIdentity, path: string): string[] {
  const then = checkpoint.identity;
  const short = (hash: string): string => hash.slice(0, 12);
  if (then.program !== now.program)
    refuseOther(path, `it is of another program (${short(then.program)}, this one is ${short(now.program)})`);
  if (then.data !== now.data)
    refuseOther(path, `it was trained on other data (${short(then.data)}, these are ${short(now.data)})`);
  if (then.seed !== now.seed) refuseOther(path, `it has seed ${then.seed}, this run has seed ${now.seed}`);
  const notes: string[] = [];
  if (then.compiler !== now.compiler)
    notes.push(`the checkpoint was made by rnnc ${then.compiler}, this is ${now.compiler}`);
  if (then.engine !== now.engine)
    notes.push(`the checkpoint was made on ${then.engine}, this is ${now.engine}: results are not bit-identical`);
  return notes;
}

/** Refuses tensors that are not exactly those of the graph. */
export function checkTensors(tensors: Weights, wanted: ReadonlyMap<string, readonly number[]>, path: string): void {
  for (const [name, shape] of wanted) {
    const got = tensors.get(name)?.shape;
    if (got === undefined) refuseOther(path, `it has no tensor ${name}`);
    else if (got.join() !== shape.join())
      refuseOther(path, `${name} has shape ${got.join('x')}, the program has ${shape.join('x')}`);
  }
  for (const name of tensors.keys()) if (!wanted.has(name)) refuseOther(path, `the program has no tensor ${name}`);
}
