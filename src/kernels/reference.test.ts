import { describe, expect, it } from 'vitest';
import { area, type Block, single, spreadBlocks } from '../tensor/blocks.js';
import { streamKey, uniformAt } from '../tensor/random.js';
import type { Buffer } from './planner.js';
import { dot, draw, expectBounded, f, matrix, near, run, runProduct, sigmoid32, tanh32 } from './test-reference.js';

describe('reference kernels', () => {
  it.each([
    [1, 1],
    [5, 7],
    [33, 13],
    [130, 650],
  ])('gemv %i x %i sets and adds', (rows, columns) => {
    const W = draw(rows * columns, 'W');
    const [x0, y0] = [draw(columns, 'x'), draw(rows, 'y')];
    for (const mode of ['set', 'add'] as const) {
      const { seen, y } = runProduct({ W }, [x0, y0], (p, x, to) => p.gemv(matrix('W', rows, columns), x, to, mode));
      const start = (r: number) => (mode === 'add' ? y0[r]! : 0);
      near(
        seen.values(y),
        Array.from(y0, (_, r) => start(r) + Array.from(x0, (v, k) => v * W[r * columns + k]!).reduce((a, b) => a + b)),
      );
      const float = Array.from(y0, (_, r) =>
        dot(
          columns,
          start(r),
          (k) => W[r * columns + k]!,
          (k) => x0[k]!,
        ),
      );
      if (rows > 1) expectBounded(float, seen, y);
    }
  });

  it.each([
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 3],
      [5, 7],
    ],
    [
      [13, 65],
      [50, 20],
    ],
    [
      [50, 20],
      [13, 65],
    ],
  ] as const)('kron %j (x) %j adds what the written-out matrix gives', (bShape, cShape) => {
    const [B, C] = [draw(bShape[0] * bShape[1], 'B'), draw(cShape[0] * cShape[1], 'C')];
    const [rows, columns] = [bShape[0] * cShape[0], bShape[1] * cShape[1]];
    const [x0, y0] = [draw(columns, 'x'), draw(rows, 'y')];
    const [mB, mC] = [matrix('B', bShape[0], bShape[1]), matrix('C', cShape[0], cShape[1])];
    const { seen, y } = runProduct({ B, C }, [x0, y0], (p, x, to) => p.kron(mB, mC, x, { count: 1, apart: 0, y: to }));
    const weight = (i: number, j: number): number =>
      B[Math.floor(i / cShape[0]) * bShape[1] + Math.floor(j / cShape[1])]! *
      C[(i % cShape[0]) * cShape[1] + (j % cShape[1])]!;
    near(
      seen.values(y),
      Array.from(y0, (v, i) => Array.from(x0, (u, j) => weight(i, j) * u).reduce((a, b) => a + b, v)),
    );
    // Float32, in the order B X first.
    const t = Array.from({ length: bShape[0] * cShape[1] }, (_, e) => {
      const [i, j] = [Math.floor(e / cShape[1]), e % cShape[1]];
      return dot(
        bShape[1],
        0,
        (k) => B[i * bShape[1] + k]!,
        (k) => x0[k * cShape[1] + j]!,
      );
    });
    const float = Array.from(y0, (v, e) => {
      const [i, j] = [Math.floor(e / cShape[0]), e % cShape[0]];
      return dot(
        cShape[1],
        v,
        (k) => t[i * cShape[1] + k]!,
        (k) => C[j * cShape[1] + k]!,
      );
    });
    if (bShape[0] === 13) expectBounded(float, seen, y);
  });

  it.each([
    [1, 2, 3, 5],
    [4, 3, 7, 1],
    [3, 13, 65, 20],
  ] as const)('gemm before %i, %i x %i, after %i applies a matrix along an axis', (before, rows, columns, after) => {
    const W = draw(rows * columns, 'W');
    const [x0, y0] = [draw(before * columns * after, 'x'), draw(before * rows * after, 'y')];
    for (const mode of ['set', 'add'] as const) {
      const { seen, y } = runProduct({ W }, [x0, y0], (p, x, to) =>
        p.gemm(matrix('W', rows, columns), x, to, { before, after, mode }),
      );
      const sums = (add: typeof dot): number[] =>
        Array.from(y0, (v, e) => {
          const [p, i, q] = [Math.floor(e / (rows * after)), Math.floor(e / after) % rows, e % after];
          const at = (k: number): number => x0[(p * columns + k) * after + q]!;
          return add(columns, mode === 'add' ? v : 0, (k) => W[i * columns + k]!, at);
        });
      near(
        seen.values(y),
        sums((n, start, a, b) => Array.from({ length: n }, (_, k) => a(k) * b(k)).reduce((s, v) => s + v, start)),
      );
      if (rows > 2) expectBounded(sums(dot), seen, y);
    }
  });

  it.each([
    [1, 1, 1],
    [7, 5, 3],
    [41, 70, 16],
  ])('circulant %i x %i in blocks of %i adds what the written-out matrix gives', (rows, columns, block) => {
    const [down, across] = [Math.ceil(rows / block), Math.ceil(columns / block)];
    const V = draw(down * across * block, 'V');
    const [x0, y0] = [draw(columns, 'x'), draw(rows, 'y')];
    const { seen, y } = runProduct({ V }, [x0, y0], (p, x, to) =>
      p.circulant(matrix('V', down, across * block), block, x, { count: 1, apart: rows, y: to }),
    );
    const weight = (i: number, j: number): number => {
      const first = (Math.floor(i / block) * across + Math.floor(j / block)) * block;
      return V[first + ((((i - j) % block) + block) % block)]!;
    };
    near(
      seen.values(y),
      Array.from(y0, (v, i) => Array.from(x0, (u, j) => weight(i, j) * u).reduce((a, b) => a + b, v)),
    );
    const float = Array.from(y0, (v, i) =>
      dot(
        columns,
        v,
        (j) => weight(i, j),
        (j) => x0[j]!,
      ),
    );
    if (rows > 7) expectBounded(float, seen, y);
  });

  it.each<readonly [number, number, Block]>([
    [1, 1, single],
    [31, 29, single],
    [100, 650, single],
    [64, 52, [4, 1]],
    [13, 52, [1, 4]],
    [96, 60, [8, 4]],
    [48, 13, [16, 1]],
    [30, 35, [3, 7]],
  ])('sparse %i x %i in blocks of %j adds its nonzeros', (rows, columns, block) => {
    const key = streamKey(5, 'keep');
    const blocks = new Float32Array((rows * columns) / area(block)).map((_, i) => (uniformAt(key, i) < 0.1 ? 1 : 0));
    const stays = spreadBlocks(blocks, columns, block);
    const S = draw(rows * columns, 'S').map((v, i) => v * stays[i]!);
    const [x0, y0] = [draw(columns, 'x'), draw(rows, 'y')];
    const s = { ...matrix('S', rows, columns), block };
    const { seen, y } = runProduct({ S }, [x0, y0], (p, x, to) => p.sparse(s, x, to));
    const at = (r: number, k: number) => S[r * columns + k]!;
    near(
      seen.values(y),
      Array.from(y0, (v, r) => Array.from(x0, (u, k) => at(r, k) * u).reduce((a, b) => a + b, v)),
    );
    const float = Array.from(y0, (v, r) =>
      dot(
        columns,
        v,
        (k) => at(r, k),
        (k) => x0[k]!,
      ),
    );
    if (rows > 1) expectBounded(float, seen, y);
  });

  it('an lstm cell follows its equations, and its bound holds for float32', () => {
    const n = 650;
    const [z0, c0] = [draw(4 * n, 'z').map((v) => 4 * v), draw(n, 'c')];
    let [next, h] = [] as unknown as [Buffer, Buffer];
    const seen = run({}, (p) => {
      const [z, c] = [p.scratch(4 * n), p.scratch(n)];
      [next, h] = [p.scratch(n), p.scratch(n)];
      p.lstmCell(z, c, next, h);
      return [
        [z, z0],
        [c, c0],
      ];
    });
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const expected = Array.from(c0, (c, j) => sigmoid(z0[n + j]!) * c + sigmoid(z0[j]!) * Math.tanh(z0[2 * n + j]!));
    near(seen.values(next), expected);
    near(
      seen.values(h),
      expected.map((c, j) => sigmoid(z0[3 * n + j]!) * Math.tanh(c)),
    );
    const float = Array.from(c0, (c, j) =>
      f(f(sigmoid32(z0[n + j]!) * c) + f(sigmoid32(z0[j]!) * tanh32(z0[2 * n + j]!))),
    );
    expectBounded(float, seen, next);
    expectBounded(
      float.map((c, j) => f(sigmoid32(z0[3 * n + j]!) * tanh32(c))),
      seen,
      h,
    );
  });

  it('a running maximum takes the first step as it is, and the larger of two behind it', () => {
    const n = 9;
    const [x0, now0] = [draw(n, 'x').map((v) => v - 3), draw(n, 'now').map((v) => v - 3)];
    for (const flag of [0, 1]) {
      let [next, seenNext] = [] as unknown as [Buffer, Buffer];
      const seen = run({}, (p) => {
        const [x, before, now] = [p.scratch(n), p.scratch(1), p.scratch(n)];
        [next, seenNext] = [p.scratch(n), p.scratch(1)];
        p.runningMax(x, { now: before, next: seenNext }, { now, next });
        return [
          [x, x0],
          [before, Float32Array.of(flag)],
          [now, now0],
        ];
      });
      const expected = Array.from(x0, (v, i) => (flag === 0 ? v : Math.max(v, now0[i]!)));
      near(seen.values(next), expected);
      expectBounded(expected, seen, next);
      expect(seen.values(seenNext)).toEqual([1]);
    }
  });

  it('a gru cell follows its equations, and its bound holds for float32', () => {
    const n = 650;
    const [u0, c0, h0] = [draw(n, 'u').map((v) => 4 * v), draw(n, 'c').map((v) => 2 * v), draw(n, 'h')];
    let next = {} as Buffer;
    const seen = run({}, (p) => {
      const [u, c, h] = [p.scratch(n), p.scratch(n), p.scratch(n)];
      next = p.scratch(n);
      p.gruCell(u, c, h, next);
      return [
        [u, u0],
        [c, c0],
        [h, h0],
      ];
    });
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const expected = Array.from(h0, (h, j) => sigmoid(u0[j]!) * h + (1 - sigmoid(u0[j]!)) * Math.tanh(c0[j]!));
    near(seen.values(next), expected);
    const float = Array.from(h0, (h, j) => {
      const candidate = tanh32(c0[j]!);
      return f(candidate + f(sigmoid32(u0[j]!) * f(h - candidate)));
    });
    expectBounded(float, seen, next);
  });

  it('a gate lets its share through, set or added; sums add; clearing is exact', () => {
    const n = 41;
    const [z0, x0, y0] = [draw(n, 'z').map((v) => 4 * v), draw(n, 'x'), draw(n, 'y')];
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    for (const mode of ['set', 'add'] as const) {
      let [y, sum, zero] = [] as unknown as [Buffer, Buffer, Buffer];
      const seen = run({}, (p) => {
        const [z, x] = [p.scratch(n), p.scratch(n)];
        [y, sum, zero] = [p.scratch(n), p.scratch(n), p.scratch(n)];
        p.gate(z, x, y, mode);
        p.add(y, sum);
        p.clear(zero);
        return [
          [z, z0],
          [x, x0],
          [y, y0],
          [sum, x0],
          [zero, x0],
        ];
      });
      const start = (i: number) => (mode === 'add' ? y0[i]! : 0);
      near(
        seen.values(y),
        Array.from(x0, (v, i) => start(i) + sigmoid(z0[i]!) * v),
      );
      const float = Array.from(x0, (v, i) => f(start(i) + f(sigmoid32(z0[i]!) * v)));
      expectBounded(float, seen, y);
      near(
        seen.values(sum),
        seen.values(y).map((v, i) => v + x0[i]!),
      );
      expectBounded(
        float.map((v, i) => f(x0[i]! + v)),
        seen,
        sum,
      );
      expect(seen.values(zero)).toEqual(new Array(n).fill(0));
      expect(seen.errors(zero)).toEqual(new Array(n).fill(0));
    }
  });
});
