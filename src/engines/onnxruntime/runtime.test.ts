import { expect, it } from 'vitest';
import { onnxruntime } from './onnxruntime.js';
import { listProviders, providerState } from './runtime.js';

it('lists what the package itself lists, the processor first', async () => {
  const names = await listProviders();
  expect(names[0]).toBe('cpu');
  expect(await onnxruntime.providers!()).toEqual(names);
});

it('the processor always works, and is the engine itself', async () => {
  expect(await providerState('cpu')).toMatchObject({ available: true });
  expect(onnxruntime.on!('cpu')).toBe(onnxruntime);
  expect(onnxruntime.varies).toBeUndefined();
});

it('a provider that the package does not know', async () => {
  const { available, detail } = await providerState('abacus');
  expect(available).toBe(false);
  expect(detail).toMatch(/has no provider abacus here, it has cpu/);
});

it('a device either works or says what it needs', async () => {
  const cuda = onnxruntime.on!('cuda');
  const { available, detail } = await cuda.available();
  expect(cuda.name).toBe('onnxruntime-cuda');
  expect(cuda.varies).toMatch(/order of sums/);
  expect(detail).toMatch(available ? /onnxruntime-node \d.*, cuda/ : /cuda.*; on Linux x64 with CUDA 12, run `npm/);
  const options = { threads: 1, carries: new Map<string, string>() };
  if (!available) await expect(cuda.load({ ops: [], outputs: {} }, options)).rejects.toThrow(/cannot be loaded/);
});
