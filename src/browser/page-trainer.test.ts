/** The trainer of the page against the run under Node, on the same engine: every bit is the same. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Training } from '../model/model.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { outlineOf } from '../targets/tfjs/browser-program.js';
import type { Weights } from '../tensor/tensor.js';
import { decodeCheckpoint } from '../train/checkpoint.js';
import { initialWeights } from '../train/initialize.js';
import { oracleEngine, tinyPools, tinyRun, tinyTraining } from '../train/test-support.js';
import { train } from '../train/trainer.js';
import { pageData } from './page-data.js';
import { PageTrainer, type PageTraining } from './page-trainer.js';

const home = mkdtempSync(join(tmpdir(), 'rnnc-page-trainer-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const withRows: Training = { ...tinyTraining, cmr: { keep: 0.7, until: undefined } };

function request(training: Training, change: Partial<PageTraining> = {}): PageTraining {
  const { graphs } = tinyRun(home, { training });
  const data = pageData({ training, vocabulary: 6, words: undefined, text: undefined });
  const step = (graphs.coMatrix ?? graphs.step)(5);
  const evaluation = { step: graphs.evaluation(4), engine: oracleEngine() };
  return { step, training, pools: tinyPools, data, engine: oracleEngine(), evaluation, backend: 'cpu', ...change };
}

/** What `rnnc train` has after so many updates. */
async function underNode(training: Training, steps: number): Promise<Weights> {
  const folder = mkdtempSync(join(home, 'run-'));
  let made = 0;
  await train({
    ...tinyRun(folder, { training }),
    progress: ({ kind }) => {
      if (kind === 'step') made++;
    },
    shouldStop: () => made === steps,
  });
  return decodeCheckpoint(readFileSync(join(folder, 'checkpoint.rnnc')), 'checkpoint').tensors;
}

for (const [name, training] of Object.entries({ plain: tinyTraining, 'with rows dropped': withRows }))
  for (const steps of [1, 5, 13, 20])
    it(`${name}: ${steps} steps end at the very weights of Node`, async () => {
      const trainer = await PageTrainer.open(request(training));
      expect([trainer.stepsPerEpoch, trainer.totalSteps, trainer.tokensPerStep]).toEqual([9, 27, 10]);
      for (let i = 0; i < steps; i++) expect((await trainer.update()).step).toBe(i + 1);
      const expected = await underNode(training, steps);
      for (const [path, { data }] of await trainer.weights()) expect(data, path).toEqual(expected.get(path)!.data);
      await trainer.close();
    });

it('evaluates as Node does after each epoch, and keeps the weights that Node keeps', async () => {
  const folder = mkdtempSync(join(home, 'run-'));
  const epochs: { readonly perplexity: number | undefined; readonly kept: boolean }[] = [];
  await train({
    ...tinyRun(folder),
    progress: (event) => {
      if (event.kind === 'epoch') epochs.push({ perplexity: event.valid?.perplexity, kept: event.kept });
    },
  });
  const trainer = await PageTrainer.open(request(tinyTraining));
  expect([trainer.validationTokens, trainer.best]).toEqual([9, undefined]);
  const found = [];
  for (let epoch = 1; epoch <= 3; epoch++) {
    for (let i = 0; i < 9; i++) await trainer.update();
    const { step, perplexity, kept, loss, tokens } = await trainer.evaluate();
    expect([step, tokens, Math.exp(loss)]).toEqual([9 * epoch, 9, perplexity]);
    found.push({ perplexity, kept });
  }
  expect(found).toEqual(epochs);
  // Before the last pruning nothing is kept.
  expect(found[0]!.kept).toBe(false);
  const kept = readSafetensors(readFileSync(join(folder, 'weights.safetensors'))).tensors;
  expect(await trainer.weights('best')).toEqual(kept);
  expect(readSafetensors(await trainer.save('best')).tensors).toEqual(kept);
  await trainer.close();
});

it('an evaluation changes nothing, and worse weights do not take the place of the best', async () => {
  const [plain, evaluated] = [await PageTrainer.open(request(withRows)), await PageTrainer.open(request(withRows))];
  const losses: number[] = [];
  for (let i = 0; i < 27; i++) {
    await plain.update();
    await evaluated.update();
    const { loss, step, kept } = await evaluated.evaluate();
    const isFinal = step >= 18;
    expect(kept, `step ${step}`).toBe(isFinal && losses.every((before) => loss < before));
    if (isFinal) losses.push(loss);
    if (kept) expect(await evaluated.weights('best')).toEqual(await evaluated.weights());
  }
  expect(evaluated.best!.loss).toBe(Math.min(...losses));
  expect(await evaluated.weights()).toEqual(await plain.weights());
  expect(await plain.weights('best')).toEqual(await plain.weights('now'));
});

