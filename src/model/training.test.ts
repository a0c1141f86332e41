import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf, written } from '../../test/support/check-text.js';
import type { Training } from './model.js';

const train = (lines: string, rules = 'rnn1: dkp(B=13x65, C=50x20) to 25x'): string =>
  medium(rules, `train {\n data = text("ptb")\n epochs = 10\n ${lines}\n}`);
const trainingOf = (text: string): Training => modelOf(text).training!;
const errors = (text: string): readonly string[] => checkText(text).all.map(written);

describe('train', () => {
  it('fills in every default', () => {
    const { span: _, lrSpan: __, ...rest } = trainingOf(train(''));
    expect(rest).toEqual({
      loader: { kind: 'text', directory: 'ptb', batch: 20, unroll: 35, unit: 'word', lower: false },
      metric: 'perplexity',
      init: 0.1,
      optimizer: { kind: 'sgd', clip: undefined, weightDecay: 0 },
      lr: { kind: 'constant', value: 1 },
      epochs: 10,
      sparsity: {
        kind: 'cubic',
        start: 0,
        from: { value: 0, unit: 'epochs' },
        to: { value: 6, unit: 'epochs' },
        every: 100,
        implied: true,
      },
      sparsityOf: new Map(),
      cmr: undefined,
      seed: 1,
    });
  });

  it('has no sparsity schedule where nothing is pruned', () => {
    expect(trainingOf(train('', 'rnn1: lmf to 2x')).sparsity).toBeUndefined();
  });

  it('is absent without the block', () => expect(modelOf(medium('')).training).toBeUndefined());

  it('reads the recipe of [D]', () => {
    const lines = `init = uniform(0.05)
      optimizer = sgd(clip=5)
      lr = decay(1.0, by=1/1.2, every=1 epoch, after=6 epochs)
      sparsity = cubic(from=2 epochs, to=8 epochs, every=50 steps)
      regularize = [cmr(p=50%, until=sparsity(90%)), l2(1e-5)]
      seed = 7`;
    const training = trainingOf(train(lines));
    expect(training.optimizer).toEqual({ kind: 'sgd', clip: 5, weightDecay: 0 });
    expect(training.lr).toEqual({
      kind: 'decay',
      rate: 1,
      by: 1 / 1.2,
      every: { value: 1, unit: 'epochs' },
      after: { value: 6, unit: 'epochs' },
    });
    expect(training.sparsity).toMatchObject({ kind: 'cubic', start: 0, every: 50, implied: false });
    expect([training.cmr, training.l2, training.seed]).toEqual([
      { keep: 0.5, until: 0.9 },
      { kind: 'constant', value: 1e-5 },
      7,
    ]);
  });

  it('reads every optimizer', () => {
    expect(trainingOf(train('optimizer = momentum(0.8)')).optimizer).toEqual({
      kind: 'momentum',
      momentum: 0.8,
      clip: undefined,
      weightDecay: 0,
    });
    expect(trainingOf(train('optimizer = adamw(beta2=0.99, clip=1, weight_decay=0.01)')).optimizer).toEqual({
      kind: 'adamw',
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      clip: 1,
      weightDecay: 0.01,
    });
    const plain = { clip: undefined, weightDecay: 0 };
    expect(trainingOf(train('optimizer = adagrad')).optimizer).toEqual({ kind: 'adagrad', epsilon: 1e-10, ...plain });
    expect(trainingOf(train('optimizer = rmsprop(0.9, momentum=0.5)')).optimizer).toEqual({
      kind: 'rmsprop',
      rho: 0.9,
      epsilon: 1e-8,
      momentum: 0.5,
      ...plain,
    });
    expect(trainingOf(train('optimizer = adadelta')).optimizer).toEqual({
      kind: 'adadelta',
      rho: 0.9,
      epsilon: 1e-6,
      ...plain,
    });
    expect(trainingOf(train('optimizer = adadelta')).lr).toEqual({ kind: 'constant', value: 1 });
    expect(trainingOf(train('optimizer = adam')).lr).toEqual({ kind: 'constant', value: 0.001 });
  });

  it('reads when to stop and what to start from', () => {
    const of = ({ stop, start }: Training) => [stop, start];
    expect(of(trainingOf(train('')))).toEqual([undefined, undefined]);
    expect(of(trainingOf(train('stop = early\n start = "dense/weights.safetensors"')))).toEqual([
      { patience: 3 },
      'dense/weights.safetensors',
    ]);
    expect(trainingOf(train('stop = early(patience=9)')).stop).toEqual({ patience: 9 });
  });

  it('reads turns', () => {
    const of = (lines: string) => {
      const { span: _, ...rest } = trainingOf(train(lines)).alternate!;
      return rest;
    };
    expect(trainingOf(train('')).alternate).toBeUndefined();
    expect(of('alternate = bcd')).toEqual({ every: { value: 1, unit: 'epochs' }, first: 'structure' });
    expect(of('alternate = bcd(50 steps, first=overlay)')).toEqual({
      every: { value: 50, unit: 'steps' },
      first: 'overlay',
    });
  });

  it('overrides the road of one layer', () => {
    const training = trainingOf(train('sparsity(rnn1) = linear(from=1 epoch, to=300 steps)'));
    expect([...training.sparsityOf.keys()]).toEqual(['rnn1']);
    expect(training.sparsityOf.get('rnn1')).toMatchObject({ kind: 'linear', to: { value: 300, unit: 'steps' } });
  });
});

