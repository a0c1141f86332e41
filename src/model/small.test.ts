import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf, written } from '../../test/support/check-text.js';
import { summarize, summarizeRules, totals } from './summary.js';

const program = (rules: string, layers = ''): string => `model m {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 200)
  rnn1   = lstm(embed, 200)
  rnn2   = lstm(rnn1, 200)
  ${layers}
  next   = softmax(rnn2, 10000)
}
compress { ${rules} }`;
const rows = (text: string) => summarizeRules(modelOf(text));
const units = (text: string) =>
  rows(text).map((row) => `${row.layer} ${row.units[0]!.arguments.map((a) => `${a.name}=${a.value}`)}`);
const errors = (text: string) => checkText(text).all.map(written);

describe('small', () => {
  // 4 h (n + h) + 4 h <= 320,800 / 5 = 64,160: with n = 200 up to h = 61, with n = 61 up to h = 99.
  it('is the largest layer within the goal, its shrunken inputs counted', () => {
    const found = rows(program('rnn1, rnn2: small to 5x'));
    expect(found.map((r) => [r.before.parameters, r.after.parameters])).toEqual([
      [320_800, 4 * 61 * (200 + 61) + 4 * 61],
      [320_800, 4 * 99 * (61 + 99) + 4 * 99],
    ]);
    expect(4 * 62 * (200 + 62) + 4 * 62).toBeGreaterThan(64_160);
    expect(4 * 100 * (61 + 100) + 4 * 100).toBeGreaterThan(64_160);
  });

  it('makes the layers behind it read less, and counts them from what is written', () => {
    const layers = summarize(modelOf(program('rnn1, rnn2: small to 5x')));
    const next = layers.find((l) => l.name === 'next')!;
    expect([next.before.parameters, next.after.parameters, next.method]).toEqual([2_010_000, 1_000_000, 'dense']);
    expect(totals(layers).before.parameters).toBe(2_000_000 + 2 * 320_800 + 2_010_000);
  });

  it('a goal of a layer behind it counts from what is written too', () => {
    const [, lmf] = rows(program('rnn2: small to 5x  next: lmf to 4x'));
    expect(lmf!.before.parameters).toBe(2_010_000);
    expect(lmf!.after.parameters).toBeLessThanOrEqual(502_500);
    expect(lmf!.after.parameters + 10_000 + lmf!.units[0]!.columns).toBeGreaterThan(502_500);
  });

  it('takes bytes and multiply-adds', () => {
    const [inBytes] = rows(program('rnn1: small to 100 KB'));
    expect(inBytes!.after.bytes).toBeLessThanOrEqual(100_000);
    expect(inBytes!.after.bytes + 4 * 4 * 300).toBeGreaterThan(100_000);
    const [inMacs] = rows(program('rnn1: small to 2x macs'));
    expect(inMacs!.after.macs).toBe(4 * 123 * 323);
    expect(4 * 124 * 324).toBeGreaterThan(160_000);
  });

  it.each([
    ['rnn1: small to 100 KB then int8(per=tensor)', ''],
    ['rnn1: small to 100 KB', 'emit c { weights = int8(per=tensor) }'],
  ])('counts bytes in the format in which they are stored: %s %s', (rule, emit) => {
    // 4 h (200 + h) codes and 16 h bytes of biases, 4 for the scale: h = 80 takes 90,884, h = 88 more than 100,000.
    const row = rows(`${program(rule)} ${emit}`)[0]!;
    expect(row.after.bytes).toBeLessThanOrEqual(100_000);
    expect(row.units[0]!.rows).toBeGreaterThanOrEqual(80);
  });

  it('layers of one definition have one size and one goal', () => {
    const text = program('deep: small to 4x', 'deep = lstm(rnn2, 100, layers=2)').replace(
      '(rnn2, 10000)',
      '(deep, 10000)',
    );
    // Before 4 * 100 * 300 + 4 * 100 * 200 + 800 = 200,800; after 4h(200 + h) + 8hh + 8h <= 50,200: h = 39.
    const found = rows(text);
    expect(found.map((r) => r.layer)).toEqual(['deep.1', 'deep.2']);
    expect(units(text)).toEqual(['deep.1 units=39', 'deep.2 units=39']);
    expect(found.reduce((sum, r) => sum + r.after.parameters, 0)).toBeLessThanOrEqual(50_200);
    expect(4 * 40 * 240 + 8 * 40 * 40 + 8 * 40).toBeGreaterThan(50_200);
  });

  it('together: one budget, the rounding to the largest', () => {
    const found = rows(program('rnn1, rnn2: small to 5x together'));
    const after = found.reduce((sum, r) => sum + r.after.parameters, 0);
    expect(after).toBeLessThanOrEqual(128_320);
    expect(units(program('rnn1, rnn2: small to 5x together'))).toEqual(['rnn1 units=61', 'rnn2 units=99']);
  });

  it('keeps a goal of 1x as written', () => {
    expect(units(program('rnn1: small to 1x'))).toEqual(['rnn1 units=200']);
  });

  it('trains and is emitted: every layer has the sizes of its inputs', () => {
    const { layers } = modelOf(program('rnn1: small to 5x'));
    const rnn2 = layers.find((l) => l.name === 'rnn2')!;
    expect(rnn2.shape.family!.columns).toEqual([61, 200]);
    expect(rnn2.units[0]!.weight.matrix.columns).toEqual([61, 200]);
  });
});