it('keeps the best weights in a checkpoint, and refuses them beside other held-out text', async () => {
  const first = await PageTrainer.open(request(tinyTraining));
  for (let i = 0; i < 20; i++) await first.update();
  await first.evaluate();
  await first.update();
  const checkpoint = await first.checkpoint();
  const second = await PageTrainer.open(request(tinyTraining, { checkpoint }));
  expect(second.best).toEqual(first.best);
  expect(second.best!.step).toBe(20);
  expect(await second.weights('best')).toEqual(await first.weights('best'));
  expect(await second.checkpoint()).toEqual(checkpoint);
  const { data } = request(tinyTraining);
  const shorter = { ...data, validation: { ...data.validation!, ids: data.validation!.ids.subarray(0, 4) } };
  const opened = PageTrainer.open(request(tinyTraining, { checkpoint, data: shorter }));
  await expect(opened).rejects.toThrow('other held-out text');
});

it('refuses to evaluate where nothing is held out', async () => {
  const { data } = request(tinyTraining);
  const trainer = await PageTrainer.open(request(tinyTraining, { data: { ...data, validation: undefined } }));
  expect(trainer.validationTokens).toBe(0);
  await expect(trainer.evaluate()).rejects.toThrow('nothing is held out');
  expect((await trainer.update()).step).toBe(1);
});

it('calls that overlap are made one after the other', async () => {
  const trainer = await PageTrainer.open(request(tinyTraining));
  const results = await Promise.all([trainer.update(), trainer.update(), trainer.update()]);
  expect(results.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(trainer.step).toBe(3);
});

it('an engine that gets only the outline of the graph is driven all the same', async () => {
  const whole = request(withRows);
  const outline = JSON.parse(JSON.stringify(outlineOf(whole.step))) as PageTraining['step'];
  const oracle = oracleEngine();
  const engine = {
    ...oracle,
    load: (_: unknown, options: Parameters<typeof oracle.load>[1]) => oracle.load(whole.step.graph, options),
  };
  const [a, b] = [await PageTrainer.open(whole), await PageTrainer.open({ ...whole, step: outline, engine })];
  for (let i = 0; i < 6; i++) expect(await b.update()).toEqual(await a.update());
});

it('goes on from trained weights: after the last epoch, with what is pruned held at zero', async () => {
  const first = await PageTrainer.open(request(tinyTraining));
  for (let i = 0; i < 27; i++) await first.update();
  const { tensors: weights } = readSafetensors(await first.save());
  const trainer = await PageTrainer.open(request(tinyTraining, { weights }));
  expect(trainer.step).toBe(27);
  const result = await trainer.update();
  expect(result).toMatchObject({ step: 28, epoch: 4 });
  expect(result.sparsity).toBeCloseTo(15 / 40, 12);
  expect(result.learningRate).toBe(0.025);
  const after = await trainer.weights();
  for (const { tensors, kept } of tinyPools) {
    const [before, now] = [weights.get(tensors[0]!)!.data, after.get(tensors[0]!)!.data];
    expect([...now].filter((x) => x !== 0)).toHaveLength(kept);
    now.forEach((value, i) => {
      if (before[i] === 0) expect(Math.abs(value)).toBe(0);
    });
  }
});

for (const steps of [0, 1, 9, 13])
  it(`a run kept after ${steps} steps and gone on from ends at the same bits`, async () => {
    const whole = await PageTrainer.open(request(withRows));
    for (let i = 0; i < 20; i++) await whole.update();
    const first = await PageTrainer.open(request(withRows));
    for (let i = 0; i < steps; i++) await first.update();
    const checkpoint = await first.checkpoint();
    const second = await PageTrainer.open(request(withRows, { checkpoint }));
    expect(second.step).toBe(steps);
    for (let i = steps; i < 20; i++) await second.update();
    expect(await second.checkpoint()).toEqual(await whole.checkpoint());
  });

it('refuses a kept run that was cut short, altered, or is of another program or text', async () => {
  const trainer = await PageTrainer.open(request(tinyTraining));
  const checkpoint = await trainer.checkpoint();
  const refused = (bytes: Uint8Array, training = tinyTraining, change: Partial<PageTraining> = {}): Promise<void> =>
    PageTrainer.open(request(training, { checkpoint: bytes, ...change })).then(
      () => expect.unreachable('it was taken'),
      (error: Error) => {
        throw error;
      },
    );
  for (const length of [0, 7, 11, 300])
    await expect(refused(checkpoint.slice(0, length))).rejects.toThrow(/no checkpoint of a page|cut short or altered/);
  const altered = checkpoint.slice();
  altered[altered.length - 1]! ^= 1;
  await expect(refused(altered)).rejects.toThrow('cut short or altered');
  await expect(refused(checkpoint, { ...tinyTraining, seed: 6 })).rejects.toThrow('of another program');
  const { data } = request(tinyTraining);
  const other = { ...data, stream: { ...data.stream, ids: data.stream.ids.map((id) => (id + 1) % 6) } };
  await expect(refused(checkpoint, tinyTraining, { data: other })).rejects.toThrow('trained on other text');
});

it('stops at a loss that is not a number', async () => {
  const sound = request(tinyTraining);
  const draws = [...initialWeights(sound.step.parameters, 1)];
  const weights = new Map(draws.map(([name, { shape, data }]) => [name, { shape, data: data.map(() => Number.NaN) }]));
  const trainer = await PageTrainer.open({ ...sound, pools: [], weights });
  await expect(trainer.update()).rejects.toThrow('the loss is NaN at step 28');
  expect(trainer.step).toBe(27);
});
