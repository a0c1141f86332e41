/**
 * Scalars as a TensorBoard event file: TFRecord framing around `Event` messages of tensorflow/core/util/event.proto,
 * of which scalars need five fields. Bytes in memory; knows nothing of training.
 */
import { maskedCrc32c } from './masked-crc.js';

export interface Scalar {
  /** `valid/perplexity`: what is before the slash groups charts. */
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Wire types of protobuf. */
const wire = { varint: 0, double: 1, bytes: 2, float: 5 } as const;
const key = (field: number, type: number): number[] => varint(field * 8 + type);

const delimited = (field: number, body: ArrayLike<number>): number[] => [
  ...key(field, wire.bytes),
  ...varint(body.length),
  ...Array.from(body),
];
const text = (field: number, value: string): number[] => delimited(field, new TextEncoder().encode(value));
const double = (field: number, value: number): number[] => [
  ...key(field, wire.double),
  ...new Uint8Array(new Float64Array([value]).buffer),
];
const float = (field: number, value: number): number[] => [
  ...key(field, wire.float),
  ...new Uint8Array(new Float32Array([value]).buffer),
];

/** wall_time = 1, step = 2, file_version = 3, summary = 5. A run keeps no clock: its step stands for the time. */
const eventOf = (step: number, rest: readonly number[]): number[] => [
  ...double(1, step),
  ...key(2, wire.varint),
  ...varint(step),
  ...rest,
];

/** Summary { value = 1 { tag = 1, simple_value = 2 } }. */
const summaryOf = ({ tag, value }: Scalar): number[] =>
  delimited(5, delimited(1, [...text(1, tag), ...float(2, value)]));

/** Length (8 bytes, little-endian), its checksum, the message, its checksum. */
function record(message: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16 + message.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(message, 12);
  view.setUint32(12 + message.length, maskedCrc32c(bytes.subarray(12, 12 + message.length)), true);
  return bytes;
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of records) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * What an event file begins with: its version, and session_log = 7 { status = 1: START }, at which a reader forgets
 * what older files of the folder say.
 */
export const encodeEventHead = (): Uint8Array =>
  joined([record(eventOf(0, text(3, 'brain.Event:2'))), record(eventOf(0, delimited(7, [...key(1, wire.varint), 1])))]);

/** One event for each scalar, to be appended to an event file. */
export const encodeScalars = (scalars: readonly Scalar[]): Uint8Array =>
  joined(scalars.map((scalar) => record(eventOf(scalar.step, summaryOf(scalar)))));

/** A whole event file. */
export const encodeEvents = (scalars: readonly Scalar[]): Uint8Array =>
  joined([encodeEventHead(), encodeScalars(scalars)]);
