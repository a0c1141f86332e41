import { describe, expect, it } from 'vitest';
import { bitsAt, streamKey } from '../../tensor/random.js';
import { hashText, WordHash } from './hash.js';

/** The same law in big integers. */
function slowHash(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < bytes.length; i += 4) {
    let word = 0n;
    for (let k = 0; k < 4; k++) word |= BigInt(bytes[i + k] ?? 0) << BigInt(8 * k);
    hash = ((hash ^ word) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash;
}

describe('WordHash', () => {
  it('of nothing is the offset basis of FNV-1a', () => {
    expect(new WordHash().value).toBe(0xcbf29ce484222325n);
  });

  it.each([1, 3, 4, 7, 650])('of %i bytes is the law', (size) => {
    const key = streamKey(2, 'hash', size);
    const bytes = Uint8Array.from({ length: size }, (_, i) => bitsAt(key, i));
    expect(new WordHash().add(bytes).value).toBe(slowHash(bytes));
  });

  it('changes with every bit', () => {
    const bytes = new TextEncoder().encode('doped kronecker');
    const before = new WordHash().add(bytes).value;
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(new WordHash().add(damaged).value).not.toBe(before);
    }
  });

  it('of a text is the hash of its bytes', () => {
    expect(hashText('ü')).toBe(slowHash(new Uint8Array([0xc3, 0xbc])));
  });
});
