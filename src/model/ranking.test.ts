/** `ranking=global`: one count for all layers of a rule, by hand; and what is refused. */
import { describe, expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';
import { explain } from '../report/explain.js';
import { summarize, summarizeRules, totals } from './summary.js';

/** rnn1: 4 gates of 4x8, 128 values and 16 biases; rnn2: 4 gates of 6x10, 240 and 24. */
const program = (rule: string, train = ''): string => `model m {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 4)
  rnn1   = lstm(embed, 4)
  rnn2   = lstm(rnn1, 6)
  next   = softmax(rnn2, 9)
}
compress { ${rule} }
train { data = generated(vocab=9, tokens=300, batch=2, unroll=3)  epochs = 4
  ${train}
}`;
const poolsOf = (rule: string) => modelOf(program(rule)).pools;
const errorsOf = (rule: string, train = '') => checkText(program(rule, train)).all.map(written);

describe('a ranking over all layers of a rule', () => {
  it('is one pool with one count', () => {
    const one = { rule: 0, block: [1, 1], elements: 368, kept: 37 };
    expect(poolsOf('rnn1, rnn2: prune(sparsity=90%, ranking=global)')).toEqual([
      { ...one, layers: ['rnn1', 'rnn2'], tensors: ['rnn1.W', 'rnn2.W'] },
    ]);
    expect(poolsOf('rnn1, rnn2: prune(sparsity=90%)').map((p) => p.kept)).toEqual([13, 24]);
    expect(poolsOf('rnn1.input, rnn2: prune(sparsity=90%, ranking=global)')[0]).toMatchObject({
      tensors: ['rnn1.input.W', 'rnn2.W'],
      elements: 304,
      kept: 30,
    });
  });

  it('keeps whole blocks: 46 of 8 values are all, 5 of them 10%', () => {
    const [pool] = poolsOf('rnn1, rnn2: prune(sparsity=90%, block=4x2, ranking=global)');
    expect(pool).toMatchObject({ block: [4, 2], elements: 368, kept: 40 });
  });

  it('has one goal for all: 408 parameters, 81 of them within 5x, less 40 biases', () => {
    for (const together of ['', ' together'])
      expect(poolsOf(`rnn1, rnn2: prune(ranking=global) to 5x${together}`)).toMatchObject([{ kept: 41 }]);
    // Each by itself: 144 / 5 - 16 = 12 and 264 / 5 - 24 = 28.
    expect(poolsOf('rnn1, rnn2: prune() to 5x').map((p) => p.kept)).toEqual([12, 28]);
  });

  it('of dkp counts the factors of every layer once', () => {
    // rnn1: 4 (2x4 + 2x2) = 48 values, rnn2: 4 (3x5 + 2x2) = 76; 408 / 2 - 40 - 124 = 40.
    const rule = 'rnn1, rnn2: dkp(ranking=global) to 2x';
    const model = modelOf(program(rule));
    const factors = model.layers.flatMap((l) => l.units).flatMap(({ weight }) => Object.entries(weight.tensors));
    const fixed = factors.reduce((sum, [, { masked, shape }]) => sum + (masked ? 0 : shape.reduce((a, b) => a * b)), 0);
    const dense = 9 * 6;
    expect(model.pools).toMatchObject([{ layers: ['rnn1', 'rnn2'], kept: 204 - 40 - (fixed - dense - 9 * 4) }]);
  });

  it('counts in proportion until the counts are known, and the total alike', () => {
    const model = modelOf(program('rnn1, rnn2: prune(sparsity=90%, ranking=global)'));
    const kept = (counts?: ReadonlyMap<string, number>) => summarizeRules(model, counts).map((r) => r.kept);
    const trained = new Map([
      ['rnn1.W', 37],
      ['rnn2.W', 0],
    ]);
    expect([kept(), kept(trained)]).toEqual([
      [12, 25],
      [37, 0],
    ]);
    const all = (counts?: ReadonlyMap<string, number>) => totals(summarize(model, counts)).after;
    expect(all(trained)).toEqual(all());
    expect(explain(model)).toContain(
      'one ranking over rnn1, rnn2: 37 of 368 values kept, 408 -> 77 parameters, 5.30x in all',
    );
    expect(explain(model)).toContain('in proportion until they are trained');
    expect(explain(model, trained)).toContain('as the trained weights have it');
  });
});

describe('what is refused', () => {
  it('a word that is no ranking', () => {
    expect(errorsOf('rnn1: prune(sparsity=90%, ranking=all)')[0]).toMatch(/`layer`.*`global`/);
  });

  it('a sparsity that keeps nothing, and a goal that cannot be reached', () => {
    expect(errorsOf('rnn1, rnn2: prune(sparsity=99.9%, ranking=global)')[0]).toMatch(
      /nothing-kept: sparsity 99.9% keeps none of the 368 values of `rnn1`, `rnn2`/,
    );
    expect(errorsOf('rnn1, rnn2: prune(ranking=global) to 50x')[0]).toMatch(
      /unreachable-goal: `prune` on `rnn1`, `rnn2` reaches 1x to 9.95x, .* \(use `to 9.95x` or less\)/,
    );
    // 408 parameters, 40 of them biases: 408 / 41 = 9.951.
    expect(poolsOf('rnn1, rnn2: prune(ranking=global) to 9.95x')[0]?.kept).toBe(1);
  });

  it('a sparsity beside a goal that it does not give, with the right one', () => {
    expect(errorsOf('rnn1, rnn2: prune(sparsity=50%, ranking=global) to 5x')[0]).toMatch(
      /sparsity 50% gives 1.82x, not 5x \(5x needs sparsity=88.9%/,
    );
    expect(errorsOf('rnn1, rnn2: prune(sparsity=88.9%, ranking=global) to 5.04x together')).toEqual([]);
  });

  it('a projection of what is ranked over several layers', () => {
    expect(errorsOf('rnn1, rnn2: prune(sparsity=90%, ranking=global)', 'distort = distort(every=7 steps)')[0]).toMatch(
      /distort-refused: .*a projection is of one weight, and rnn1, rnn2 are ranked as one/,
    );
  });

  it('a schedule of one of the layers; not the same one for all', () => {
    const rule = 'rnn1, rnn2: prune(sparsity=90%, ranking=global)';
    const road = 'cubic(from=0 epochs, to=2 epochs)';
    expect(errorsOf(rule, `sparsity(rnn2) = ${road}`)).toEqual([
      'train/road-in-ranking: `rnn2` and `rnn1` are pruned by one ranking, and have different sparsity schedules ' +
        '(give both the same schedule, or leave `ranking=global` out of their rule) @ rnn2',
    ]);
    expect(errorsOf(rule, `sparsity(rnn1) = ${road}\n  sparsity(rnn2) = linear(to=2 epochs)`)).toHaveLength(1);
    expect(errorsOf(rule, `sparsity(rnn1) = ${road}\n  sparsity(rnn2) = ${road}`)).toEqual([]);
  });
});
