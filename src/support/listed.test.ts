import { describe, expect, it } from 'vitest';
import { listed, listedWords } from './listed.js';
import { suggestion } from './suggest.js';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);

describe('lists in messages', () => {
  it('show all of a few', () => {
    expect(listed(['a', 'b'])).toBe('a, b');
    expect(listedWords(['a', 'b'])).toBe('`a`, `b`');
    expect(listed([])).toBe('');
    expect(listed(names(15))).toBe(names(15).join(', '));
  });

  it('count what is beyond, and never "1 more"', () => {
    expect(listed(names(16))).toBe(`${names(12).join(', ')} and 4 more`);
    expect(listed(names(10_012))).toMatch(/n11 and 10,000 more$/);
  });

  it('bound what a suggestion says', () => {
    expect(`${suggestion('something', names(1000))}`.length).toBeLessThan(200);
  });
});