describe('wrong uses of small', () => {
  it.each([
    [
      'rnn1: small',
      'compress/small-without-goal: `small` has no goal that gives its hidden units (give a goal such as ' +
        '`small to 5x`) @ small',
    ],
    [
      'rnn1: small(5x)',
      'compress/small-arguments: `small` takes no arguments, found the factor 5x (write `small to 5x`: the ' +
        'goal gives the hidden units) @ 5x',
    ],
    [
      'rnn1.input: small to 5x',
      'compress/not-small: `small` cannot make `rnn1` smaller: only some of its matrices are selected (select ' +
        '`rnn1`) @ small',
    ],
    [
      'next: small to 5x',
      'compress/not-small: `small` cannot make `next` smaller: `softmax` has no hidden units (select recurrent ' +
        'or dense layers, or store it by a method such as `lmf`) @ small',
    ],
    [
      'rnn1: small to 10 B',
      'compress/unreachable-goal: `small` on `rnn1` reaches 3.33 KB to 1.28 MB, not 10 B (allow at least 3.35 ' +
        'KB) @ to 10 B',
    ],
    [
      'rnn1: small to 2x rnn1: lmf to 2x',
      'compress/two-rules: `rnn1` is already stored by another rule (select it once, or write `override` ' +
        'before the rule that wins) @ rnn1',
    ],
  ])('%s', (rules, error) => expect(errors(program(rules))).toEqual([error]));

  it('an output of the model keeps its size', () => {
    const text = 'model m { x = features(8) y = lstm(x, 8) }\ncompress { y: small to 2x }';
    expect(checkText(text).all.map((d) => d.code)).toEqual(['compress/not-small']);
  });
});

describe('one goal for several layers', () => {
  const shared = (rule: string) => summarizeRules(modelOf(medium(rule)));
  it('the sum is within it, and the next value would not be', () => {
    const found = shared('rnn1, rnn2, next: prune to 10x together');
    const before = found.reduce((sum, r) => sum + r.before.parameters, 0);
    const after = found.reduce((sum, r) => sum + r.after.parameters, 0);
    expect(after).toBe(Math.floor(before / 10));
    for (const row of found) expect(row.factor).toBeCloseTo(10, 4);
  });

  it('the largest takes what whole ranks leave', () => {
    const alone = shared('rnn1, next: lmf to 10x');
    const found = shared('rnn1, next: lmf to 10x together');
    const sum = (all: typeof found) => all.reduce((total, r) => total + r.after.parameters, 0);
    expect(sum(found)).toBeLessThanOrEqual((3_382_600 + 6_510_000) / 10);
    expect(found[0]!.after.parameters).toBe(alone[0]!.after.parameters);
    expect(found[1]!.after.parameters).toBeGreaterThanOrEqual(alone[1]!.after.parameters);
  });

  it('bytes are shared, not given to each', () => {
    const found = shared('rnn1, rnn2: dkp(B=13x65, C=50x20) to 400 KB together');
    const sum = found.reduce((total, r) => total + r.after.bytes, 0);
    expect(sum).toBeLessThanOrEqual(400_000);
    expect(sum).toBeGreaterThan(399_000);
  });

  it('complete methods are held against it', () => {
    expect(errors(medium('rnn1, rnn2: kp(B=13x65, C=50x20) to 338x together'))).toEqual([]);
    expect(errors(medium('rnn1, rnn2: kp(B=13x65, C=50x20) to 500x together'))).toEqual([
      'compress/together-contradicts: `kp` gives 338.9x over all layers of the rule, not 500x together (drop ' +
        '`to 500x together`, or leave an argument open so that it is solved) @ to 500x together',
    ]);
  });
});
