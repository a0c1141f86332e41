/** The weights as bytes: a header of 64 bytes, then every region at its offset. */
import { packRegion } from '../../kernels/pack.js';
import { elementBytes } from '../../kernels/regions.js';
import type { InferencePlan } from '../../lower/inference-plan.js';
import { defined, invariant } from '../../support/assert.js';
import type { Weights } from '../../tensor/tensor.js';
import { hashText, WordHash } from './hash.js';

export const headerBytes = 64;

export interface Blob {
  /** Header and values. */
  readonly bytes: Uint8Array;
  /** Per region, without its padding. */
  readonly regions: readonly Uint8Array[];
  /** Over all regions in order. */
  readonly weightsHash: bigint;
  /** Over names, layouts and offsets: weights of another model are refused. */
  readonly layoutHash: bigint;
  /** 0 without words. */
  readonly vocabularyHash: bigint;
}

/** Hash of the words in order, one per line. */
export const vocabularyHash = (words: readonly string[]): bigint => hashText(words.map((word) => `${word}\n`).join(''));

/** Packs the weights of a plan, little-endian. */
export function packBlob(plan: InferencePlan, weights: Weights, words: readonly string[] | undefined): Blob {
  const bytes = new Uint8Array(headerBytes + plan.weightBytes);
  const hash = new WordHash();
  const regions = plan.regions.map((region) => {
    const { tensor } = region.layout.matrix;
    const packed = packRegion(region.layout, defined(weights.get(tensor), `tensor ${tensor}`).data);
    invariant(region.offset + packed.length <= plan.weightBytes, `${region.name} ends behind the blob`);
    bytes.set(packed, headerBytes + region.offset);
    const used = packed.subarray(0, region.elements * elementBytes[region.element]);
    hash.add(used);
    return used;
  });
  const layoutHash = hashText(JSON.stringify(plan.regions));
  const words64 = words === undefined ? 0n : vocabularyHash(words);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('RNNC'));
  view.setUint32(4, 1, true);
  view.setBigUint64(8, BigInt(plan.weightBytes), true);
  view.setBigUint64(16, hash.value, true);
  view.setBigUint64(24, layoutHash, true);
  view.setBigUint64(32, words64, true);
  return { bytes, regions, weightsHash: hash.value, layoutHash, vocabularyHash: words64 };
}
