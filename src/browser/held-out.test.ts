import { expect, it } from 'vitest';
import { holdOut } from './held-out.js';

const cases: readonly (readonly [string, string, number, string])[] = [
  ['between two lines', 'a b\nc d\ne f\ng h\n', 0.25, 'g h\n'],
  ['at the line end behind the place, where that is nearer', 'aaaa\nbbbbbbbbbb\nc\n', 0.3, 'c\n'],
  ['at the line end before the place, where that is nearer', 'aaaa\nbbbbbbbbbb\nc\n', 0.6, 'bbbbbbbbbb\nc\n'],
  ['behind the first line, where the share starts within it', 'aaaaaaaaaa aaaaaaaa\nb\n', 0.5, 'b\n'],
  ['between two words of one line', 'aa bb cc dd', 0.2, 'dd'],
  ['between two words of one line with an end', 'aa bb\n', 0.1, 'bb\n'],
  ['at least a word', 'a b c\n', 1e-9, 'c\n'],
  ['never the first word', 'a b c', 1 - 1e-9, 'b c'],
];

for (const [name, text, share, expected] of cases)
  it(`cuts ${name}`, () => {
    const { train, validation } = holdOut(text, share);
    expect(validation).toBe(expected);
    expect(train + validation).toBe(text);
    expect(train.length).toBeGreaterThan(0);
    const bytes = holdOut(new TextEncoder().encode(text), share);
    expect(new TextDecoder().decode(bytes.validation)).toBe(expected);
  });

it('refuses what is no share, and a text that cannot be parted', () => {
  for (const share of [0, 1, -0.1, 1.5, Number.NaN]) expect(() => holdOut('a b c d', share)).toThrow(/`validation` is/);
  for (const text of ['', 'a', 'abcdef', 'abc\n', 'abc ']) expect(() => holdOut(text, 0.5)).toThrow(/no two words/);
});
