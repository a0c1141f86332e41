import { expect, it } from 'vitest';
import { readSafetensors } from '../targets/safetensors/read.js';
import type { FloatTensor } from '../tensor/tensor.js';
import type { TrainEvent } from './events.js';
import { readMetrics } from './metrics.js';
import { testFolders } from './test-folders.js';
import { fault, file, remains, stopAfter } from './test-runs.js';
import { onlySplits, tinyRun, tinyTraining } from './test-support.js';
import { train } from './trainer.js';

const { fresh } = testFolders();

/** Rates that grow: validation is best early, and then only gets worse. */
const worsening = {
  ...tinyTraining,
  epochs: 12,
  stop: { patience: 2 },
  lr: {
    kind: 'linear',
    start: 0.05,
    end: 40,
    from: { value: 3, unit: 'epochs' },
    to: { value: 5, unit: 'epochs' },
  },
} as const;

it('stops when valid has not become better for `patience` epochs, and tests the best weights', async () => {
  const folder = fresh();
  const notices: string[] = [];
  const progress = (event: TrainEvent): void => {
    if (event.kind === 'notice') notices.push(event.message);
  };
  const result = await train(tinyRun(folder, { training: worsening, progress }));
  const epochs = readMetrics(file(folder, 'metrics').toString()).filter((line) => line.kind === 'epoch');
  // Only epochs 2 and later have the final sparsity.
  const scores = epochs.slice(1).map((line) => line.valid_perplexity!);
  const best = 2 + scores.indexOf(Math.min(...scores));
  expect(result.best!.epoch).toBe(best);
  expect(result).toMatchObject({ finished: true, epochsDone: best + 2 });
  expect(result.epochsDone).toBeLessThan(12);
  expect(readSafetensors(file(folder, 'weights')).metadata['epoch']).toBe(String(best));
  expect(result.test!.perplexity).toBeGreaterThan(1);
  expect(notices.at(-1)).toMatch(`stopped after epoch ${best + 2}: valid is not better than`);
  expect(notices.at(-1)).toMatch(`of epoch ${best}`);
});

it('counts the same epochs when it is resumed', async () => {
  const whole = fresh();
  const first = await train(tinyRun(whole, { training: worsening }));
  for (const steps of [20, 9 * first.epochsDone - 1, 9 * first.epochsDone - 9]) {
    const parts = fresh();
    await train(tinyRun(parts, { training: worsening, ...stopAfter(steps) }));
    const second = await train(tinyRun(parts, { training: worsening }));
    expect(second).toMatchObject({ finished: true, step: first.step });
    expect(remains(parts)).toEqual(remains(whole));
  }
  // A run that is over stays over.
  expect(await train(tinyRun(whole, { training: worsening }))).toMatchObject({ finished: true, step: first.step });
});

it('goes to the last epoch as long as valid becomes better', async () => {
  const training = { ...tinyTraining, epochs: 5, stop: { patience: 4 } };
  expect(await train(tinyRun(fresh(), { training }))).toMatchObject({ finished: true, epochsDone: 5 });
});

it('needs a valid split', async () => {
  const options = tinyRun(fresh(), { training: worsening });
  const error = await fault(train(onlySplits(options, ['train', 'test'])));
  expect(error.message).toContain('needs a valid split');
});

it('starts from given weights, asked for once', async () => {
  const first = fresh();
  await train(tinyRun(first));
  const given = readSafetensors(file(first, 'weights')).tensors;
  let asked = 0;
  const read = (): ReadonlyMap<string, FloatTensor> => {
    asked++;
    return given;
  };
  const start = { from: 'w.safetensors', read };
  const folder = fresh();
  const still = {
    ...tinyTraining,
    lr: { kind: 'constant', value: 0 },
    sparsity: { ...tinyTraining.sparsity!, start: 0.37 },
  } as const;
  await train(tinyRun(folder, { training: still, start, ...stopAfter(3) }));
  await train(tinyRun(folder, { training: still, start }));
  expect(asked).toBe(1);
  // Without a rate nothing moves, and what is pruned already has the smallest magnitudes.
  for (const [name, { data }] of readSafetensors(file(folder, 'weights')).tensors)
    expect(data.every((value, i) => value === given.get(name)!.data[i])).toBe(true);
});
