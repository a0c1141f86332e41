/** A loss that runs away is told once, at the same step whether the run was interrupted or not, and stops nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Training } from '../model/model.js';
import { type MetricsLine, readMetrics } from './metrics.js';
import { guessLoss, RunawayWatch } from './runaway.js';
import { scalarsOf } from './scalars.js';
import { file, remains, stopAfter } from './test-runs.js';
import { tinyRun, tinyTraining } from './test-support.js';
import { train } from './trainer.js';

const home = mkdtempSync(join(tmpdir(), 'rnnc-runaway-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const guess = Math.log(100);
const plain: Pick<Training, 'optimizer'> = { optimizer: { kind: 'sgd', clip: undefined, weightDecay: 0 } };
const line = (step: number, loss: number): MetricsLine => ({
  kind: 'step',
  step,
  epoch: 1,
  loss,
  perplexity: Math.exp(loss),
  sparsity: 0,
  lr: 2,
  gradient_norm: 1,
  tokens_per_second: 1,
});
/** Steps of the lines, one every `every` updates, that a watch warns at. */
const warnedAt = (losses: readonly number[], every: number): readonly number[] => {
  const watch = new RunawayWatch(guess, plain);
  return losses.flatMap((loss, i) => (watch.add(line((i + 1) * every, loss)) === undefined ? [] : [(i + 1) * every]));
};
const times = (n: number, loss: number): number[] => Array.from({ length: n }, () => loss);

describe('what runs away', () => {
  it('is a loss a nat above a guess for twenty updates, told once', () => {
    expect(guess).toBeCloseTo(4.605, 3);
    expect(warnedAt(times(60, 5.7), 1)).toEqual([20]);
    expect(warnedAt(times(60, 5.6), 1)).toEqual([]);
    expect(warnedAt([...times(19, 5.7), 5.5, ...times(19, 5.7)], 1)).toEqual([]);
    expect(warnedAt([...times(19, 5.7), 5.5, ...times(20, 5.7)], 1)).toEqual([40]);
    expect(warnedAt(times(10, 9), 6)).toEqual([24]);
    expect(warnedAt(times(3, 9), 500)).toEqual([500]);
  });

  it('is a loss above a guess, where the run had learned something', () => {
    expect(warnedAt([3.5, ...times(30, 4.7)], 1)).toEqual([21]);
    expect(warnedAt([3.5, ...times(30, 4.5)], 1)).toEqual([]);
    // Little more than nothing was learned.
    expect(warnedAt([3.7, ...times(30, 4.7)], 1)).toEqual([]);
  });

  it('is told with its step, its loss, and what to do', () => {
    const watch = new RunawayWatch(guess, plain);
    watch.add(line(980, 3.25));
    const warning = watch.add(line(1000, 12.5))!;
    expect(warning.message).toBe(
      'the loss runs away: 12.50 at step 1,000, above the 4.61 of a mere guess for 20 steps; it was 3.25 at step 980',
    );
    expect(warning.hint).toBe('stop the run and lower `lr`, which is 2 now, or set `clip=5` of the optimizer');
    expect(warning).toMatchObject({ kind: 'warning', step: 1000, epoch: 1, runaway_loss: 12.5, guess_loss: guess });
    const clipped = new RunawayWatch(guess, { optimizer: { ...plain.optimizer, clip: 10 } });
    expect(clipped.add(line(50, 2.5e6))!.message).toContain('2.50e+6 at step 50');
    expect(new RunawayWatch(guess, { optimizer: { ...plain.optimizer, clip: 10 } }).add(line(50, 9))!.hint).toMatch(
      /or lower `clip`, which is 10$/,
    );
    expect(scalarsOf([warning])).toEqual([]);
  });

  it('is told no more where the log has it already', () => {
    const watch = new RunawayWatch(guess, plain);
    const first = watch.add(line(20, 9))!;
    const resumed = new RunawayWatch(guess, plain);
    for (const known of [line(20, 9), first]) resumed.add(known);
    expect([watch, resumed].map((w) => w.add(line(40, 9)))).toEqual([undefined, undefined]);
  });
});

/** A rate at which the tiny model's loss is high and finite from the start. */
const wild: Training = { ...tinyTraining, lr: { kind: 'constant', value: 8 } };

it('a run warns once, goes on to its end, and warns at the same step when it is resumed', async () => {
  expect(guessLoss(tinyRun(home).graphs.step(5).graph)).toBeCloseTo(Math.log(6), 12);
  const whole = join(home, 'whole');
  const warned: string[] = [];
  const { finished } = await train({
    ...tinyRun(whole, { training: wild }),
    progress: (event) => {
      if (event.kind === 'warning') warned.push(event.message);
    },
  });
  expect([finished, warned.length]).toEqual([true, 1]);
  const logged = readMetrics(file(whole, 'metrics').toString()).filter(({ kind }) => kind === 'warning');
  expect(logged).toHaveLength(1);
  const { step } = logged[0]!;
  expect(warned[0]).toContain(`at step ${step}`);
  for (const stop of [step - 2, step, step + 1]) {
    const folder = join(home, `stopped-${stop}`);
    await train(tinyRun(folder, { training: wild, ...stopAfter(stop) }));
    await train(tinyRun(folder, { training: wild }));
    expect(remains(folder), `stopped at ${stop}`).toEqual(remains(whole));
  }
});

it('a sound run warns of nothing', async () => {
  const folder = join(home, 'sound');
  await train(tinyRun(folder));
  expect(file(folder, 'metrics').toString()).not.toContain('warning');
});
