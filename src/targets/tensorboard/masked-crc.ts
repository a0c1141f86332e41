/** The masked CRC-32C of TFRecord files. */
import { crc32c } from '../crc.js';

/** Turned and shifted by a constant: a checksum over data that itself holds checksums. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}
