import { describe, expect, it } from 'vitest';
import { makeSource, sampleSource } from './markov.js';

describe('makeSource', () => {
  it.each([
    [1, 2],
    [1, 7],
    [2, 5],
    [3, 11],
  ])('order %i, %i words: laws sum to 1 and the stationary shares are a fixed point', (order, vocabulary) => {
    const s = makeSource(order, vocabulary, 3);
    expect(s.states).toBe(vocabulary * 2 ** (order - 1));
    const after = new Float64Array(s.states);
    for (let state = 0; state < s.states; state++) {
      const row = s.law.subarray(state * vocabulary, (state + 1) * vocabulary);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      row.forEach((p, w) => {
        after[s.next[state * vocabulary + w]!]! += s.stationary[state]! * p;
      });
    }
    for (let state = 0; state < s.states; state++) expect(after[state]).toBeCloseTo(s.stationary[state]!, 12);
    expect(s.stationary.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it('its frequencies in a long sample are its law and its stationary shares', () => {
    const s = makeSource(2, 5, 9);
    const { ids } = sampleSource(s, 200_000, 4, 'check');
    const seen = new Float64Array(s.states);
    const then = new Float64Array(s.states * 5);
    let state = 0;
    for (const id of ids) {
      seen[state]!++;
      then[state * 5 + id]!++;
      state = s.next[state * 5 + id]!;
    }
    const shares = seen.map((n, i) => Math.abs(n / ids.length - s.stationary[i]!));
    expect(Math.max(...shares)).toBeLessThan(0.01);
    then.forEach((n, i) => {
      const from = seen[Math.floor(i / 5)]!;
      if (from > 5000) expect(Math.abs(n / from - s.law[i]!)).toBeLessThan(0.03);
    });
  });

  it('the state after a word remembers the class of the word before', () => {
    const s = makeSource(2, 6, 1);
    // Both histories of a word lead to the same class bit, which is the word's own.
    for (let last = 0; last < 6; last++) {
      const history = [0, 1].map((h) => Math.floor(s.next[(h * 6 + last) * 6]! / 6));
      expect(history[0]).toBe(history[1]);
    }
  });
});
