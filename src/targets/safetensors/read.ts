/**
 * Reads the safetensors format and trusts nothing in it: every length, name, shape and offset is checked, and the
 * tensors must cover the data exactly. What does not fit is a Fault that says why.
 */
import { Fault } from '../../support/fault.js';
import { listed } from '../../support/listed.js';
import { count } from '../../support/units.js';
import { size } from '../../tensor/shape.js';
import type { FloatTensor } from '../../tensor/tensor.js';
import { numberTypes } from './numbers.js';

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit on the header. */
const longestHeader = 100_000_000;

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

const refuse = (reason: string): never => {
  throw new Fault('safetensors/bad-file', `not a sound safetensors file: ${reason}`);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The header's object and the offset at which values start. */
function readHeader(bytes: Uint8Array): { readonly header: Record<string, unknown>; readonly dataStart: number } {
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, the header's length alone takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(longestHeader)) refuse(`its header claims ${length} bytes, the limit is ${count(longestHeader)}`);
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length)
    refuse(`its header claims ${count(Number(length))} bytes, ${count(bytes.length - 8)} are there: it is cut short`);
  const text = decodeHeader(bytes.subarray(8, dataStart));
  if (!text.startsWith('{')) refuse('its header does not start with {');
  return { header: parseHeader(text), dataStart };
}

function decodeHeader(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse('its header is not UTF-8');
  }
}

function parseHeader(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('its header is not JSON');
  }
  return isRecord(value) ? value : refuse('its header is not a JSON object');
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((v) => typeof v !== 'string'))
    return refuse('__metadata__ is not a table of strings');
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown): Entry {
  if (!isRecord(value)) return refuse(`the entry of ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !numberTypes.has(dtype))
    return refuse(`${name} has type ${JSON.stringify(dtype)}, allowed are ${listed([...numberTypes.keys()])}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) return refuse(`the shape of ${name} is not a list of counts`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse(`the data_offsets of ${name} are not two counts`);
  const [start, end] = offsets as [number, number];
  const needed = size(shape) * numberTypes.get(dtype)!.bytes;
  if (end - start !== needed)
    return refuse(`${name} of shape ${shape.join('x')} in ${dtype} needs ${needed} bytes, it has ${end - start}`);
  return { name, dtype, shape, start, end };
}

/** Every byte of the data must belong to exactly one tensor. */
function checkCover(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < covered) refuse(`${name} overlaps the tensor before it`);
    if (start > covered) refuse(`${count(start - covered)} bytes before ${name} belong to no tensor`);
    covered = end;
  }
  if (covered > dataBytes)
    refuse(`its tensors take ${count(covered)} bytes, ${count(dataBytes)} are there: it is cut short`);
  if (covered < dataBytes) refuse(`${count(dataBytes - covered)} bytes at its end belong to no tensor`);
}

/** Tensors (as float32) and metadata of a whole file. */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes);
  const metadata = readMetadata(header['__metadata__']);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value));
  checkCover(entries, bytes.length - dataStart);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tensors = new Map<string, FloatTensor>();
  for (const { name, dtype, shape, start } of entries) {
    const { bytes: width, read } = numberTypes.get(dtype)!;
    const data = new Float32Array(size(shape));
    for (let i = 0; i < data.length; i++) data[i] = read(view, dataStart + start + i * width);
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}
