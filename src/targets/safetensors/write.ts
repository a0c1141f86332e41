/**
 * Writes the safetensors format: eight bytes with the header's length, a JSON header, then all values. Tensors are in
 * the order of their names and values start at a multiple of eight bytes, so the same weights give the same bytes.
 */
import { invariant } from '../../support/assert.js';
import { size } from '../../tensor/shape.js';
import type { Weights } from '../../tensor/tensor.js';

export type Metadata = Readonly<Record<string, string>>;

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A whole file: float32 values, names and metadata as given. */
export function writeSafetensors(tensors: Weights, metadata: Metadata = {}): Uint8Array {
  const names = [...tensors.keys()].sort(byName);
  // A null prototype: a tensor may be called `__proto__`.
  const entries: Record<string, Entry | Metadata> = Object.create(null);
  if (Object.keys(metadata).length > 0) {
    const keys = Object.keys(metadata).sort(byName);
    entries['__metadata__'] = Object.fromEntries(keys.map((key) => [key, metadata[key]!]));
  }
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    invariant(name !== '__metadata__', 'a tensor cannot be called __metadata__');
    invariant(data.length === size(shape), `${name} has ${data.length} values for its shape`);
    const end = offset + 4 * data.length;
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  file.fill(0x20, 8 + json.length, 8 + headerLength);
  let at = 8 + headerLength;
  for (const name of names) {
    for (const value of tensors.get(name)!.data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return file;
}
