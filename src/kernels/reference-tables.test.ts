import { describe, expect, it } from 'vitest';
import { single } from '../tensor/blocks.js';
import type { Buffer } from './planner.js';
import { dot, draw, expectBounded, matrix, near, run, runProduct, sigmoid32, tanh32 } from './test-reference.js';

describe('reference kernels of tables, activations and chains', () => {
  it('a bias, an embedding and a copy are exact', () => {
    const [b, table] = [draw(6, 'b'), draw(18, 'table')];
    let y: Buffer[] = [];
    const seen = run({ b, table }, (p) => {
      y = [p.scratch(6), p.scratch(3), p.scratch(6)];
      p.bias('b', y[0]!);
      p.embed(matrix('table', 6, 3), { input: 'tokens', count: 6 }, 0, y[1]!);
      p.copy(y[0]!, y[2]!);
      return [];
    });
    expect(seen.values(y[0]!)).toEqual([...b]);
    expect(seen.values(y[1]!)).toEqual([...table.subarray(6, 9)]);
    expect(seen.values(y[2]!)).toEqual([...b]);
    for (const buffer of y) expect(seen.errors(buffer).every((error) => error === 0)).toBe(true);
  });

  it('rows of parts of a table, and of sparse ones, are exact: ids are 2 here', () => {
    const [A, B] = [draw(6, 'A'), draw(12, 'B')];
    const S = Float32Array.from([0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0]);
    const T = Float32Array.from([0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
    let y: Buffer[] = [];
    const seen = run({ A, B, S, T }, (p) => {
      y = [p.scratch(3), p.scratch(3), p.scratch(2), p.scratch(2)];
      const ids = { input: 'tokens', count: 6 };
      p.embed(matrix('A', 2, 3), ids, 0, y[0]!);
      p.embed(matrix('B', 4, 3), ids, 2, y[1]!);
      p.embedSparse({ ...matrix('S', 6, 2), block: single }, ids, y[2]!);
      p.embedSparse({ ...matrix('T', 6, 2), block: [2, 2] }, ids, y[3]!);
      return y.map((buffer) => [buffer, new Float32Array(buffer.size).fill(9)] as const);
    });
    expect(y.map((buffer) => seen.values(buffer))).toEqual([[0, 0, 0], [...B.subarray(0, 3)], [1, 2], [1, 2]]);
    for (const buffer of y) expect(seen.errors(buffer).every((error) => error === 0)).toBe(true);
  });

  it.each(['set', 'add'] as const)('mix turns its matrix: %s', (mode) => {
    const [V, x0, y0] = [draw(29 * 61, 'V'), draw(29, 'x'), draw(61, 'y')];
    const { seen, y } = runProduct({ V }, [x0, y0], (p, x, to) => p.mix(matrix('V', 29, 61), x, to, mode));
    const start = (i: number): number => (mode === 'add' ? y0[i]! : 0);
    near(
      seen.values(y),
      Array.from(y0, (_, i) => x0.reduce((sum, v, k) => sum + v * V[k * 61 + i]!, start(i))),
    );
    const float = Array.from(y0, (_, i) =>
      dot(
        29,
        start(i),
        (k) => x0[k]!,
        (k) => V[k * 61 + i]!,
      ),
    );
    expectBounded(float, seen, y);
  });

  it('activations follow their formulas and push errors through', () => {
    const n = 40;
    const W = draw(n * n, 'W');
    const x0 = draw(n, 'x');
    const z = Array.from(x0, (_, r) => Array.from(x0, (v, k) => v * W[r * n + k]!).reduce((a, b) => a + b));
    const z32 = z.map((_, r) =>
      dot(
        n,
        0,
        (k) => W[r * n + k]!,
        (k) => x0[k]!,
      ),
    );
    const formulas = {
      tanh: [Math.tanh, tanh32],
      sigmoid: [(v: number) => 1 / (1 + Math.exp(-v)), sigmoid32],
      relu: [(v: number) => (v + Math.abs(v)) / 2, (v: number) => (v + Math.abs(v)) / 2],
    } as const;
    for (const name of ['tanh', 'sigmoid', 'relu'] as const) {
      let y = {} as Buffer;
      const seen = run({ W }, (p) => {
        const x = p.scratch(n);
        y = p.scratch(n);
        p.gemv(matrix('W', n, n), x, y, 'set');
        p.activate(name, y);
        return [[x, x0]];
      });
      near(seen.values(y), z.map(formulas[name][0]));
      expectBounded(z32.map(formulas[name][1]), seen, y);
    }
  });

  it('a chain of products keeps its float32 image within the bound', () => {
    const n = 64;
    const weights = { V: draw(n * n, 'V'), U: draw(n * n, 'U') };
    const x0 = draw(n, 'x');
    let y = {} as Buffer;
    const seen = run(weights, (p) => {
      const [x, t] = [p.scratch(n), p.scratch(n)];
      y = p.scratch(n);
      p.gemv(matrix('V', n, n), x, t, 'set');
      p.gemv(matrix('U', n, n), t, y, 'add');
      return [[x, x0]];
    });
    const t = Array.from(x0, (_, r) =>
      dot(
        n,
        0,
        (k) => weights.V[r * n + k]!,
        (k) => x0[k]!,
      ),
    );
    const float = Array.from(x0, (_, r) =>
      dot(
        n,
        0,
        (k) => weights.U[r * n + k]!,
        (k) => t[k]!,
      ),
    );
    expectBounded(float, seen, y);
  });
});
