/**
 * Which values of a pool stay: the `kept` largest magnitudes over all its tensors in one ranking, ties by lowest
 * index; in blocks, those whose magnitudes add up to most. Selection by histograms of bit patterns: linear whatever the
 * values are, and never a sort.
 */
import { invariant } from '../support/assert.js';
import { area, type Block, blockMagnitudes, isSingle, single, spreadBlocks } from '../tensor/blocks.js';
import type { FloatTensor } from '../tensor/tensor.js';

const magnitudeBits = 0x7fff_ffff;

/** Magnitudes as integers: bit patterns of non-negative floats are ordered as the floats are. */
const patterns = ({ data }: FloatTensor): Uint32Array => new Uint32Array(data.buffer, data.byteOffset, data.length);

/** The highest bin such that it and all above it hold at least `wanted`, and how many are above it. */
function findBin(histogram: Uint32Array, wanted: number): readonly [bin: number, above: number] {
  let above = 0;
  for (let bin = histogram.length - 1; bin >= 0; bin--) {
    const here = histogram[bin]!;
    if (above + here >= wanted) return [bin, above];
    above += here;
  }
  invariant(false, `${wanted} values wanted of ${above}`);
}

/** The bit pattern of the `kept`-th largest magnitude, and how many magnitudes exceed it. */
function threshold(tensors: readonly FloatTensor[], kept: number): readonly [pattern: number, above: number] {
  const coarse = new Uint32Array(0x8000);
  const fine = new Uint32Array(0x1_0000);
  const all = tensors.map(patterns);
  // Counted loops here and below: iterators and callbacks take several times as long, and there are millions of values.
  for (const bits of all) for (let i = 0; i < bits.length; i++) coarse[(bits[i]! & magnitudeBits) >>> 16]!++;
  const [high, aboveHigh] = findBin(coarse, kept);
  for (const bits of all) {
    for (let i = 0; i < bits.length; i++) {
      if ((bits[i]! & magnitudeBits) >>> 16 === high) fine[bits[i]! & 0xffff]!++;
    }
  }
  const [low, aboveLow] = findBin(fine, kept - aboveHigh);
  return [high * 0x1_0000 + low, aboveHigh + aboveLow];
}

const columnsOf = ({ shape, data }: FloatTensor): number => shape.at(-1) ?? data.length;

/** One mask of 0 and 1 per tensor, with exactly `kept` ones in all, in whole blocks of rows and of the last axis. */
export function selectLargest(tensors: readonly FloatTensor[], kept: number, block: Block = single): FloatTensor[] {
  if (isSingle(block)) return selectValues(tensors, kept);
  const magnitudes = tensors.map((tensor) => {
    const data = Float32Array.from(blockMagnitudes(tensor.data, columnsOf(tensor), block));
    return { shape: [data.length], data };
  });
  return selectValues(magnitudes, kept / area(block)).map(({ data }, i) => {
    const tensor = tensors[i]!;
    return { shape: tensor.shape, data: spreadBlocks(data, columnsOf(tensor), block) };
  });
}

function selectValues(tensors: readonly FloatTensor[], kept: number): FloatTensor[] {
  const elements = tensors.reduce((sum, t) => sum + t.data.length, 0);
  invariant(kept >= 0 && kept <= elements, `${kept} values kept of ${elements}`);
  const masks = tensors.map(({ shape, data }) => ({ shape, data: new Float32Array(data.length) }));
  if (kept === 0) return masks;
  const [pattern, above] = threshold(tensors, kept);
  let ties = kept - above;
  tensors.forEach((tensor, i) => {
    const mask = masks[i]!.data;
    const bits = patterns(tensor);
    for (let at = 0; at < bits.length; at++) {
      const magnitude = bits[at]! & magnitudeBits;
      if (magnitude > pattern || (magnitude === pattern && ties-- > 0)) mask[at] = 1;
    }
  });
  return masks;
}

/** Values with every masked one set to +0.0, never to -0.0. */
export function applyMask(tensor: FloatTensor, mask: FloatTensor): FloatTensor {
  const data = tensor.data.slice();
  for (let i = 0; i < data.length; i++) if (mask.data[i] === 0) data[i] = 0;
  return { shape: tensor.shape, data };
}

/** True when every masked value is zero. */
export const holdsMask = (tensor: FloatTensor, mask: FloatTensor): boolean =>
  tensor.data.every((value, i) => mask.data[i] !== 0 || value === 0);
