/**
 * The weights as bytes: a header of 64 bytes, then every region at its offset, all little-endian. The header holds
 * `RNNC`, the version, the bytes of the whole blob, the hashes of layout and vocabulary, the CRC-32 of the weights and
 * the CRC-32 of the whole blob without that field itself; the rest is zero.
 */
import { packRegion } from '../../kernels/pack.js';
import { elementBytes } from '../../kernels/regions.js';
import type { InferencePlan } from '../../lower/inference-plan.js';
import { defined, invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import { scalesName } from '../../tensor/grid.js';
import { float32, hasLearnedScales } from '../../tensor/number-format.js';
import type { FloatTensor, Weights } from '../../tensor/tensor.js';
import { Crc } from '../crc.js';
import { hashText } from './hash.js';

export const headerBytes = 64;

/** Goes up whenever header or layouts change their meaning. */
export const blobVersion = 2;

/** Where the header's fields begin; the C reads the same places. */
export const headerFields = { version: 4, bytes: 8, layout: 16, vocabulary: 24, valuesCrc: 32, blobCrc: 36 } as const;

export interface Blob {
  /** Header and values. */
  readonly bytes: Uint8Array;
  /** Per region, without its padding. */
  readonly regions: readonly Uint8Array[];
  /** CRC-32 over all regions in order, without their padding. */
  readonly valuesCrc: number;
  /** CRC-32 over the whole blob but this field. */
  readonly blobCrc: number;
  /** Over names, layouts and offsets: weights of another model are refused. */
  readonly layoutHash: bigint;
  /** 0 without words. */
  readonly vocabularyHash: bigint;
}

/** Hash of the words in order, one per line. */
export const vocabularyHash = (words: readonly string[]): bigint => hashText(words.map((word) => `${word}\n`).join(''));

/** The values of a tensor, each a number that C can compute with. */
function finite(tensor: string, { data }: FloatTensor): Float32Array {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return data;
  const hint = 'train again with a lower rate or `clip`';
  throw new Fault('emit/not-finite', `${tensor} holds ${data[bad]} at index ${bad}; weights must be finite`, hint);
}

/** Packs the weights of a plan; one that is NaN or infinite is refused by its name. */
export function packBlob(plan: InferencePlan, weights: Weights, words: readonly string[] | undefined): Blob {
  const bytes = new Uint8Array(headerBytes + plan.weightBytes);
  const values = Crc.ieee();
  const regions = plan.regions.map((region) => {
    const { tensor } = region.layout.matrix;
    const { format = float32 } = region.layout;
    const valuesOf = (name: string): Float32Array => finite(name, defined(weights.get(name), `tensor ${name}`));
    const learned = hasLearnedScales(format) ? valuesOf(scalesName(tensor)) : undefined;
    const packed = packRegion(region.layout, valuesOf(tensor), learned);
    invariant(region.offset + packed.length <= plan.weightBytes, `${region.name} ends behind the blob`);
    bytes.set(packed, headerBytes + region.offset);
    const used = packed.subarray(0, region.elements * elementBytes[region.element]);
    values.add(used);
    return used;
  });
  const layoutHash = hashText(JSON.stringify(plan.regions));
  const words64 = words === undefined ? 0n : vocabularyHash(words);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('RNNC'));
  view.setUint32(headerFields.version, blobVersion, true);
  view.setBigUint64(headerFields.bytes, BigInt(bytes.length), true);
  view.setBigUint64(headerFields.layout, layoutHash, true);
  view.setBigUint64(headerFields.vocabulary, words64, true);
  view.setUint32(headerFields.valuesCrc, values.value, true);
  const blobCrc = sealBlob(bytes);
  return { bytes, regions, valuesCrc: values.value, blobCrc, layoutHash, vocabularyHash: words64 };
}

/** Writes the CRC of all else into the header, and returns it. */
export function sealBlob(bytes: Uint8Array): number {
  const at = headerFields.blobCrc;
  const { value } = Crc.ieee()
    .add(bytes.subarray(0, at))
    .add(bytes.subarray(at + 4));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
  return value;
}
