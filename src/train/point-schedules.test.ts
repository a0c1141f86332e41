/** Schedules given by points: `steps` and `piecewise`, of rates and of sparsities. */
import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf } from '../../test/support/check-text.js';
import { compileTraining } from '../compile.js';
import { batchesOf, loadCorpus } from '../data/load.js';
import { trainingSettings } from '../report/explain.js';
import { Feeder } from './feeds.js';
import { isSparsityUpdate, keptAt, keptNow, scheduleAt, scheduledOf } from './schedules.js';

const text = (lines: string): string =>
  medium('rnn1: dkp(B=13x65, C=50x20) to 25x', `train {\n data = text("ptb")\n epochs = 10\n ${lines}\n}`);
const trainingOf = (lines: string) => modelOf(text(lines)).training!;

describe('a rate', () => {
  const at = (lines: string, times: readonly number[]) => {
    const { lr } = trainingOf(lines);
    return times.map((time) => Number(scheduleAt(lr, time, 10).toFixed(12)));
  };

  it('in steps has the next value from each moment on', () => {
    expect(at('lr = steps([1.0, 0.5, 0.1], at=[2 epochs, 4 epochs])', [0, 19, 20, 39, 40, 99])).toEqual([
      1, 1, 0.5, 0.5, 0.1, 0.1,
    ]);
  });

  it('piecewise is straight between its points, constant outside', () => {
    expect(at('lr = piecewise([1.0, 0.2, 0.1], at=[5 steps, 15 steps, 25 steps])', [0, 5, 10, 15, 20, 25, 90])).toEqual(
      [1, 1, 0.6, 0.2, 0.15, 0.1, 0.1],
    );
  });

  it('may be cubic', () => {
    expect(at('lr = cubic(1.0, 0.2, to=2 epochs)', [0, 10, 20])).toEqual([1, 0.3, 0.2]);
  });
});

describe('a sparsity', () => {
  const { pools } = modelOf(text(''));
  const pool = pools[0]!;
  const keptOf = (lines: string, times: readonly number[]) => {
    const { sparsity } = trainingOf(lines);
    return times.map((time) => {
      const update = isSparsityUpdate(sparsity!, time, 10);
      const now = keptNow(sparsity!, pool, time, 10);
      if (update) expect(keptAt(sparsity!, pool, time, 10)).toBe(now);
      return [update, now === pool.kept ? 'kept' : Number((1 - now / pool.elements).toFixed(9))];
    });
  };

  it('in steps changes at its moments only, at the last to the own one', () => {
    const lines = 'sparsity = steps([0%, 50%, 90%], at=[1 epoch, 2 epochs, 4 epochs])';
    expect(keptOf(lines, [0, 9, 10, 15, 20, 39, 40, 41])).toEqual([
      [false, 0],
      [false, 0],
      [true, 0.5],
      [false, 0.5],
      [true, 0.9],
      [false, 0.9],
      [true, 'kept'],
      [false, 'kept'],
    ]);
  });

  it('that starts above 0% is there from the beginning', () => {
    expect(keptOf('sparsity = steps([25%], at=[1 epoch])', [0, 5, 10])).toEqual([
      [true, 0.25],
      [false, 0.25],
      [true, 'kept'],
    ]);
  });

  it('piecewise goes straight from point to point, in updates', () => {
    const lines = 'sparsity = piecewise([0%, 80%], at=[0 epochs, 2 epochs, 4 epochs], every=5 steps)';
    const found = keptOf(lines, [0, 5, 9, 10, 20, 40]);
    expect(found.slice(0, 5)).toEqual([
      [true, 0],
      [true, 0.2],
      [false, 0.2],
      [true, 0.4],
      [true, 0.8],
    ]);
    expect(found[5]).toEqual([true, 'kept']);
  });
});