describe('a wrong train block', () => {
  const cases: readonly (readonly [lines: string, error: string])[] = [
    ['lrr = 1', 'model/unknown-setting: `train` has no setting `lrr` (did you mean `lr`?) @ lrr'],
    [
      'metric = bits',
      'argument/unknown-word: `metric` cannot be `bits` (use one of `perplexity`, `loss`, `accuracy`, `f1`) @ bits',
    ],
    ['metric = f1', 'train/metric: `f1` is not measured with `text` (use one of `loss`, `perplexity`) @ f1'],
    ['stop = erly(3)', 'train/unknown-word: `stop` cannot be `erly` (did you mean `early`?) @ erly'],
    [
      'stop = 3 epochs',
      'train/not-a-call: `stop` expects a condition, found the span of training 3 epochs (write ' +
        '`stop = early(patience=3)`) @ 3 epochs',
    ],
    [
      'stop = early(patience=10)',
      'train/stop-too-late: `stop` waits 10 epochs for a better one, the run has 10 (use `patience=9` or less, or ' +
        'more `epochs`) @ 10',
    ],
    [
      'stop = early(0)',
      'argument/type: `patience` expects an integer of at least 1, found the number 0 (write `patience = 8`, for ' +
        'instance) @ 0',
    ],
    [
      'alternate = 2 epochs',
      'train/not-a-call: `alternate` expects turns, found the span of training 2 epochs (write ' +
        '`alternate = bcd(every=1 epoch)`) @ 2 epochs',
    ],
    ['alternate = bdc', 'train/unknown-word: `alternate` cannot be `bdc` (did you mean `bcd`?) @ bdc'],
    [
      'alternate = bcd(0 steps)',
      'train/not-a-call: `every` expects a turn of at least one step, found none (write `every = 1 epoch`) @ 0 steps',
    ],
    [
      'alternate = bcd(every=10 epochs)',
      'train/alternate-never-turns: a turn of 10 epochs is as long as the run of 10 epochs: the other part is never ' +
        'trained (use a shorter `every`, or more `epochs`) @ bcd(every=10 epochs)',
    ],
    [
      'start = 3',
      'argument/type: `start` expects a string in double quotes, found the number 3 (write `start = "name"`, for ' +
        'instance) @ 3',
    ],
    [
      'optimizer = rmsprop(rho=1)',
      'argument/type: `rho` expects a number from 0 to below 1, found the number 1 (write `rho = 0.9`, for ' +
        'instance) @ 1',
    ],
    ['optimizer = adma', 'train/unknown-word: `optimizer` cannot be `adma` (did you mean `adam`?) @ adma'],
    ['lr = decai(1)', 'train/unknown-word: a schedule here cannot be `decai` (did you mean `decay`?) @ decai'],
    ['lr(rnn1) = 1', 'model/unexpected-selector: `lr` takes no selector here (write `lr = ...`) @ rnn1'],
    [
      'lr = linear(1.0, 0.1, to=11 epochs)',
      'train/ends-late: the schedule ends at 11 epochs, the run after 10 epochs (use `to=10 epochs` or less, or more ' +
        '`epochs`) @ linear(1.0, 0.1, to=11 epochs)',
    ],
    [
      'sparsity = cubic(to=11 epochs)',
      'train/ends-late: the schedule ends at 11 epochs, the run after 10 epochs (use `to=10 epochs` or less, or more ' +
        '`epochs`) @ cubic(to=11 epochs)',
    ],
    [
      'sparsity = cubic(from=3 epochs, to=1 epoch)',
      'train/ends-before-start: the schedule ends at 1 epoch, before it starts at 3 epochs (exchange `from` and ' +
        '`to`) @ cubic(from=3 epochs, to=1 epoch)',
    ],
    [
      'sparsity = cubic(to=5 epochs, end=90%)',
      'train/other-end: the schedule ends at 90%, the rule of `rnn1` at 96.2922% (leave `end=` out: the rule states ' +
        'the sparsity, the schedule only the road) @ cubic(to=5 epochs, end=90%)',
    ],
    [
      'sparsity = cubic(to=5 epochs, start=97%)',
      'train/starts-above-end: the schedule starts at 97%, the rule of `rnn1` ends at 96.2922% (use `start=96.2922%` ' +
        'or less) @ cubic(to=5 epochs, start=97%)',
    ],
    [
      'sparsity(rnn2) = cubic(to=5 epochs)',
      'train/nothing-pruned: `sparsity` schedules a pruned weight, found none in `rnn2` (prune one in `compress`, or ' +
        'remove this line) @ rnn2',
    ],
    [
      'sparsity = cubic(to=5 epochs, every=1 epoch)',
      'argument/type: `every` expects a number of steps such as `100 steps`, found the span of training 1 epoch ' +
        '(write ' +
        '`every = 100 steps`, for instance) ' +
        '@ 1 epoch',
    ],
    [
      'regularize = cmr(p=50%, until=sparsity(99%))',
      'train/cmr-never-ends: `cmr` lasts until sparsity 99%, the weights of `rnn1` end at 96.2% (use ' +
        '`until=sparsity(96.2%)` or less) @ cmr(p=50%, until=sparsity(99%))',
    ],
    ['regularize = cmrr(p=50%)', 'train/unknown-word: `regularize` cannot be `cmrr` (did you mean `cmr`?) @ cmrr'],
    ['seed = 1\n seed = 2', 'argument/twice: `seed` is given twice (keep one of the two) @ seed = 2'],
  ];
  for (const [lines, error] of cases) it(error, () => expect(errors(train(lines))).toEqual([error]));

  it('prunes what is not pruned, drops rows of what is not doped', () => {
    const text = train('sparsity = cubic(to=5 epochs)\n regularize = cmr(p=50%)\n alternate = bcd', 'rnn1: lmf to 2x');
    expect(checkText(text).all.map((d) => d.code)).toEqual([
      'train/nothing-pruned',
      'train/cmr-without-dkp',
      'train/alternate-without-dkp',
    ]);
  });

  it('gives a layer two penalties', () => {
    const rules = ['rnn1.input: dkp(form=2a) to 5x', 'rnn1.recurrent: dkp(form=2b, penalty=1e-3) to 5x'];
    expect(errors(train('', rules.join('\n')))).toEqual([
      'compress/two-penalties: the rules of `rnn1` give `beta` the penalties 0.0001 and 0.001: a layer has one pair ' +
        'of scalars (write the same `penalty` in both rules) @ rnn1.recurrent: dkp(form=2b, penalty=1e-3) to 5x',
    ]);
  });

  it('reads data that the model does not fit', () => {
    const data = (loader: string): string => medium('', `train { data = ${loader}\n epochs = 1 }`);
    expect(errors(data('generated(vocab=50)'))).toEqual([
      'train/vocabulary: the source `generated` has 50 words, the input `tokens` has 10,000 ids (write the same ' +
        'number in both) @ generated(vocab=50)',
    ]);
    expect(errors(data('pairs("wmt")'))).toEqual([
      'model/not-in-this-version: the loader `pairs` is not in this version (use one of `text`, `tagged`, ' +
        '`classified`, `generated`) @ pairs',
    ]);
    expect(errors(data('"ptb"'))).toEqual([
      'train/not-a-call: `data` expects a loader, one of `text`, `tagged`, `classified`, `generated`, found the ' +
        'string "ptb" (write ' +
        '`data = text("ptb")`) @ "ptb"',
    ]);
    expect(errors(data('text("ptb", batc=3)'))).toEqual([
      'argument/unknown: `text` has no argument `batc` (did you mean `batch`?) @ batc',
    ]);
  });

  it('labels one softmax per step with as many classes as ids', () => {
    const of = (body: string) =>
      checkText(`model m {\n ${body}\n}\ntrain { data = text("x")\n epochs = 1 }`).all.map((d) => d.message);
    const ids = 't = ids(vocab=9)\n e = embedding(t, 4)\n';
    expect(of(`${ids} y = softmax(e, 8)`)).toEqual(['the softmax `y` has 8 classes, the input `t` has 9 ids']);
    expect(of(`${ids} l = last(e)\n y = softmax(l, 9)`)).toEqual([
      '`text` labels one `softmax` per step, found `y` once per sequence',
    ]);
    expect(of(`${ids} y = dense(e, 9)`)).toEqual(['`text` labels one `softmax` per step, found none']);
    expect(of('x = features(4)\n y = softmax(x, 9)')).toEqual(['`text` feeds one `ids` input, found `x = features`']);
  });
});
