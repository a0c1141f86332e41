/** tfjs frees everything that a run makes; only carried tensors stay. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { findEngine } from '../../src/engines/engines.js';
import { languageModel } from './language-model.js';

const tf = createRequire(import.meta.url)('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');

test('50 steps leave as many tensors as one', async () => {
  const { graph, carries, initial, feeds } = languageModel();
  expect((await findEngine('tfjs-wasm')!.available()).available).toBe(true);
  const count = (): number => tf.findBackend('wasm').numDataIds();
  const before = count();
  const session = await findEngine('tfjs-wasm')!.load(graph, { threads: 1, carries });
  for (const [name, tensor] of Object.entries(initial)) session.set(name, tensor);
  await session.run(feeds(0));
  const after = count();
  expect(after).toBeGreaterThan(before);
  for (let t = 1; t < 50; t++) await session.run(feeds(t));
  expect(count()).toBe(after);
  await session.close();
  expect(count()).toBe(before);
});
