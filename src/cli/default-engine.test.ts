import { expect, it } from 'vitest';
import type { Engine } from '../engines/engine.js';
import { firstAvailable } from './default-engine.js';

const engine = (name: string, available: boolean): Engine => ({
  name,
  available: async () => ({ available, detail: available ? '1.0' : `${name} is not installed` }),
  load: () => Promise.reject(new Error('not loaded in this test')),
});

it('takes the first that is there and says why it is not the fastest', async () => {
  const [fast, slow] = [engine('fast', true), engine('slow', true)];
  expect(await firstAvailable([fast, slow])).toEqual({ engine: fast, notice: undefined });
  const found = await firstAvailable([engine('fast', false), slow]);
  expect(found.engine).toBe(slow);
  expect(found.notice).toBe('fast is not available: fast is not installed; using slow, which is several times slower');
});

it('refuses with the reason of the first when none is there', async () => {
  await expect(firstAvailable([engine('fast', false), engine('slow', false)])).rejects.toThrow(
    'fast is not available: fast is not installed',
  );
});
