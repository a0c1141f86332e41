/** The hash that weight blobs carry: FNV-1a over little-endian 32-bit words, 64 bits wide. The emitted C has it too. */

/** 64 bits as two halves: a JavaScript number cannot hold them, and a bigint is slow over megabytes. */
export class WordHash {
  #low = 0x84222325;
  #high = 0xcbf29ce4;

  /** Words of `bytes`, the last one filled up with zeros. */
  add(bytes: Uint8Array): this {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < bytes.length; i += 4) {
      const word = bytes[i]! | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
      low = (low ^ word) >>> 0;
      // The prime is 2^40 + 0x1b3.
      const product = low * 0x1b3;
      high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
      low = product >>> 0;
    }
    this.#low = low;
    this.#high = high;
    return this;
  }

  get value(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }
}

/** Hash of a text's UTF-8 bytes. */
export const hashText = (text: string): bigint => new WordHash().add(new TextEncoder().encode(text)).value;
