import { describe, expect, it } from 'vitest';
import type { FloatTensor } from '../../tensor/tensor.js';
import { fromBfloat16, fromFloat16 } from './numbers.js';
import { readSafetensors } from './read.js';
import { writeSafetensors } from './write.js';

const tensor = (shape: readonly number[], ...values: number[]): FloatTensor => ({
  shape,
  data: Float32Array.from(values),
});
/** A file with any header text, and `data` bytes behind it. */
const file = (header: string, data: Uint8Array = new Uint8Array(0), claimed?: number): Uint8Array => {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
};
const entry = (dtype: string, shape: readonly number[], start: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('writing', () => {
  it('gives exactly these bytes', () => {
    const header = '{"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(header.length).toBe(79);
    const expected = new Uint8Array(8 + 80 + 8);
    expected[0] = 80;
    expected.set(new TextEncoder().encode(`${header} `), 8);
    // 1.0 = 3f800000, -2.5 = c0200000, little-endian.
    expected.set([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0], 88);
    expect(writeSafetensors(new Map([['b', tensor([2], 1, -2.5)]]), { k: 'v' })).toEqual(expected);
  });
  it('does not depend on the order of the map', () => {
    const a = ['a', tensor([], 1)] as const;
    const b = ['b', tensor([1, 2], 3, 4)] as const;
    expect(writeSafetensors(new Map([a, b]))).toEqual(writeSafetensors(new Map([b, a])));
  });
});

describe('round trips', () => {
  it.each([[[]], [[0]], [[1]], [[7, 13]], [[4, 13, 5]], [[650, 3]]])('shape %j', (shape) => {
    const n = shape.reduce((a: number, b: number) => a * b, 1);
    const values = Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i) * 10 ** ((i % 70) - 35)));
    const weights = new Map([
      ['rnn1.recurrent.f.S', tensor(shape, ...values)],
      ['z \u00e4 "q"', tensor([3], Number.NaN, -0, Number.NEGATIVE_INFINITY)],
    ]);
    const back = readSafetensors(writeSafetensors(weights, { program: 'p' }));
    expect(back.metadata).toEqual({ program: 'p' });
    expect(back.tensors).toEqual(weights);
    expect(Object.is(back.tensors.get('z \u00e4 "q"')!.data[1], -0)).toBe(true);
  });
  it('nothing at all', () => expect(readSafetensors(writeSafetensors(new Map())).tensors.size).toBe(0));
});

describe('other number types', () => {
  it('reads half, brain and double precision', () => {
    const data = new Uint8Array(2 * 2 + 2 * 2 + 8);
    const view = new DataView(data.buffer);
    [0x3c00, 0xc500].forEach((bits, i) => {
      view.setUint16(2 * i, bits, true);
    });
    [0x3f80, 0xc0a0].forEach((bits, i) => {
      view.setUint16(4 + 2 * i, bits, true);
    });
    view.setFloat64(8, 0.1, true);
    const header = { h: entry('F16', [2], 0, 4), b: entry('BF16', [2], 4, 8), d: entry('F64', [], 8, 16) };
    const { tensors } = readSafetensors(file(JSON.stringify(header), data));
    expect([...tensors.get('h')!.data]).toEqual([1, -5]);
    expect([...tensors.get('b')!.data]).toEqual([1, -5]);
    expect([...tensors.get('d')!.data]).toEqual([Math.fround(0.1)]);
  });
  it('at their edges', () => {
    expect(fromFloat16(0x0001)).toBe(2 ** -24);
    expect(fromFloat16(0x03ff)).toBe(1023 * 2 ** -24);
    expect(fromFloat16(0x0400)).toBe(2 ** -14);
    expect(fromFloat16(0x7bff)).toBe(65504);
    expect(fromFloat16(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(fromFloat16(0x7c01)).toBeNaN();
    expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
    expect(fromBfloat16(0xff80)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('refusals', () => {
  const four = new Uint8Array(4);
  const one = entry('F32', [1], 0, 4);
  it.each([
    ['the header', new Uint8Array(7)],
    ['cut short', file('{}', undefined, 9)],
    ['the limit is 100,000,000', file('{}', undefined, 2 ** 40)],
    ['does not start with {', file(' {}')],
    ['not JSON', file('{"a":')],
    ['not UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff)],
    ['not an object', file('{"a":[1]}')],
    ['table of strings', file('{"__metadata__":{"a":1}}')],
    ['has type "F8"', file(JSON.stringify({ a: entry('F8', [1], 0, 1) }), four)],
    ['list of counts', file(JSON.stringify({ a: entry('F32', [-1], 0, 4) }), four)],
    ['list of counts', file(JSON.stringify({ a: entry('F32', [1.5], 0, 4) }), four)],
    ['not two counts', file(JSON.stringify({ a: entry('F32', [1], -4, 0) }), four)],
    ['needs 8 bytes, it has 4', file(JSON.stringify({ a: entry('F32', [2], 0, 4) }), four)],
    ['overlaps', file(JSON.stringify({ a: one, b: one }), four)],
    ['belong to no tensor', file(JSON.stringify({ a: entry('F32', [1], 4, 8) }), new Uint8Array(8))],
    ['at its end', file(JSON.stringify({ a: one }), new Uint8Array(5))],
    ['cut short', file(JSON.stringify({ a: one }), new Uint8Array(3))],
  ])('%s', (reason, bytes) => expect(() => readSafetensors(bytes)).toThrow(reason));

  it('every shortened file', () => {
    const whole = writeSafetensors(new Map([['a', tensor([3], 1, 2, 3)]]), { k: 'v' });
    for (let n = 0; n < whole.length; n++) expect(() => readSafetensors(whole.subarray(0, n))).toThrow('safetensors');
  });
});
