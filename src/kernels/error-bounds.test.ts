import { describe, expect, it } from 'vitest';
import { activationBound, activationErrors, executeBounded } from './error-bounds.js';
import { Memory, RegionValues } from './memory.js';

const functions = { sigmoid: (x: number) => 1 / (1 + Math.exp(-x)), tanh: Math.tanh } as const;

describe('activation errors', () => {
  it.each(['sigmoid', 'tanh'] as const)('of %s cover every shift of the argument', (name) => {
    const error = activationErrors('exact');
    const of = functions[name];
    for (let x = -12; x <= 12; x += 0.0625)
      for (const shift of [1e-6, 1e-3, 0.1, 1, 5])
        for (const moved of [x - shift, x + shift])
          expect(Math.abs(of(moved) - of(x))).toBeLessThanOrEqual(error(name, of(x), shift));
  });

  it('of `std` and `fast` are absolute, of `exact` relative to the result', () => {
    expect(activationErrors('std')('tanh', 0, 0)).toBe(activationBound('std'));
    expect(activationErrors('fast')('sigmoid', 0.5, 0)).toBe(1e-4);
    expect(activationErrors('exact')('tanh', 1e-3, 0)).toBeLessThan(1e-9);
    expect(activationErrors('exact')('tanh', 0.99, 0)).toBeGreaterThan(2.5 * 2 ** -24);
  });

  it.each(['relu', 'tanh', 'sigmoid'] as const)('%s keeps NaN', (name) => {
    const x = { id: 0, offset: 0, size: 1 };
    const memory = new Memory([x]);
    memory.values(x)[0] = Number.NaN;
    const weights = new RegionValues([], () => new Float32Array());
    const execution = { memory, weights, id: () => 0, activationError: activationErrors('exact') };
    executeBounded([{ kind: 'activate', layer: '', function: name, x }], execution);
    expect([...memory.values(x)]).toEqual([Number.NaN]);
  });
});
