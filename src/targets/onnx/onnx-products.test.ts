import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { printOnnx } from './print-onnx.js';
import { graphToOnnx } from './to-onnx.js';

const written = (g: Builder, y: Value): readonly string[] =>
  printOnnx(graphToOnnx(g.finish({ y })))
    .split('\n')
    .filter((line) => line.includes('('));

describe('products in ONNX', () => {
  it('turns the left operand once where the right one has many columns', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [3, 5]), g.input('b', [3, 256])];
    expect(written(g, g.matmul(a, b, { transposeA: true }))).toEqual([
      'tmp/0 = Transpose(a) {perm=[1,0]}',
      'y = Gemm(tmp/0, b)',
    ]);
  });

  it('leaves it to the kernel where it has few', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [3, 5]), g.input('b', [3, 255])];
    expect(written(g, g.matmul(a, b, { transposeA: true }))).toEqual(['y = Gemm(a, b) {transA=1}']);
  });

  it('makes the gradient of a large tall matrix turned', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [500, 8000]), g.input('b', [500, 200])];
    expect(written(g, g.matmul(a, b, { transposeA: true }))).toEqual([
      'tmp/0 = Transpose(b) {perm=[1,0]}',
      'tmp/1 = Gemm(tmp/0, a)',
      'tmp/2 = Reshape(tmp/1, i64/1_200_8000)',
      'tmp/3 = Transpose(tmp/2) {perm=[0,2,1]}',
      'y = Reshape(tmp/3, i64/8000_200)',
    ]);
  });

  it('puts large weights on the left of a narrow product, and turns its result', () => {
    const g = new Builder();
    const [x, w, b] = [g.input('x', [20, 256]), g.input('w', [512, 256]), g.input('b', [512])];
    expect(written(g, g.matmul(x, w, { transposeB: true }))).toEqual([
      'tmp/0 = Gemm(w, x) {transB=1}',
      'y = Transpose(tmp/0) {perm=[1,0]}',
    ]);
    expect(written(g, g.add(g.matmul(x, w, { transposeB: true }), b)).slice(-3)).toEqual([
      'tmp/0 = Gemm(w, x) {transB=1}',
      'tmp/1 = Transpose(tmp/0) {perm=[1,0]}',
      'y = Add(tmp/1, b)',
    ]);
  });

  it.each([
    ['one row', 1, 256, 512],
    ['many rows', 65, 256, 512],
    ['few columns', 64, 2048, 255],
    ['small weights', 20, 255, 512],
  ])('leaves them on the right: %s', (_, m, k, n) => {
    const g = new Builder();
    const [x, w] = [g.input('x', [m, k]), g.input('w', [n, k])];
    expect(written(g, g.matmul(x, w, { transposeB: true }))).toEqual(['y = Gemm(x, w) {transB=1}']);
  });

  it.each([
    [6, 20, 512, 512, 'Gemm(tmp/0, x0) {transB=1}', 7],
    [5, 20, 512, 512, 'Gemm(x0, w)', 0],
    [6, 20, 512, 255, 'Gemm(x0, w)', 0],
    [6, 1, 512, 512, 'Gemm(x0, tmp/0) {transB=1}', 1],
    [6, 1, 512, 511, 'Gemm(x0, w)', 0],
  ])('turns what %i products of %i rows share when it is large: %i x %i', (count, m, k, n, first, turns) => {
    const g = new Builder();
    const w = g.input('w', [k, n]);
    const products = Array.from({ length: count }, (_, i) => g.matmul(g.input(`x${i}`, [m, k]), w));
    const lines = written(
      g,
      products.reduce((x, y) => g.concat([x, y], 0)),
    );
    expect(lines.filter((line) => line.includes('Transpose')).length).toBe(turns);
    expect(lines.find((line) => line.includes('Gemm(') && line.includes('x0'))).toContain(first);
  });
});
