/** Reflected 32-bit CRCs: the same law with either polynomial, for files whose readers check them. */

const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
    return crc;
  });

/** A CRC over bytes that come in parts. */
export class Crc {
  readonly #table: Uint32Array;
  #crc = 0xffff_ffff;

  private constructor(table: Uint32Array) {
    this.#table = table;
  }

  /** CRC-32 of zlib, PNG and Ethernet; Arm cores with the CRC extension have it as an instruction. */
  static ieee(): Crc {
    return new Crc(ieeeTable);
  }

  /** CRC-32C (Castagnoli), of TFRecord files. */
  static castagnoli(): Crc {
    return new Crc(castagnoliTable);
  }

  add(bytes: Uint8Array): this {
    const table = this.#table;
    let crc = this.#crc;
    for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
    this.#crc = crc;
    return this;
  }

  get value(): number {
    return (this.#crc ^ 0xffff_ffff) >>> 0;
  }
}

// Polynomials with their bits reversed: 0x04C11DB7 and 0x1EDC6F41.
const ieeeTable = tableOf(0xedb8_8320);
const castagnoliTable = tableOf(0x82f6_3b78);

/** CRC-32 of all bytes. */
export const crc32 = (bytes: Uint8Array): number => Crc.ieee().add(bytes).value;

/** CRC-32C of all bytes. */
export const crc32c = (bytes: Uint8Array): number => Crc.castagnoli().add(bytes).value;
