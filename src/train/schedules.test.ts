import { describe, expect, it } from 'vitest';
import type { Pool } from '../model/model.js';
import type { Moment, SparsitySchedule } from '../model/schedule.js';
import { single } from '../tensor/blocks.js';
import { coMatrixKeep, isSparsityFinal, isSparsityUpdate, keptAt, keptNow, scheduleAt } from './schedules.js';

const epochs = (value: number): Moment => ({ value, unit: 'epochs' });
const steps = (value: number): Moment => ({ value, unit: 'steps' });

describe('scheduleAt', () => {
  it('decays as the papers say: epochs 1 to 6 at 1.0, the 7th at 1/1.2', () => {
    const s = { kind: 'decay', rate: 1, by: 1 / 1.2, every: epochs(1), after: epochs(6) } as const;
    const at = (time: number) => scheduleAt(s, time, 100);
    expect([at(0), at(599)]).toEqual([1, 1]);
    expect(at(600)).toBe(1 / 1.2);
    expect(at(699)).toBe(1 / 1.2);
    expect(at(700)).toBeCloseTo(1 / 1.44, 15);
    expect(at(3899)).toBeCloseTo(1.2 ** -33, 15);
  });
  it('blends from start to end, constant outside', () => {
    const s = (kind: 'linear' | 'cubic') => ({ kind, start: 0.5, end: 0.1, from: steps(10), to: epochs(2.5) }) as const;
    const linear = [0, 10, 20, 30, 50, 51].map((t) => scheduleAt(s('linear'), t, 20));
    [0.5, 0.5, 0.4, 0.3, 0.1, 0.1].forEach((v, i) => {
      expect(linear[i]).toBeCloseTo(v, 15);
    });
    // 0.1 + 0.4 (1 - 1/4)^3 = 0.1 + 0.4 * 0.421875.
    expect(scheduleAt(s('cubic'), 20, 20)).toBeCloseTo(0.26875, 15);
    expect(scheduleAt({ kind: 'constant', value: 3 }, 9, 1)).toBe(3);
  });
});

const pool: Pool = { layers: ['rnn1'], rule: 0, tensors: ['rnn1.S'], block: single, elements: 1000, kept: 37 };
const road = (change: Partial<SparsitySchedule> = {}): SparsitySchedule => ({
  kind: 'cubic',
  start: 0,
  from: epochs(2),
  to: epochs(4),
  every: 15,
  implied: false,
  ...change,
});

describe('sparsity', () => {
  it('updates at from, every `every` steps, and always at to', () => {
    const due = Array.from({ length: 120 }, (_, t) => t).filter((t) => isSparsityUpdate(road(), t, 20));
    expect(due).toEqual([40, 55, 70, 80]);
    expect(isSparsityUpdate(road({ start: 0.2 }), 0, 20)).toBe(true);
    expect(isSparsityUpdate(road({ from: steps(0) }), 0, 20)).toBe(true);
    expect(isSparsityUpdate(road(), 0, 20)).toBe(false);
  });
  it('follows the cubic law by hand', () => {
    // s_f = 0.963; half way s = 0.963 - 0.963 / 8 = 0.842625: 157.375 of 1000 are left.
    expect(keptAt(road(), pool, 60, 20)).toBe(157);
    // At (55 - 40) / 40: s = 0.963 (1 - 0.625^3) = 0.72789...: 272.10 are left.
    expect(keptAt(road(), pool, 55, 20)).toBe(272);
    expect(keptAt(road({ kind: 'linear' }), pool, 60, 20)).toBe(519);
    // With start = 0.2: s = 0.963 - 0.763 / 8 = 0.867625.
    expect(keptAt(road({ start: 0.2 }), pool, 60, 20)).toBe(132);
    expect(keptAt(road(), pool, 80, 20)).toBe(37);
    expect(keptAt(road(), pool, 5000, 20)).toBe(37);
  });
  it('between updates stays what the last one left', () => {
    expect([0, 39, 40, 54].map((t) => keptNow(road(), pool, t, 20))).toEqual([1000, 1000, 1000, 1000]);
    expect([55, 69].map((t) => keptNow(road(), pool, t, 20))).toEqual([272, 272]);
    expect([80, 81, 900].map((t) => keptNow(road(), pool, t, 20))).toEqual([37, 37, 37]);
    expect([0, 30].map((t) => keptNow(road({ start: 0.2 }), pool, t, 20))).toEqual([800, 800]);
    expect([79, 80].map((t) => isSparsityFinal(road(), t, 20))).toEqual([false, true]);
  });
  it('never grows, over odd sizes', () => {
    for (const [elements, kept] of [
      [1, 1],
      [7, 0],
      [650, 13],
      [99_991, 42],
    ] as const) {
      const p = { ...pool, elements, kept };
      let last: number = elements;
      for (let t = 0; t <= 100; t++) {
        const now = keptNow(road({ every: 1 }), p, t, 20);
        expect(now).toBeLessThanOrEqual(last);
        last = now;
      }
      expect(last).toBe(kept);
    }
  });
});

describe('co-matrix dropout', () => {
  it('keeps more as the sparsity rises, all from `until` on', () => {
    const cmr = { keep: 0.5, until: 0.9 };
    expect(coMatrixKeep(cmr, 0, 0)).toBe(0.5);
    expect(coMatrixKeep(cmr, 0.45, 0)).toBe(0.75);
    expect(coMatrixKeep(cmr, 0.9, 0)).toBe(1);
    expect(coMatrixKeep(cmr, 0.99, 0)).toBe(1);
    expect(coMatrixKeep(cmr, 0.7, 0.5)).toBeCloseTo(0.75, 15);
    expect(coMatrixKeep({ keep: 0.7, until: undefined }, 0.99, 0)).toBe(0.7);
  });
});
