import { expect, it } from 'vitest';
import { crc32c } from '../crc.js';
import { encodeEventHead, encodeEvents, encodeScalars } from './encode-events.js';
import { maskedCrc32c } from './masked-crc.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

it('checksums are those of RFC 3720', () => {
  expect(crc32c(ascii('123456789'))).toBe(0xe306_9283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd_794e);
});

/** Messages of a TFRecord file, every checksum checked. */
function unframe(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc32c(message));
    messages.push(message);
    at += 16 + length;
  }
  return messages;
}

type Field = number | Uint8Array;

/** Fields of one protobuf message by number. */
function fieldsOf(message: Uint8Array): Map<number, Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const take = (count: number): number => {
      at += count;
      return at - count;
    };
    const read: Record<number, () => Field> = {
      0: varint,
      1: () => view.getFloat64(take(8), true),
      2: () => {
        const length = varint();
        return message.subarray(take(length), at);
      },
      5: () => view.getFloat32(take(4), true),
    };
    fields.set(Math.floor(key / 8), read[key % 8]!());
  }
  return fields;
}

it('reads back: the version first, then one event for each scalar', () => {
  const scalars = [
    { tag: 'train/loss', step: 1, value: 2.5 },
    { tag: 'valid/perplexity', step: 300_000, value: 114.5 },
  ];
  const [first, start, ...events] = unframe(encodeEvents(scalars)).map(fieldsOf);
  expect(new TextDecoder().decode(first!.get(3) as Uint8Array)).toBe('brain.Event:2');
  expect(fieldsOf(start!.get(7) as Uint8Array).get(1)).toBe(1);
  const found = events.map((event) => {
    const value = fieldsOf(fieldsOf(event.get(5) as Uint8Array).get(1) as Uint8Array);
    return { tag: new TextDecoder().decode(value.get(1) as Uint8Array), step: event.get(2), value: value.get(2) };
  });
  expect(found).toEqual(scalars);
});

it('the same scalars give the same bytes', () => {
  const scalars = [{ tag: 'a', step: 7, value: 1e-5 }];
  expect(encodeEvents(scalars)).toEqual(encodeEvents(scalars));
});

it('a file that grows line by line is the file written at once', () => {
  const scalars = [1, 2, 3].map((step) => ({ tag: 'a/b', step, value: 1 / step }));
  const pieces = [encodeEventHead(), ...scalars.map((scalar) => encodeScalars([scalar]))];
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(encodeEvents(scalars)));
});
