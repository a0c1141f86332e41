/** Moments that follow the sparsity: `to=sparsity(40%)` of rates, dropout, l2 and the p of cmr. */
import { expect, it } from 'vitest';
import { trainingSettings } from '../src/report/explain.js';
import { resolveMoments } from '../src/train/moments.js';
import { makeTimetable } from '../src/train/timetable.js';
import { checkText, modelOf } from './support/check-text.js';

const text = (lines: string, rule = 'dkp(B=4x3, C=2x5, sparsity=60%)'): string => `language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7, dropout=10%)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 9)
}
compress { rnn: ${rule} }
train {
  data     = generated(order=1, vocab=9, tokens=130, batch=2, unroll=3)
  epochs   = 2
  ${lines}
}`;
// 0%, 15%, 30%, 45%, 60% at steps 4, 9, 14, 19, 24.
const road = 'sparsity = linear(from=4 steps, to=24 steps, every=5 steps)\n';
const resolved = (lines: string) => {
  const { training, pools } = modelOf(text(road + lines));
  return resolveMoments(training!, pools, 15);
};
const steps = (value: number) => ({ value, unit: 'steps' });

it('is the update of the mask that gets there, not the line between two', () => {
  const { lr } = resolved('lr = linear(1.0, 0.1, from=sparsity(20%), to=sparsity(40%))');
  expect(lr).toMatchObject({ from: steps(14), to: steps(19) });
});

it('at the ends of the road is the start of the run and the last update', () => {
  const { lr } = resolved('lr = linear(1.0, 0.1, from=sparsity(0%), to=sparsity(60%))');
  expect(lr).toMatchObject({ from: steps(0), to: steps(24) });
});

it('serves every schedule that has moments', () => {
  const { dropout, l2, cmr, lr } = resolved(`lr = decay(1.0, by=1/2, every=1 epoch, after=sparsity(30%))
    dropout = cubic(10%, 20%, from=3 steps, to=sparsity(30%))
    regularize = [l2(linear(0.2, 0.1, to=sparsity(45%))), cmr(p=linear(50%, 100%, to=sparsity(60%)))]`);
  expect(lr).toMatchObject({ after: steps(14) });
  expect(dropout).toMatchObject({ from: steps(3), to: steps(14) });
  expect(l2).toMatchObject({ to: steps(19) });
  expect(cmr!.over).toMatchObject({ to: steps(24) });
});

it('is in the timetable and in explain', () => {
  const { training, pools } = modelOf(text(`${road}lr = linear(1.0, 0.1, from=sparsity(20%), to=sparsity(40%))`));
  const rows = makeTimetable(training!, pools, 15).rows.map(({ step, lr }) => [step, Number(lr.toFixed(9))]);
  expect(rows).toContainEqual([14, 1]);
  expect(rows).toContainEqual([19, 0.1]);
  expect(new Map(trainingSettings(training!)).get('lr')).toBe('linear(1, 0.1, from=sparsity(20%), to=sparsity(40%))');
});

it.each([
  [
    `${road}lr = linear(1.0, 0.1, to=sparsity(61%))`,
    '`lr` waits for sparsity 61%, all pruned weights together end at 60%',
  ],
  [
    `${road}lr = linear(1.0, 0.1, from=sparsity(50%), to=sparsity(40%))`,
    'the schedule ends at sparsity(40%), before it starts at sparsity(50%)',
  ],
  [
    `${road}regularize = l2(linear(0.1, 0.2, to=sparsity(99%)))`,
    '`l2` waits for sparsity 99%, all pruned weights together end at 60%',
  ],
])('%s is refused', (lines, message) => {
  expect(checkText(text(lines)).all.map((d) => d.message)).toEqual([message]);
});

it('has nothing to follow where nothing is pruned', () => {
  const { all } = checkText(text('lr = linear(1.0, 0.1, to=sparsity(50%))', 'lmf(r=2)'));
  expect(all.map((d) => d.code)).toEqual(['train/follows-nothing']);
});
