import { createRequire } from 'node:module';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, runtimeFor } from './runtime.js';
import { replaceWasmKernels } from './wasm-kernels.js';

const core = createRequire(import.meta.url)('@tensorflow/tfjs-core') as Core;

beforeAll(async () => {
  await runtimeFor('cpu');
  await runtimeFor('wasm');
});
afterAll(() => core.setBackend('wasm'));

type Tensors = ReturnType<typeof core.split>;

/** What `make` gives on a backend: shapes and values. */
async function on(backend: string, make: () => Tensors): Promise<unknown> {
  await core.setBackend(backend);
  const made = make();
  const found = made.map((t) => [t.shape, t.dtype, [...t.dataSync()]]);
  for (const t of made) t.dispose();
  return found;
}

const filled = (shape: number[], type: 'float32' | 'int32') => {
  const count = shape.reduce((a, b) => a * b, 1);
  return core.tensor(
    Array.from({ length: count }, (_, i) => 3 * i + 1),
    shape,
    type,
  );
};

const cuts: readonly (readonly [shape: number[], lengths: number[], axis: number])[] = [
  [[7], [3, 4], 0],
  [[5, 3], [1, 1, 3], 0],
  [[5, 7], [2, 4, 1], 1],
  [[2, 3, 5], [1, 2], 1],
  [[2, 3, 4, 6], [5, 1], 3],
  [[1, 1], [1], 1],
];

describe('kernels that stand in for those of the wasm backend', () => {
  it.each(cuts)('cut %j into %j along %i as the cpu backend does', async (shape, lengths, axis) => {
    for (const type of ['float32', 'int32'] as const) {
      const make = (): Tensors => core.split(filled(shape, type), lengths, axis);
      expect(await on('wasm', make)).toEqual(await on('cpu', make));
    }
  });

  it('leave equal parts by their number to the backend', async () => {
    const make = (): Tensors => core.split(filled([4, 6], 'float32'), 3, 1);
    expect(await on('wasm', make)).toEqual(await on('cpu', make));
  });

  it.each([[[5, 3]], [[4, 2, 3]], [[6]]])('look up rows of %j, some of them twice', async (shape) => {
    const make = (): Tensors => [core.gather(filled(shape, 'float32'), core.tensor1d([3, 0, 3, 1], 'int32'))];
    expect(await on('wasm', make)).toEqual(await on('cpu', make));
  });

  it('leave other axes to the backend, and refuse rows that are not there as it does', async () => {
    const columns = (): Tensors => [core.gather(filled([2, 4], 'float32'), core.tensor1d([3, 0], 'int32'), 1)];
    expect(await on('wasm', columns)).toEqual(await on('cpu', columns));
    await core.setBackend('wasm');
    const missing = (): unknown => core.gather(filled([2, 4], 'float32'), core.tensor1d([2], 'int32'));
    expect(missing).toThrow('the index value 2 is not in [0, 1]');
  });

  it('are put in place once', () => {
    const kernel = (): unknown => core.getKernel('SplitV', 'wasm').kernelFunc;
    const before = kernel();
    replaceWasmKernels(core);
    expect(kernel()).toBe(before);
    expect((before as (call: object) => TensorInfo[]).length).toBe(1);
  });
});
