import { describe, expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import { differentiate } from './differentiate.js';

describe('gradients of values on learned scales', () => {
  const [levels, run] = [3, 2];
  // Two rows of three values in runs of two and one; the grids end at 3 s.
  const x = { shape: [2, 3], data: Float64Array.of(0.9, -0.35, 2.5, -4, 0.1, 0.6) };
  const scales = { shape: [2, 2], data: Float64Array.of(0.5, 0.25, 1, 0.5) };
  const gradientsOf = () => {
    const g = new Builder();
    const [values, s] = [g.input('x', [2, 3]), g.input('s', [2, 2])];
    const y = g.snapTo(values, s, levels, run);
    const found = differentiate(g, g.sum(g.mul(y, g.mul(y, g.constant(0.5)))), [values, s]);
    return evaluate(g.finish({ y, dx: found.get(values)!, ds: found.get(s)! }), { x, s: scales });
  };

  it('are those of Esser et al. 2020, eq. 3 and 5, by hand', () => {
    const { y, dx, ds } = gradientsOf();
    // x / s = 1.8, -0.7 | 10 behind the end | -4 behind the end, 0.1 | 1.2; codes 2, -1 | 3 | -3, 0 | 1.
    expect([...y!.data]).toEqual([1, -0.5, 0.75, -3, 0, 0.5]);
    expect([...dx!.data]).toEqual([1, -0.5, 0, -0, 0, 0.5]);
    const [a, b, c, d] = ds!.data;
    expect(a).toBeCloseTo(1 * (2 - 1.8) + -0.5 * (-1 + 0.7), 6);
    expect(b).toBeCloseTo(0.75 * 3, 12);
    expect(c).toBeCloseTo(-3 * -3 + 0, 12);
    expect(d).toBeCloseTo(0.5 * (1 - 1.2), 6);
  });

  it('agree with finite differences where what rounding adds is held', () => {
    const { dx, ds } = gradientsOf();
    const runOf = (i: number): number => 2 * Math.floor(i / 3) + ((i % 3) >> 1);
    const cut = (value: number): number => Math.max(-levels, Math.min(levels, value));
    const added = x.data.map((value, i) => {
      const ratio = cut(value / scales.data[runOf(i)]!);
      return Math.round(ratio) - ratio;
    });
    const loss = (values: Float64Array, s: Float64Array): number =>
      values.reduce((sum, value, i) => {
        const y = s[runOf(i)]! * (cut(value / s[runOf(i)]!) + added[i]!);
        return sum + (y * y) / 2;
      }, 0);
    const moved = (data: Float64Array, at: number, by: number) => data.map((v, i) => (i === at ? v + by : v));
    const step = 1e-6;
    x.data.forEach((_, i) => {
      const [up, down] = [step, -step].map((by) => loss(moved(x.data, i, by), scales.data));
      expect(dx!.data[i]).toBeCloseTo((up! - down!) / (2 * step), 5);
    });
    scales.data.forEach((_, i) => {
      const [up, down] = [step, -step].map((by) => loss(x.data, moved(scales.data, i, by)));
      expect(ds!.data[i]).toBeCloseTo((up! - down!) / (2 * step), 5);
    });
  });
});
