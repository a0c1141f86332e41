import { describe, expect, it } from 'vitest';
import type { Alternation } from '../model/model.js';
import { foldScales } from './folding.js';
import { turnAt } from './turns.js';

describe('turns', () => {
  it('are those of the paper: one part for a while, then the other', () => {
    const alternate: Alternation = { every: { value: 3, unit: 'steps' }, first: 'structure' };
    const on = (part: 'structure' | 'overlay') =>
      Array.from({ length: 13 }, (_, time) => (turnAt(alternate, part, time, 5).on ? 1 : 0));
    expect(on('structure')).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1]);
    expect(on('overlay')).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0]);
  });

  it.each([
    [{ value: 1, unit: 'steps' }, 'structure'],
    [{ value: 4, unit: 'steps' }, 'overlay'],
    [{ value: 0.5, unit: 'epochs' }, 'overlay'],
    [{ value: 1, unit: 'epochs' }, 'structure'],
  ] as const)('of %o with %s first count the updates of each part', (every, first) => {
    const stepsPerEpoch = 7;
    for (const part of ['structure', 'overlay'] as const) {
      let updates = 0;
      for (let time = 0; time < 40; time++) {
        const state = turnAt({ every, first }, part, time, stepsPerEpoch);
        if (state.on) updates++;
        expect(state.updates).toBe(updates);
      }
    }
  });

  it('without alternation are always on', () => {
    expect(turnAt(undefined, 'overlay', 4, 5)).toEqual({ on: true, updates: 5 });
  });
});

it('folding multiplies what a scalar weighs, keeps zeros positive and leaves no scalar', () => {
  const one = { bound: 0, value: 0, patch: undefined, mask: undefined };
  const tensor = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
  const folded = foldScales(
    [
      { ...one, name: 'rnn.B', shape: [2] },
      { ...one, name: 'rnn.beta', shape: [], value: 1, penalty: { of: 'magnitude', weight: 1 } },
      { ...one, name: 'rnn.S', shape: [3], scaledBy: 'rnn.beta' },
    ],
    new Map([
      ['rnn.B', tensor(3, 4)],
      ['rnn.beta', { shape: [], data: Float32Array.of(-0.5) }],
      ['rnn.S', tensor(2, 0, -6)],
      ['mask.rnn.S', tensor(1, 0, 1)],
    ]),
  );
  expect([...folded.keys()]).toEqual(['rnn.B', 'rnn.S']);
  expect([...folded.get('rnn.B')!.data]).toEqual([3, 4]);
  expect(folded.get('rnn.S')!.data).toEqual(Float32Array.of(-1, 0, 3));
});
