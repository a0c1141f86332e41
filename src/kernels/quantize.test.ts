import { describe, expect, it } from 'vitest';
import type { IntegerFormat, Per } from '../tensor/number-format.js';
import { activationBound } from './error-bounds.js';
import { exactTanh } from './exact.js';
import { filledColumns, placeInPanel, takesIntegers } from './quads.js';
import { codeFloats, quantized, quantizingErrors } from './quantize.js';

describe('a vector as codes', () => {
  it('is rounded to the nearest code, ties to even', () => {
    expect(quantized([127, 0.5, 1.5, 2.5, -2.5, -127])).toEqual({
      scale: 1,
      codes: Int8Array.of(127, 0, 2, 2, -2, -127),
    });
    expect(quantized([0, 0])).toEqual({ scale: 2 ** -126, codes: Int8Array.of(0, 0) });
    expect(quantized([2 ** -149])).toEqual({ scale: 2 ** -126, codes: Int8Array.of(0) });
  });

  it('passes NaN and infinity on by its scale', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(quantized([1, wrong])).toEqual({ scale: Number.NaN, codes: Int8Array.of(0, 0) });
  });

  it('is off by what its codes leave out, and by half a step where it is not known', () => {
    const x = Array.from({ length: 331 }, (_, i) => Math.fround(Math.sin(i * i)));
    const { scale, codes } = quantized(x);
    const [known, unknown] = [quantizingErrors(x, new Float64Array(331)), quantizingErrors(x, x.fill(1e-9, 330))];
    x.slice(0, 330).forEach((value, i) => {
      expect(known[i]).toBe(Math.abs(value - scale * codes[i]!));
      expect(known[i]).toBeLessThanOrEqual(unknown[i]!);
    });
  });

  it('has a scale that is given, and is cut off at its ends', () => {
    expect(quantized([0.6, 1.25, 63.5, 100, -1e6], 0.5)).toEqual({
      scale: 0.5,
      codes: Int8Array.of(1, 2, 127, 127, -127),
    });
    expect(quantized([1, Number.NaN], 0.5).scale).toBeNaN();
    const left = quantizingErrors([0.625, 100], [0, 0], 0.5);
    expect([...left]).toEqual([0.125, 36.5]);
    const unknown = quantizingErrors([0.6, 100], [0, 1e-6], 0.5);
    expect(unknown[0]).toBeGreaterThanOrEqual(0.25);
    expect(unknown[1]).toBeGreaterThanOrEqual(36.5);
  });

  it('takes room for its scale and whole vectors', () => {
    expect([1, 16, 17, 650].map(codeFloats)).toEqual([8, 8, 12, 168]);
  });
});

describe('the places of codes', () => {
  const format = (word: 'int8' | 'int4' | 'int3', per: Per): IntegerFormat => ({
    kind: 'integer',
    word,
    per,
    arithmetic: 'integer',
  });

  it('are groups of 4 columns, of 8 in int4, in every run', () => {
    expect(filledColumns(format('int8', { kind: 'row' }), 650)).toBe(652);
    expect(filledColumns(format('int4', { kind: 'row' }), 650)).toBe(656);
    expect(filledColumns(format('int8', { kind: 'group', values: 5 }), 12)).toBe(8 + 8 + 4);
    const place = (word: 'int8' | 'int4', row: number, column: number): number =>
      placeInPanel(format(word, { kind: 'row' }), 16, 8, { row, column });
    expect([place('int8', 0, 0), place('int8', 0, 3), place('int8', 1, 0), place('int8', 0, 4)]).toEqual([0, 3, 4, 32]);
    // The second quad of a pair lies in the high halves of the bytes of the first.
    expect([place('int4', 0, 0), place('int4', 0, 4), place('int4', 0, 1), place('int4', 0, 8)]).toEqual([0, 1, 2, 64]);
  });

  it('differ for all values and stay inside', () => {
    for (const word of ['int8', 'int4'] as const)
      for (const per of [{ kind: 'row' }, { kind: 'group', values: 5 }, { kind: 'group', values: 32 }] as const)
        for (const columns of [1, 7, 127, 331]) {
          const all = new Set<number>();
          for (let row = 0; row < 16; row++)
            for (let column = 0; column < columns; column++)
              all.add(placeInPanel(format(word, per), columns, 16, { row, column }));
          expect(all.size).toBe(16 * columns);
          expect(Math.max(...all)).toBeLessThan(16 * filledColumns(format(word, per), columns));
        }
  });

  it('are only for what integers can sum', () => {
    expect(takesIntegers(format('int8', { kind: 'row' }), 131_072)).toBe(true);
    expect(takesIntegers(format('int8', { kind: 'row' }), 131_073)).toBe(false);
    expect(takesIntegers(format('int3', { kind: 'row' }), 4)).toBe(false);
    expect(takesIntegers({ kind: 'integer', word: 'int8', per: { kind: 'row' } }, 4)).toBe(false);
  });
});

it('the exact tanh is within its stated bound', () => {
  for (const mode of ['std', 'fast'] as const)
    for (let i = -2000; i <= 2000; i++) {
      const x = Math.fround(i / 200);
      expect(Math.abs(exactTanh(mode, x) - Math.tanh(x))).toBeLessThanOrEqual(activationBound(mode));
    }
});
