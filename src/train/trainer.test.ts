import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../targets/safetensors/read.js';
import { decodeCheckpoint } from './checkpoint.js';
import type { TrainEvent } from './events.js';
import { readMetrics } from './metrics.js';
import { runFiles } from './run-folder.js';
import { testFolders } from './test-folders.js';
import { file, withRows } from './test-runs.js';
import { onlySplits, oracleEngine, tinyRun, tinyTraining } from './test-support.js';
import { train } from './trainer.js';

const { fresh } = testFolders();
describe('a whole run', () => {
  it('learns, prunes to the exact counts, and leaves weights, metrics and a checkpoint', async () => {
    const folder = fresh();
    const events: TrainEvent[] = [];
    const training = { ...tinyTraining, epochs: 12 };
    const result = await train(tinyRun(folder, { training, progress: (event) => events.push(event) }));
    expect(result).toMatchObject({ finished: true, step: 108, epochsDone: 12, droppedTokens: 7 });
    expect(readdirSync(folder).sort()).toEqual(
      ['checkpoint', 'previous', 'metrics', 'weights'].map((name) => runFiles[name as keyof typeof runFiles]).sort(),
    );
    const epochs = events.filter((event) => event.kind === 'epoch');
    expect(epochs).toHaveLength(12);
    expect(epochs[11]!.trainPerplexity).toBeLessThan(0.93 * epochs[0]!.trainPerplexity);
    const { tensors, metadata } = readSafetensors(file(folder, 'weights'));
    const zeros = (name: string): number => tensors.get(name)!.data.filter((v) => v === 0).length;
    expect([zeros('rnn.S'), zeros('next.W')]).toEqual([10, 5]);
    expect(metadata).toMatchObject({ format: 'rnnc', seed: '5', epoch: String(result.best!.epoch) });
    // Weights before the final sparsity are never kept.
    expect(epochs.map(({ kept }) => kept).indexOf(true)).toBe(1);
    const best = epochs.slice(1).reduce((a, b) => (b.valid!.perplexity < a.valid!.perplexity ? b : a));
    expect(result.best).toEqual({ epoch: best.epoch, valid: best.valid });
    expect(result.test!.perplexity).toBeGreaterThan(1);
    expect(result.weights).toEqual(tensors);
  });

  it('logs every third step, the ends of epochs and the test', async () => {
    const folder = fresh();
    await train(tinyRun(folder));
    const lines = readMetrics(file(folder, 'metrics').toString());
    expect(lines.map(({ kind, step }) => `${kind} ${step}`).join(', ')).toBe(
      'step 3, step 6, step 9, epoch 9, step 12, step 15, step 18, epoch 18, ' +
        'step 21, step 24, step 27, epoch 27, test 27',
    );
    const steps = lines.filter((line) => line.kind === 'step');
    expect(steps.map(({ lr }) => lr)).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05]);
    expect(steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(steps.at(-1)!.sparsity).toBeCloseTo(15 / 40, 15);
    for (const line of steps) expect(line.perplexity).toBeCloseTo(Math.exp(line.loss), 12);
  });

  it('holds the masks exactly at every checkpoint', async () => {
    const folder = fresh();
    const left: string[] = [];
    const progress = (event: TrainEvent): void => {
      if (event.kind !== 'checkpoint') return;
      const { tensors } = decodeCheckpoint(file(folder, 'checkpoint'), 'here');
      const ones = tensors.get('mask.rnn.S')!.data.reduce((a, b) => a + b, 0);
      const nonzero = tensors.get('rnn.S')!.data.filter((v) => v !== 0).length;
      left.push(`${event.step}:${ones}:${nonzero}`);
    };
    await train(tinyRun(folder, { progress }));
    // s = 0.625 (1 - (1 - f)^3) at f = 4/14, 8/14, 12/14: 6.36, 9.21, 9.97 of 16 are zero.
    expect(left).toEqual(['4:16:16', '8:10:10', '9:10:10', '12:7:7', '16:6:6', '18:6:6', '20:6:6', '24:6:6', '27:6:6']);
  });

  it('keeps the last weights where there is nothing to validate on', async () => {
    const result = await train(onlySplits(tinyRun(fresh()), ['train']));
    expect(result.best).toEqual({ epoch: 3, valid: undefined });
    expect(result.test).toBeUndefined();
  });

  it('draws rows until the sparsity says so, then goes on without the draws', async () => {
    const engine = oracleEngine();
    const folder = fresh();
    await train(tinyRun(folder, { training: withRows, engine }));
    // The step with draws, the evaluation, and the step without.
    expect(engine.loads()).toBe(3);
    const plain = fresh();
    await train(tinyRun(plain));
    expect(file(folder, 'weights')).not.toEqual(file(plain, 'weights'));
  });
});
