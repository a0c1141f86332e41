import { describe, expect, it } from 'vitest';
import { bitsAt, streamKey } from '../../tensor/random.js';
import { cIdentifier, Names } from './identifiers.js';
import { alignComments, arrayLines, floatLiteral, stringLiteral, wrap } from './literals.js';

describe('floatLiteral', () => {
  it.each([
    [0, '0.0f'],
    [-0, '-0.0f'],
    [1, '1.0f'],
    [0.1, '0.1f'],
    [1e-7, '1e-7f'],
    [2 ** 100, '1.2676506e+30f'],
    [-650, '-650.0f'],
  ])('writes %d as %s', (value, text) => {
    expect(floatLiteral(value)).toBe(text);
  });

  it('reads back as the same float32', () => {
    const key = streamKey(1, 'literals');
    const view = new DataView(new ArrayBuffer(4));
    for (let i = 0; i < 20_000; i++) {
      view.setUint32(0, bitsAt(key, i));
      const value = view.getFloat32(0);
      if (Number.isFinite(value)) expect(Math.fround(Number(floatLiteral(value).slice(0, -1)))).toBe(value);
    }
  });

  it('refuses what C has no literal for', () => {
    expect(() => floatLiteral(Number.NaN)).toThrow('NaN');
  });
});

it('writes strings so that C reads the same bytes', () => {
  expect(stringLiteral('a"b\\c??/')).toBe('"a\\"b\\\\c\\077\\077/"');
  expect(stringLiteral('für1')).toBe('"f\\303\\274r1"');
});

it('breaks arrays and texts into lines', () => {
  expect(arrayLines(Array.from({ length: 40 }, () => '1000')).map((line) => line.length)).toEqual([107, 107, 23]);
  expect(wrap('int f(int a, int b)', 12, '    ')).toBe('int f(int a,\n    int b)');
  expect(alignComments(['a; /* x */', 'long; /* y */', 'b;'])).toEqual(['a;    /* x */', 'long; /* y */', 'b;']);
});

it('makes identifiers of any names', () => {
  expect(['rnn1.2 gates', 'float', '1st', 'weights'].map(cIdentifier)).toEqual([
    'rnn1_2_gates',
    'float_',
    'x1st',
    'weights_',
  ]);
  const names = new Names();
  expect(['a b', 'a.b', 'a_b'].map((name) => names.unique(name))).toEqual(['a_b', 'a_b_2', 'a_b_3']);
});