describe('dropout', () => {
  const feedsOf = (lines: string) => {
    const model = modelOf(`language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 50, dropout=50%)
  next   = softmax(embed, 9)
}
train {
  data   = generated(order=1, vocab=9, tokens=300, batch=4, unroll=5)
  epochs = 2
  ${lines}
}`);
    const training = model.training!;
    const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 });
    const batches = batchesOf(corpus, training.loader, 1);
    const feeder = new Feeder(compileTraining(model, false), {
      batches,
      seed: 1,
      rateAt: () => 1,
      keepAt: () => 1,
      turnAt: () => ({ on: true, updates: 1 }),
      ...scheduledOf(training, batches.count),
    });
    return (time: number) => {
      const drawn = [...feeder.feedsAt(time)['draw.embed']!.data];
      return { dropped: drawn.filter((v) => v === 0).length / drawn.length, kept: Math.max(...drawn) };
    };
  };

  it('follows its schedule in place of the rate of the layer', () => {
    const at = feedsOf('dropout = linear(0%, 80%, to=20 steps)');
    expect(at(0)).toEqual({ dropped: 0, kept: 1 });
    for (const [time, rate] of [
      [10, 0.4],
      [20, 0.8],
    ] as const) {
      const { dropped, kept } = at(time);
      // Five standard deviations of 1,000 draws.
      expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / 1000));
      expect(kept).toBeCloseTo(1 / (1 - rate), 6);
    }
  });

  it('of a model whose layers drop nothing is refused', () => {
    const { all } = checkText(text('dropout = 20%').replaceAll(', dropout=50%', ''));
    expect(all.map((d) => d.code)).toEqual(['train/nothing-drops']);
  });

  it('without one is that of the layer', () => {
    expect(feedsOf('')(7).kept).toBe(2);
  });
});

it('explain writes them as the program does', () => {
  const lines = `lr = steps([1.0, 0.5], at=[2 epochs])
    sparsity = steps([0%, 50%], at=[1 epoch, 2 epochs])
    sparsity(rnn1) = piecewise([10%], at=[1 epoch, 2 epochs], every=20 steps)`;
  const settings = new Map(trainingSettings(trainingOf(lines)));
  expect(settings.get('lr')).toBe('steps([1, 0.5], at=[2 epochs])');
  expect(settings.get('sparsity')).toBe(
    'steps([0%, 50%], at=[1 epoch, 2 epochs]), then each weight at its own sparsity',
  );
  expect(settings.get('sparsity(rnn1)')).toBe(
    'piecewise([10%], at=[1 epoch, 2 epochs], every=20 steps), then each weight at its own sparsity',
  );
});

describe('refused are', () => {
  it.each([
    ['lr = steps([1.0, 0.5], at=[1 epoch, 2 epochs])', '`steps` has 2 values for 2 moments, it takes 3'],
    ['lr = piecewise([1.0], at=[1 epoch, 2 epochs])', '`piecewise` has 1 values for 2 moments, it takes 2'],
    ['sparsity = steps([10%], at=[1 epoch, 2 epochs])', '`steps` has 1 values for 2 moments, it takes 2'],
    ['sparsity = piecewise([10%, 20%], at=[1 epoch, 2 epochs])', '`piecewise` has 2 values for 2 moments, it takes 1'],
    [
      'sparsity = steps([50%, 40%], at=[1 epoch, 2 epochs])',
      'the sparsity falls from 50% to 40%: what is pruned stays pruned',
    ],
    [
      'sparsity = steps([50%, 97%], at=[1 epoch, 2 epochs])',
      'the schedule goes up to 97%, the rule of `rnn1` ends at 96.2922%',
    ],
    [
      'lr = steps([1.0, 0.5, 0.2], at=[2 epochs, 1 epoch])',
      '`at` expects a list of rising moments in one unit such as [2 epochs, 4 epochs], found the list `[2 ' +
        'epochs, 1 epoch]`',
    ],
    [
      'lr = steps([1.0, 0.5, 0.2], at=[1 epoch, 200 steps])',
      '`at` expects a list of rising moments in one unit such as [2 epochs, 4 epochs], found the list `[1 epoch, ' +
        '200 steps]`',
    ],
    ['lr = steps([1.0, 0.5], at=[11 epochs])', 'the schedule ends at 11 epochs, the run after 10 epochs'],
    ['sparsity = steps([10%], at=[11 epochs])', 'the schedule ends at 11 epochs, the run after 10 epochs'],
    ['dropout = 0.5', '`dropout` expects a percent below 100% or a schedule, found the number 0.5'],
    ['dropout = decay(50%, by=1/2)', 'a schedule here cannot be `decay`'],
    ['dropout = linear(0%, 50%, to=11 epochs)', 'the schedule ends at 11 epochs, the run after 10 epochs'],
    ['sparsity = decay(0.1, by=1/2)', 'a schedule here cannot be `decay`'],
  ])('%s', (lines, message) => {
    const { all } = checkText(text(lines));
    expect(all.map((d) => d.message)).toEqual([message]);
  });
});
