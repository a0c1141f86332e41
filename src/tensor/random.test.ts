import { describe, expect, it } from 'vitest';
import { bitsAt, fillKeep, fillUniform, streamKey, uniformAt } from './random.js';

describe('fillKeep', () => {
  it.each([0.001, 0.3, 0.5, 0.65, 0.999])('keep = %d: each value is 0 or 1/keep, by its own 31 bits', (keep) => {
    const key = streamKey(7, 'drop', 3);
    const whole = new Float32Array(20_003);
    const data = whole.subarray(3);
    fillKeep(data, keep, key);
    const kept = Math.fround(1 / keep);
    data.forEach((value, i) => {
      const expected = bitsAt(key, i) >>> 1 < keep * 0x8000_0000 ? kept : 0;
      if (!Object.is(value, expected)) throw new Error(`${value} at ${i}, not ${expected}`);
    });
    const share = data.filter((value) => value !== 0).length / data.length;
    expect(Math.abs(share - keep)).toBeLessThan(4 * Math.sqrt((keep * (1 - keep)) / data.length));
    expect([...whole.subarray(0, 3)]).toEqual([0, 0, 0]);
  });
  it('keeps all at 1', () => {
    const data = new Float32Array(5);
    fillKeep(data, 1, streamKey(1, 'x'));
    expect([...data]).toEqual([1, 1, 1, 1, 1]);
  });
});

it('streams differ by seed, purpose and step, and not by order', () => {
  const draws = (seed: number, purpose: string, step: number): string =>
    [0, 1, 2, 3].map((i) => bitsAt(streamKey(seed, purpose, step), i)).join();
  const all = [draws(1, 'a', 0), draws(2, 'a', 0), draws(1, 'b', 0), draws(1, 'a', 1), draws(1 + 2 ** 40, 'a', 0)];
  expect(new Set(all).size).toBe(5);
  expect(draws(1, 'a', 0)).toBe(all[0]);
});

it('uniform draws have the mean and the variance of a uniform draw', () => {
  const n = 40_000;
  const key = streamKey(11, 'u');
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    const u = uniformAt(key, i);
    expect(u >= 0 && u < 1).toBe(true);
    sum += u;
    squares += u * u;
  }
  expect(Math.abs(sum / n - 1 / 2)).toBeLessThan(0.006);
  expect(Math.abs(squares / n - 1 / 3)).toBeLessThan(0.006);
  const data = new Float64Array(3);
  fillUniform(data, 0.5, key);
  expect(data[1]).toBe(uniformAt(key, 1) - 0.5);
});
