/** Several mistakes of one `train` block: one error for each, with what to write. */
import { describe, expect, it } from 'vitest';
import { checkText, written } from '../../test/support/check-text.js';

const program = (train: string, rule = 'rnn1: prune(sparsity=90%)'): string => `model m {
  tokens = ids(vocab=50)
  embed  = embedding(tokens, 64, dropout=50%)
  rnn1   = lstm(embed, 64)
  next   = softmax(rnn1, 50)
}
compress { ${rule} }
train {
  data = generated(order=1, vocab=50, tokens=2000, batch=2, unroll=3)
  ${train}
}`;
const errors = (train: string, rule?: string): readonly string[] => checkText(program(train, rule)).all.map(written);

describe('several wrong settings', () => {
  it('are all told, each once', () => {
    const wrong = `epochs = 2
  seed = 1.5
  foo = 3
  optimizer = sdg(clip=5)
  lr = linear(1, to=0.1)
  init = uniform(-1)
  metric = bleu
  regularize = l3(1)
  dropout = linear(0%, 50%, to=9 epochs)
  sparsity = steps([0%], at=[7 epochs])`;
    const codes = errors(wrong).map((text) => text.slice(0, text.indexOf(':')));
    expect([...codes].sort()).toEqual([
      ...['argument/type', 'argument/type', 'argument/unknown-word', 'model/unknown-setting'],
      ...['train/ends-late', 'train/ends-late', 'train/moment-not-value', 'train/unknown-word', 'train/unknown-word'],
    ]);
  });

  it('a missing number of epochs hides nothing else, and is told once', () => {
    expect(errors('lr = decay(1)\n  stop = early(patience=0)')).toEqual([
      'argument/missing: `train` needs `epochs`: how often the training text is read (write `epochs = ...`, an ' +
        'integer of at least 1) @ train',
      'argument/missing: `decay` needs `by`: factor at each `every` (write `by = ...`, a number above 0) @ decay(1)',
      'argument/type: `patience` expects an integer of at least 1, found the number 0 (write `patience = 8`, for ' +
        'instance) @ 0',
    ]);
  });
});

describe('values where moments belong', () => {
  it.each([
    [
      'lr = linear(1, to=0.1, from=1 epoch)',
      '`to` of `linear`',
      'the number 0.1',
      'linear(1, 0.1, from=1 epoch, to=4 epochs)',
    ],
    ['lr = cubic(from=1, to=0.1)', '`to` of `cubic`', 'the number 0.1', 'cubic(1, 0.1, to=4 epochs)'],
    ['dropout = linear(from=50%, to=0%)', '`to` of `linear`', 'the percent 0%', 'linear(50%, 0%, to=4 epochs)'],
    ['lr = linear(0.1, from=1, to=2 epochs)', '`from` of `linear`', 'the number 1', 'linear(1, 0.1, to=2 epochs)'],
  ])('%s', (line, what, found, instead) => {
    expect(errors(`epochs = 2\n  ${line}`)).toEqual([
      `train/moment-not-value: ${what} is a moment of the run, found ${found}: the values come first (write ` +
        `\`${instead}\`) @ ${found.split(' ').at(-1)}`,
    ]);
  });
});

describe('a schedule that ends behind the run', () => {
  it.each([
    [
      'lr = steps([1, 0.5], at=[5 epochs])',
      '5 epochs',
      'let the last moment of `at` be 2 epochs or less, or more `epochs`',
    ],
    [
      'sparsity = piecewise([0%], at=[1 epoch, 9 epochs])',
      '9 epochs',
      'let the last moment of `at` be 2 epochs or less',
    ],
    ['lr = linear(1, 0.1, to=5 epochs)', '5 epochs', 'use `to=2 epochs` or less, or more `epochs`'],
  ])('%s', (line, end, hint) => {
    const all = errors(`epochs = 2\n  ${line}`);
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(`train/ends-late: the schedule ends at ${end}, the run after 2 epochs (${hint}`);
  });
});

describe('what is written where a value belongs', () => {
  it('is quoted, and a span without its unit is told the units', () => {
    expect(errors('epochs = 2', 'rnn1: lmf(r=group(2))')).toEqual([
      'argument/type: `r` expects an integer of at least 1, found the call `group(2)` (write `r = 8`, for ' +
        'instance) @ ' +
        'group(2)',
    ]);
    expect(errors('epochs = 2\n  lr = decay(1.0, by=1/2, every=1)')).toEqual([
      'argument/type: `every` expects a span of training such as `6 epochs` or `100 steps`, found the number 1 ' +
        '(write ' +
        '`every = 1 epoch` or `every = 1 step`) @ 1',
    ]);
  });

  it('a goal without a method', () => {
    const noMethod =
      'syntax/no-method: `to 2x` is a goal, found no method before it (say how the weight is stored, such ' +
      'as `lmf to 2x`) @ 2x';
    expect(errors('epochs = 2', 'rnn1: to 2x')).toEqual([noMethod]);
    expect(errors('epochs = 2', 'rnn1: to 2x\n  next: lmf to 2x')).toEqual([noMethod]);
    expect(errors('epochs = 2', 'rnn1: to 40 KB together')[0]).toContain('such as `lmf to 40 KB together`');
  });
});
