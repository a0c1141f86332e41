import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf } from '../../test/support/check-text.js';
import type { Training } from './model.js';
import { checkScheduleAgainst } from './run-length.js';

const train = (lines: string, rules = 'rnn1: dkp(B=13x65, C=50x20) to 25x'): string =>
  medium(rules, `train {\n data = text("ptb")\n epochs = 10\n ${lines}\n}`);
const trainingOf = (text: string): Training => modelOf(text).training!;

describe('labelled examples', () => {
  const ids = 't = ids(vocab=9)\n e = embedding(t, 4)\n';
  const program = (body: string, loader: string, rest = ''): string =>
    `model m {\n ${ids} ${body}\n}\ntrain { data = ${loader}\n epochs = 1\n ${rest} }`;
  const messages = (...args: Parameters<typeof program>) => checkText(program(...args)).all.map((d) => d.message);

  it('fill in the defaults of their loaders', () => {
    const sizes = { directory: 'd', batch: 16, maxSteps: 100, buckets: 4, lower: false };
    const tagged = trainingOf(program('y = softmax(e, 3)', 'tagged("d")'));
    expect(tagged).toMatchObject({ loader: { kind: 'tagged', ...sizes }, metric: 'accuracy' });
    const options = 'batch=8, max_steps=20, buckets=2, lower=yes';
    const classified = trainingOf(program('l = last(e)\n y = softmax(l, 3)', `classified("d", ${options})`));
    const given = { directory: 'd', batch: 8, maxSteps: 20, buckets: 2, lower: true };
    expect(classified.loader).toEqual({ kind: 'classified', ...given });
  });

  it('label each step, or each sequence', () => {
    expect(messages('y = softmax(e, 3)', 'tagged("d")', 'metric = f1')).toEqual([]);
    expect(messages('y = softmax(e, 3)', 'classified("d")')).toEqual([
      '`classified` labels one `softmax` per sequence, found `y` at each step',
    ]);
    expect(messages('l = last(e)\n y = softmax(l, 3)', 'tagged("d")')).toEqual([
      '`tagged` labels one `softmax` per step, found `y` once per sequence',
    ]);
    expect(messages('l = last(e)\n y = softmax(l, 3)', 'classified("d")', 'metric = f1')).toEqual([]);
  });
});

describe('checkScheduleAgainst', () => {
  const late = (lines: string, stepsPerEpoch: number): readonly string[] =>
    checkScheduleAgainst(trainingOf(train(lines)), stepsPerEpoch).map((d) => d.message);

  it('knows the last step when the data is there', () => {
    const lines = 'sparsity = cubic(to=1000 steps)';
    expect(late(lines, 100)).toEqual([]);
    expect(late(lines, 99)).toEqual(['the schedule ends at 1000 steps, the run after 990 steps']);
  });

  it('knows whether both parts get a turn', () => {
    expect(late('alternate = bcd(1000 steps)', 101)).toEqual([]);
    expect(late('alternate = bcd(1000 steps)', 100)).toEqual([
      'a turn of 1000 steps is as long as the run of 1000 steps: the other part is never trained',
    ]);
  });

  it('compares moments of different units', () => {
    const lines = 'sparsity = cubic(from=500 steps, to=3 epochs)';
    expect(late(lines, 167)).toEqual([]);
    expect(late(lines, 166)).toEqual(['the schedule ends at 3 epochs, before it starts at 500 steps']);
  });
});
