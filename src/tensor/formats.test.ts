import { describe, expect, it } from 'vitest';
import { packCodes, packedBytes, unpackCodes } from './code-packing.js';
import { codeOf, gridOf, gridValues, leastScale, roundToEven, runsOf, scaleOf, tensorGrid } from './grid.js';
import { formatText, type IntegerWord } from './number-format.js';
import { fillUniform, streamKey } from './random.js';
import { bfloat16Bits, bfloat16Value, float16Bits, float16Value } from './small-floats.js';

const all16 = Array.from({ length: 65_536 }, (_, pattern) => pattern);
const isNaNPattern = (pattern: number, infinite: number): boolean => (pattern & 0x7fff) > infinite;

describe('float16', () => {
  it('has the values of the standard', () => {
    const known = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0x3c01, 1 + 2 ** -10],
      [0xc000, -2],
      [0x7bff, 65_504],
    ] as const;
    for (const [pattern, value] of known) {
      expect(float16Value(pattern)).toBe(value);
      expect(float16Bits(value)).toBe(pattern);
    }
    expect(float16Bits(0.1)).toBe(0x2e66);
  });

  it('gives every one of its 65,536 patterns back', () => {
    const wrong = all16.filter((p) => !isNaNPattern(p, 0x7c00) && float16Bits(float16Value(p)) !== p);
    expect(wrong).toEqual([]);
    expect(float16Bits(Number.NaN)).toBe(0x7e00);
    expect(float16Value(0x7e01)).toBeNaN();
  });

  it('rounds what lies between two neighbours to the nearest, the middle to the even one', () => {
    const wrong: number[] = [];
    for (let p = 0; p < 0x7bff; p++) {
      const [a, b] = [float16Value(p), float16Value(p + 1)];
      const middle = (a + b) / 2;
      const step = (b - a) / 1024;
      if (float16Bits(middle) !== (p % 2 === 0 ? p : p + 1)) wrong.push(middle);
      if (float16Bits(middle - step) !== p) wrong.push(middle - step);
      if (float16Bits(-(middle + step)) !== 0x8000 + p + 1) wrong.push(-(middle + step));
    }
    expect(wrong).toEqual([]);
  });

  it('overflows from 65,520 on and flushes half of its smallest value', () => {
    expect(float16Bits(65_519.99)).toBe(0x7bff);
    expect(float16Bits(65_520)).toBe(0x7c00);
    expect(float16Bits(-1e30)).toBe(0xfc00);
    expect(float16Bits(2 ** -25)).toBe(0);
    expect(float16Bits(2 ** -25 * 1.001)).toBe(1);
    expect(float16Bits(-0)).toBe(0x8000);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    expect(bfloat16Value(0x3f80)).toBe(1);
    expect(bfloat16Bits(1 + 2 ** -8)).toBe(0x3f80);
    expect(bfloat16Bits(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat16Bits(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(bfloat16Bits(-Math.PI)).toBe(0xc049);
    expect(bfloat16Bits(2 ** -133)).toBe(0x0001);
    expect(bfloat16Bits((2 - 2 ** -8) * 2 ** 127)).toBe(0x7f80);
    expect(bfloat16Bits(Number.NaN) & 0x7fff).toBeGreaterThan(0x7f80);
  });

  it('gives every one of its 65,536 patterns back', () => {
    const wrong = all16.filter((p) => !isNaNPattern(p, 0x7f80) && bfloat16Bits(bfloat16Value(p)) !== p);
    expect(wrong).toEqual([]);
  });
});

describe('integer grids', () => {
  it('round to even', () => {
    expect([-2.5, -1.5, -0.5, -0.3, 0.5, 1.5, 2.5, 2.51].map(roundToEven)).toEqual([-2, -2, 0, 0, 0, 2, 2, 3]);
  });

  it('have golden codes and scales, by row', () => {
    // Scales 1.27 / 127 and 0; 0.635 / 0.01 is 63.5 but for the rounding of the scale.
    const { codes, scales } = gridOf(Float32Array.of(1.27, -0.5, 0, 0, 0, 0), 127, { row: 3, run: 3 });
    expect([...codes]).toEqual([127, -50, 0, 0, 0, 0]);
    expect([...scales]).toEqual([Math.fround(Math.fround(1.27) / 127), leastScale]);
    const int3 = gridOf(Float32Array.of(3, -1.5, 0.5, 2.5), 3, { row: 4, run: 4 });
    expect([...int3.codes]).toEqual([3, -2, 0, 2]);
    expect([...int3.scales]).toEqual([1]);
    const int4 = tensorGrid(Float32Array.of(14, -3, 1, -14), 2, {
      kind: 'integer',
      word: 'int4',
      per: { kind: 'tensor' },
    });
    expect([...int4.codes]).toEqual([7, -2, 0, -7]);
  });

  it('have one scale per run, the last run of a row shorter', () => {
    const runs = runsOf({ kind: 'group', values: 2 }, 3, 6);
    const grid = gridOf(Float32Array.of(7, 1, 14, 21, 3, 28), 7, runs);
    expect([...grid.scales]).toEqual([1, 2, 3, 4]);
    expect([...grid.codes]).toEqual([7, 1, 7, 7, 1, 7]);
    expect([...gridValues(grid, runs)]).toEqual([7, 1, 14, 21, 3, 28]);
    expect(runsOf({ kind: 'group', values: 8 }, 3, 6)).toEqual({ row: 3, run: 3 });
    expect(runsOf({ kind: 'tensor' }, 3, 6)).toEqual({ row: 6, run: 6 });
  });

  it.each([127, 7, 3])(
    'keep every value within half a step, and the largest of a run at the end: %i levels',
    (levels) => {
      for (const [rows, row, run] of [
        [1, 1, 1],
        [3, 7, 7],
        [5, 13, 4],
        [2, 650, 32],
        [4, 6, 24],
      ] as const) {
        const values = new Float32Array(rows * row);
        fillUniform(values, 0.3, streamKey(1, `${levels} ${rows} ${row}`));
        const runs = run === 24 ? { row: 24, run } : { row, run };
        const grid = gridOf(values, levels, runs);
        const snapped = gridValues(grid, runs);
        const each = Math.ceil(runs.row / runs.run);
        expect(grid.scales.length).toBe((values.length / runs.row) * each);
        for (let i = 0; i < values.length; i++) {
          const scale = grid.scales[Math.floor(i / runs.row) * each + Math.floor((i % runs.row) / runs.run)]!;
          expect(Math.abs(snapped[i]! - values[i]!)).toBeLessThanOrEqual(scale * 0.500001);
          expect(Math.abs(grid.codes[i]!)).toBeLessThanOrEqual(levels);
        }
        expect(Math.max(...grid.codes.map(Math.abs))).toBe(levels);
      }
    },
  );

  it('keep zero exactly zero, also beside values too small for a scale', () => {
    const values = Float32Array.of(0, -0, 1e-40, 0);
    const grid = gridOf(values, 127, { row: 4, run: 4 });
    expect([...gridValues(grid, { row: 4, run: 4 })]).toEqual([0, 0, 0, 0]);
    expect(codeOf(0, scaleOf(0, 7))).toBe(0);
  });
});

describe('packed codes', () => {
  it('lie as documented', () => {
    expect([...packCodes('int8', [1, -1, 127, -127])]).toEqual([1, 255, 127, 129]);
    expect([...packCodes('int4', [-7, 7, 0])]).toEqual([0xf1, 0x08]);
    // 1, 7, 4, 5, 3, 2, 6, 4 in three bits each, the first lowest.
    expect([...packCodes('int3', [-3, 3, 0, 1, -1, -2, 2, 0])]).toEqual([57, 59, 153]);
    expect(packedBytes('int3', 8)).toBe(3);
    expect(packedBytes('int3', 9)).toBe(4);
    expect(packedBytes('int4', 5)).toBe(3);
  });

  it.each(['int8', 'int4', 'int3'] as const)('come back, %s', (word: IntegerWord) => {
    const levels = { int8: 127, int4: 7, int3: 3 }[word];
    for (const count of [1, 2, 3, 7, 8, 9, 31, 97]) {
      const codes = Array.from({ length: count }, (_, i) => ((i * 37 + 5) % (2 * levels + 1)) - levels);
      const bytes = packCodes(word, codes);
      expect(bytes.length).toBe(packedBytes(word, count));
      expect([...unpackCodes(word, bytes, count)]).toEqual(codes);
    }
  });
});

it('formats are written as the language has them', () => {
  expect(formatText({ kind: 'float', word: 'bfloat16' })).toBe('bfloat16');
  expect(formatText({ kind: 'integer', word: 'int4', per: { kind: 'group', values: 32 } })).toBe('int4(per=group(32))');
});
