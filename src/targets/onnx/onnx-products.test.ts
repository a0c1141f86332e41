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

  it.each([
    [6, 512, 512, 'Gemm(x0, tmp/0) {transB=1}', 1],
    [5, 512, 512, 'Gemm(x0, w)', 0],
    [6, 512, 511, 'Gemm(x0, w)', 0],
  ])('turns what %i narrow products share when it is large: %i x %i', (count, k, n, first, turns) => {
    const g = new Builder();
    const w = g.input('w', [k, n]);
    const products = Array.from({ length: count }, (_, i) => g.matmul(g.input(`x${i}`, [20, k]), w));
    const lines = written(
      g,
      products.reduce((x, y) => g.concat([x, y], 0)),
    );
    expect(lines.filter((line) => line.includes('Transpose')).length).toBe(turns);
    expect(lines.find((line) => line.includes('Gemm(x0'))).toContain(first);
  });
});
