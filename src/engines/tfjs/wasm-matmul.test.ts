import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillUniform, streamKey } from '../../tensor/random.js';
import { type MatmulExports, matmulModule } from './matmul-code.js';
import { type Core, runtimeFor } from './runtime.js';
import { hasProducts, takesProduct } from './wasm-matmul.js';

let core: Core;
beforeAll(async () => {
  ({ core } = await runtimeFor('wasm'));
  await core.setBackend('wasm');
});
afterAll(() => core.disposeVariables());

function drawn(count: number, name: string): Float32Array {
  const data = new Float32Array(count);
  fillUniform(data, 1, streamKey(1, name));
  return data;
}

/** The product in doubles, of operands stored turned or not. */
function product(a: Float32Array, b: Float32Array, [m, k, n]: Sizes, [turnA, turnB]: readonly boolean[]): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let total = 0;
    for (let p = 0; p < k; p++) total += a[turnA ? p * m + i : i * k + p]! * b[turnB ? j * k + p : p * n + j]!;
    return total;
  });
}

type Sizes = readonly [m: number, k: number, n: number];

/** Whole tiles and blocks, edges of each kind, and more than a block along every axis. */
const sizes: readonly Sizes[] = [
  [64, 64, 64],
  [67, 89, 97],
  [131, 257, 9],
  [65, 8, 521],
  [129, 513, 31],
  [64, 1021, 8],
];

describe('products in the memory of the backend', () => {
  for (const [m, k, n] of sizes)
    for (const turns of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const)
      it(`(${m}, ${k}) (${k}, ${n}), turned ${turns.join(' and ')}`, () => {
        expect(takesProduct(m, k, n)).toBe(true);
        const [a, b] = [drawn(m * k, 'a'), drawn(k * n, 'b')];
        const left = core.tensor(a, turns[0] ? [k, m] : [m, k]);
        const right = core.tensor(b, turns[1] ? [n, k] : [k, n]);
        const once = (): Float32Array => core.matMul(left, right, ...turns).dataSync() as Float32Array;
        const found = once();
        const expected = product(a, b, [m, k, n], turns);
        // Terms of at most 1, each rounded once and added up k times.
        const bound = k * k * 2 ** -24;
        expect(found.every((value, i) => Math.abs(value - expected[i]!) <= bound)).toBe(true);
        expect(once().every((value, i) => Object.is(value, found[i]))).toBe(true);
        for (const tensor of [left, right]) tensor.dispose();
      });

  it('are left to the backend where they are small, thin, or of a batch', () => {
    expect(hasProducts(core.findBackend('wasm'))).toBe(true);
    expect(takesProduct(20, 200, 800)).toBe(false);
    expect(takesProduct(64, 8, 8)).toBe(false);
    expect(takesProduct(10_000, 650, 1)).toBe(false);
    const [a, b] = [core.ones([2, 64, 64]), core.ones([2, 64, 64])];
    expect(
      core
        .matMul(a, b)
        .dataSync()
        .every((value) => value === 64),
    ).toBe(true);
  });

  it('stay with the backend where it does not show its memory', () => {
    expect(hasProducts({ wasm: { _malloc: () => 0 } })).toBe(false);
  });
});

describe('the functions of the module', () => {
  const start = (): { readonly exports: MatmulExports; readonly floats: Float32Array } => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(matmulModule()), { given: { memory } });
    return { exports: exports as unknown as MatmulExports, floats: new Float32Array(memory.buffer) };
  };

  it.each([
    [4, 8],
    [1, 1],
    [5, 9],
    [7, 16],
  ])('write %i x %i sums where they belong and nowhere else', (rows, columns) => {
    const { exports, floats } = start();
    const [depth, pitch, out] = [3, 20, 8192];
    const a = drawn(rows * depth, 'a');
    const b = drawn(columns * depth, 'b');
    floats.set(a, 0);
    floats.set(b, 256);
    floats.fill(7, out - 64, out + 512);
    exports.pack4(0, 4 * depth, 4, 4 * 1024, rows, depth);
    exports.pack8(4 * 256, 4 * depth, 4, 4 * 2048, columns, depth);
    const multiply = (first: number): void =>
      exports.multiply(4 * 1024, 4 * 2048, 4 * out, 4 * pitch, rows, columns, depth, first, 4 * 4096);
    const expected = product(a, b, [rows, depth, columns], [false, true]);
    for (const times of [1, 2]) {
      multiply(times === 1 ? 1 : 0);
      for (let at = -64; at < 512; at++) {
        const [i, j] = [Math.floor(at / pitch), ((at % pitch) + pitch) % pitch];
        const inside = i >= 0 && i < rows && j < columns;
        if (inside) expect(floats[out + at]).toBeCloseTo(times * expected[i * columns + j]!, 5);
        else expect(floats[out + at]).toBe(7);
      }
    }
  });

  it.each([1, 3, 4, 7, 650])('add the rows of a matrix of %i columns up', (columns) => {
    const { exports, floats } = start();
    const x = drawn(5 * columns, 'x');
    floats.set(x, 0);
    floats.fill(7, 8192, 8192 + columns + 1);
    exports.addRows(0, 4 * 8192, 5, columns);
    for (let j = 0; j < columns; j++) {
      const total = [0, 1, 2, 3, 4].reduce((sum, i) => sum + x[i * columns + j]!, 0);
      expect(floats[8192 + j]).toBeCloseTo(total, 5);
    }
    expect(floats[8192 + columns]).toBe(7);
  });
});

it('sums over rows keep the axis where they are asked to', () => {
  const x = core.tensor(drawn(21, 'x'), [3, 7]);
  expect(core.sum(x, 0, true).shape).toEqual([1, 7]);
  expect(core.sum(x, 0).shape).toEqual([7]);
  expect([...core.sum(x, 0, true).dataSync()]).toEqual([...core.sum(x, 0).dataSync()]);
});
