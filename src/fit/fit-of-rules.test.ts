/** Given weights under rules that rank layers as one, name a number format, or weigh the parts of `dkp`. */
import { expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { type FittedModel, fitModel } from './fit-model.js';

const program = (rules: string): string => `model m {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 6)
  rnn1   = lstm(embed, 6)
  rnn2   = lstm(rnn1, 6)
  next   = softmax(rnn2, 9)
}
compress { ${rules} }
train { data = generated(vocab=9, tokens=2_000, batch=2, unroll=3)  epochs = 1 }`;

function drawn(name: string, bound: number, ...shape: number[]): [string, FloatTensor] {
  const data = new Float32Array(size(shape));
  fillUniform(data, bound, streamKey(3, name));
  return [name, { shape, data }];
}

/** The values of rnn2 are four times those of rnn1. */
const given: Weights = new Map([
  drawn('embed.table', 1, 9, 6),
  ...[1, 2].flatMap((i) => [drawn(`rnn${i}.W`, i === 1 ? 0.25 : 1, 4, 6, 12), drawn(`rnn${i}.bias`, 1, 24)]),
  drawn('next.W', 1, 1, 9, 6),
  drawn('next.bias', 1, 9),
]);

function fitted(rules: string): FittedModel {
  const diagnostics = new Diagnostics();
  const result = fitModel(modelOf(program(rules)), given, diagnostics.report);
  expect(diagnostics.all.map(written)).toEqual([]);
  return result!;
}
const kept = ({ weights }: FittedModel, name: string): number => weights.get(name)!.data.filter((v) => v !== 0).length;
const errorOf = ({ units }: FittedModel, path: string): number => units.find((u) => u.path === path)!.relativeError!;

it('a ranking over both layers keeps one count, and most of it where the values are larger', () => {
  const result = fitted('rnn1, rnn2: prune(sparsity=70%, ranking=global)');
  const [first, second] = [kept(result, 'rnn1.W'), kept(result, 'rnn2.W')];
  // 30% of 2 x 288 values.
  expect(first + second).toBe(173);
  expect(second).toBeGreaterThan(5 * Math.max(first, 1));
  const byLayer = fitted('rnn1, rnn2: prune(sparsity=70%)');
  expect([kept(byLayer, 'rnn1.W'), kept(byLayer, 'rnn2.W')]).toEqual([86, 86]);
  // The smallest kept value is no smaller than the largest one pruned.
  const values = ['rnn1.W', 'rnn2.W'].flatMap((name) => {
    const stored = result.weights.get(name)!.data;
    return [...given.get(name)!.data].map((value, i) => ({ size: Math.abs(value), kept: stored[i] !== 0 }));
  });
  const least = Math.min(...values.filter((v) => v.kept).map((v) => v.size));
  expect(Math.max(...values.filter((v) => !v.kept).map((v) => v.size))).toBeLessThanOrEqual(least);
});

it('a number format behind the method counts in the error; the file keeps float32', () => {
  const plain = fitted('rnn2: lmf(r=4)');
  const rounded = fitted('rnn2: lmf(r=4) then int3');
  expect(rounded.weights.get('rnn2.U')).toEqual(plain.weights.get('rnn2.U'));
  expect(errorOf(rounded, 'rnn2')).toBeGreaterThan(errorOf(plain, 'rnn2') * 1.01);
  // Alone: codes of 3 levels to each side of a row's largest are off by at most a sixth of it.
  const alone = errorOf(fitted('rnn2: int3'), 'rnn2');
  expect(alone).toBeGreaterThan(0.01);
  expect(alone).toBeLessThan(1 / 3);
  expect(errorOf(fitted('rnn2: prune(sparsity=50%) then int4(per=group(5), train=no)'), 'rnn2')).toBeGreaterThan(0);
});

it('the forms of dkp are fitted alike: their scalars start at 1 and are no weights', () => {
  const rule = (form: string) => `rnn1: dkp(B=2x3, C=3x4, sparsity=80%${form})`;
  const plain = fitted(rule(''));
  for (const form of [', form=2a', ', form=2b']) {
    const result = fitted(rule(form));
    expect([...result.weights.keys()].sort()).toEqual([...plain.weights.keys()].sort());
    expect(result.weights.get('rnn1.B')).toEqual(plain.weights.get('rnn1.B'));
    expect(errorOf(result, 'rnn1')).toBe(errorOf(plain, 'rnn1'));
  }
  expect(checkText(program(rule(', form=2b'))).all).toEqual([]);
});
