import { expect, it } from 'vitest';
import { Crc, crc32, crc32c } from './crc.js';

const digits = new TextEncoder().encode('123456789');

it('gives the check values of both CRCs', () => {
  expect(crc32(digits)).toBe(0xcbf4_3926);
  expect(crc32c(digits)).toBe(0xe306_9283);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

it('is the same in parts', () => {
  expect(Crc.ieee().add(digits.subarray(0, 4)).add(digits.subarray(4)).value).toBe(crc32(digits));
});
