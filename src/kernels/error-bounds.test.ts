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
          expect(Math.abs(of(moved) - of(x))).toBeLessThanOrEqual(error(name, x, shift));
  });

  it('of `std` and `fast` are absolute, of `exact` relative to the result', () => {
    expect(activationErrors('std')('tanh', 0, 0)).toBe(activationBound('std'));
    expect(activationErrors('fast')('sigmoid', 0, 0)).toBe(1e-4);
    expect(activationErrors('exact')('tanh', 1e-3, 0)).toBeLessThan(1e-9);
    expect(activationErrors('exact')('tanh', 2.65, 0)).toBeGreaterThan(2.5 * 2 ** -24);
  });

  it('of saturated gates are next to nothing, however far the argument is off', () => {
    const error = activationErrors('exact');
    expect(error('sigmoid', -20, 5)).toBeLessThan(4e-7);
    expect(error('tanh', 20, 5)).toBeLessThan(4e-7);
    expect(error('tanh', 0.5, 100)).toBeCloseTo(1 + Math.tanh(0.5), 5);
    // What a result cannot tell apart in double is pushed by the slope.
    expect(error('tanh', 0, 1e-20)).toBeGreaterThanOrEqual(1e-20);
  });

  it('of relu are what is left of the interval above zero', () => {
    const x = { id: 0, offset: 0, size: 4 };
    const memory = new Memory([x]);
    memory.values(x).set([-3, -1, 1, 3]);
    memory.errors(x).fill(2);
    const weights = new RegionValues([], () => new Float32Array());
    const execution = { memory, weights, id: () => 0, activationError: activationErrors('exact') };
    executeBounded([{ kind: 'activate', layer: '', function: 'relu', x }], execution);
    expect([...memory.errors(x)]).toEqual([0, 1, 2, 2]);
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
