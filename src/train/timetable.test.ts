import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { timetableText } from '../report/timetable-text.js';
import { makeTimetable } from './timetable.js';

const model = (train: string, rule = 'dkp(B=4x3, C=2x5, sparsity=60%)') =>
  modelOf(`language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 9)
}
compress { rnn: ${rule} }
train {
  data   = generated(order=1, vocab=9, tokens=300, batch=2, unroll=3)
  epochs = 4
  ${train}
}`);

const of = (text: string, stepsPerEpoch: number, rule?: string) => {
  const { training, pools } = model(text, rule);
  return makeTimetable(training!, pools, stepsPerEpoch);
};

describe('a timetable', () => {
  const lines = `lr = decay(1.0, by=1/2, every=1 epoch, after=2 epochs)
  sparsity = cubic(from=5 steps, to=2 epochs, every=6 steps)
  regularize = cmr(p=50%, until=sparsity(40%))
  alternate = bcd(every=7 steps)`;

  it('says what holds at every moment that matters', () => {
    const { rows, steps } = of(lines, 10);
    expect(steps).toBe(40);
    expect(rows.map((r) => [r.step, r.lr, r.turn])).toEqual([
      [0, 1, 'structure'],
      [5, 1, 'structure'],
      [10, 1, 'overlay'],
      // Half way: 0.6 (1 - (1 - 12 / 15)^3) is more than 40%.
      [11, 1, 'overlay'],
      [20, 0.5, 'structure'],
      [30, 0.25, 'structure'],
      [40, 0.25, 'overlay'],
    ]);
    expect(rows.map((r) => r.keep)).toEqual([0.5, 0.5, 0.5, 1, 1, 1, 1]);
    expect(rows.at(-1)!.sparsity).toBeCloseTo(0.6, 12);
  });

  it('has a p for each layer where their sparsities differ, and none for what has no two parts', () => {
    const { training, pools } = modelOf(`model tiny {
      tokens = ids(vocab=9)
      embed  = embedding(tokens, 7)
      rnn1   = lstm(embed, 8)
      rnn2   = lstm(rnn1, 7)
      next   = softmax(rnn2, 9)
    }
    compress {
      next: prune(sparsity=50%)
      rnn1: dkp(B=4x3, C=2x5, sparsity=60%)
      rnn2: dkp(sparsity=60%)
    }
    train {
      data = generated(order=1, vocab=9, tokens=300, batch=2, unroll=3)
      epochs = 4
      sparsity(rnn1) = linear(to=1 epoch, every=1 steps)
      sparsity(rnn2) = linear(from=2 epochs, to=3 epochs, every=1 steps)
      sparsity(next) = linear(to=4 epochs, every=1 steps)
      regularize = cmr(p=50%, until=sparsity(60%))
    }`);
    const timetable = makeTimetable(training!, pools, 10, ['rnn1', 'rnn2']);
    const at = (step: number) => timetable.rows.find((row) => row.step === step)?.keepOf;
    expect(at(0)).toEqual({ rnn1: 0.5, rnn2: 0.5 });
    expect(at(20)).toEqual({ rnn1: 1, rnn2: 0.5 });
    expect(at(30)).toEqual({ rnn1: 1, rnn2: 1 });
    expect(timetableText(timetable)).toMatch(/cmr p rnn1 +cmr p rnn2/);
    expect(timetableText(of(lines, 10))).toMatch(/cmr p +trains/);
    expect(of(lines, 10).rows[0]).not.toHaveProperty('keepOf');
  });

  it('shows that a pool has its count by an update inside the run', () => {
    const { pools, turns } = of(lines, 10);
    expect(pools).toEqual([
      {
        layers: ['rnn'],
        elements: 480,
        kept: 192,
        updates: [
          { step: 5, kept: 480 },
          // 480 (1 - 0.6 (1 - (1 - 6 / 15)^3)) = 254.2
          { step: 11, kept: 254 },
          { step: 17, kept: 194 },
          { step: 20, kept: 192 },
        ],
        reachedAt: 20,
        stepsAfter: 20,
      },
    ]);
    expect(turns).toEqual({
      every: 7,
      parts: [
        { part: 'structure', updates: 21 },
        { part: 'overlay', updates: 19 },
      ],
    });
  });

  it('is written for people', () => {
    expect(timetableText(of(lines, 10)).split('\n')).toEqual([
      '40 steps, 10 in an epoch',
      '',
      'step  epoch    lr  sparsity    cmr p  trains',
      '----  -----  ----  --------  -------  ---------',
      '   0      0     1     0.00%   50.00%  structure',
      '   5    0.5     1     0.00%   50.00%  structure',
      '  10      1     1     0.00%   50.00%  overlay',
      '  11    1.1     1    47.08%  100.00%  overlay',
      '  20      2   0.5    60.00%  100.00%  structure',
      '  30      3  0.25    60.00%  100.00%  structure',
      '  40      4  0.25    60.00%  100.00%  overlay',
      '',
      'rnn: 4 updates of the mask, every 6 steps from step 5, the last at step 20',
      '  192 of 480 values (sparsity 60%) from the update at step 20 on; 20 steps of training follow',
      '',
      'turns of 7 steps: structure 21 steps, overlay 19 steps',
      '',
    ]);
  });

  it('of a program without pruning is the rate alone', () => {
    expect(timetableText(of('lr = linear(1.0, 0.2, to=4 epochs)', 5, 'lmf(r=2)'))).toBe(
      [
        '20 steps, 5 in an epoch\n',
        'step  epoch    lr',
        '----  -----  ----',
        '   0      0     1',
        '   5      1   0.8',
        '  10      2   0.6',
        '  15      3   0.4',
        '  20      4  0.24\n',
      ].join('\n'),
    );
  });
});
