/** Labelled examples of different lengths: padding changes nothing, runs resume bit for bit, engines agree. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fillExamples, makeExampleBuffers } from '../src/data/example-batches.js';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import { lowerPrediction, lowerTraining } from '../src/lower/training.js';
import { learningRate, maskName, type StepGraph, stepNumber, valueOutput } from '../src/lower/training-graph.js';
import type { Model } from '../src/model/model.js';
import { size } from '../src/tensor/shape.js';
import { dataFeed } from '../src/train/feeds.js';
import { remains, stopAfter } from '../src/train/test-runs.js';
import { oracleEngine } from '../src/train/test-support.js';
import { train } from '../src/train/trainer.js';
import { modelOf } from './support/check-text.js';
import { classifierText, exampleRun, taggerText, writeExamples } from './support/example-runs.js';
import { prunedWeights } from './support/program-checks.js';

const homes = { tagged: '', classified: '' };
for (const kind of ['tagged', 'classified'] as const) {
  homes[kind] = mkdtempSync(join(tmpdir(), `rnnc-${kind}-`));
  writeExamples(homes[kind], kind);
}
afterAll(() => {
  for (const home of Object.values(homes)) rmSync(home, { recursive: true });
});

let folders = 0;
const fresh = (kind: keyof typeof homes): string => join(homes[kind], `run${folders++}`);

/** Three sequences of 1, 4 and 2 tokens. */
const examplesOf = (perToken: boolean) => ({
  ids: Int32Array.of(3, 1, 2, 5, 8, 0, 7),
  starts: Int32Array.of(0, 1, 5, 7),
  labels: perToken ? Int32Array.of(0, 2, 1, 1, 0, 2, 2) : Int32Array.of(1, 0, 1),
  unseen: [],
  unknown: 0,
  origin: 'here',
});

function residents(model: Model, step: StepGraph): Feed {
  const { weights } = prunedWeights(model, 5);
  const feed: Record<string, Feed[string]> = {};
  for (const { name, shape, mask } of step.parameters) {
    feed[name] = { shape, data: Float64Array.from(weights.get(name)!.data) };
    if (mask !== undefined) feed[maskName(name)] = { shape, data: new Float64Array(size(shape)).fill(1) };
  }
  for (const { name, shape } of [...step.carried, ...step.draws])
    feed[name] = { shape, data: new Float64Array(size(shape)).fill(name.startsWith('draw') ? 1 : 0) };
  feed[learningRate] = { shape: [], data: Float64Array.of(0.1) };
  feed[stepNumber] = { shape: [], data: Float64Array.of(1) };
  return feed;
}

/** Outputs of a training step over the three sequences, padded to `steps` in a batch of `batch`. */
function trainStep(model: Model, perToken: boolean, steps: number, batch: number) {
  const step = lowerTraining(model, { steps, batch, cmr: false });
  const buffers = makeExampleBuffers(batch, steps, perToken);
  fillExamples(examplesOf(perToken), { steps, examples: [0, 1, 2] }, { batch, perToken }, buffers);
  const feed: Record<string, Feed[string]> = { ...residents(model, step) };
  for (const input of step.data) {
    const { shape, data } = dataFeed(input, buffers);
    feed[input.name] = data instanceof Int32Array ? { shape, data } : { shape, data: Float64Array.from(data) };
  }
  return evaluate(step.graph, feed);
}

/** The loss by the definition: each sequence by itself, from a zero state, without any padding. */
function lossByHand(model: Model, perToken: boolean): number {
  const { ids, starts, labels } = examplesOf(perToken);
  let loss = 0;
  for (let i = 0; i < 3; i++) {
    const tokens = ids.subarray(starts[i]!, starts[i + 1]!);
    const step = lowerPrediction(model, { steps: tokens.length, batch: 1 });
    const feed = { ...residents(model, step), [step.data[0]!.name]: { shape: [tokens.length], data: tokens } };
    const { data } = evaluate(step.graph, feed)[valueOutput(model.outputs[0]!)]!;
    const gold = perToken ? labels.subarray(starts[i]!, starts[i + 1]!) : labels.subarray(i, i + 1);
    const classes = data.length / gold.length;
    gold.forEach((label, row) => {
      loss -= Math.log(data[row * classes + label]!) / 3;
    });
  }
  return loss;
}

describe.each([
  ['tagger', taggerText().replace(', dropout=20%', ''), true],
  [
    'tagger of two directions',
    taggerText()
      .replace(/, dropout=20%|compress .*/g, '')
      .replace('lstm(embed, 6)', 'lstm(embed, 6, bidirectional=yes)'),
    true,
  ],
  ['classifier', classifierText(), false],
] as const)('a %s', (_, text, perToken) => {
  const model = modelOf(text);

  it('has the loss of its sequences one by one', () => {
    const found = trainStep(model, perToken, 4, 3)['loss']!.data[0]!;
    expect(found).toBeCloseTo(lossByHand(model, perToken), 6);
  });

  it.each([
    [7, 3],
    [4, 5],
    [9, 4],
  ])('learns the same when padded to %i steps and %i rows', (steps, batch) => {
    const exact = trainStep(model, perToken, 4, 3);
    const padded = trainStep(model, perToken, steps, batch);
    for (const [name, { data }] of Object.entries(exact)) {
      if (!name.endsWith('.next') && name !== 'loss') continue;
      data.forEach((value, i) => {
        // Weights of labels are float32: 1/3 is off by 1e-8 in both.
        expect(Math.abs(padded[name]!.data[i]! - value)).toBeLessThan(1e-7);
      });
    }
  });
});

describe.each([
  ['tagged', taggerText(3, 'sparsity = cubic(to=2 epochs, every=2 steps)'), 'f1'],
  ['classified', classifierText(3), 'accuracy'],
] as const)('a run of %s examples', (kind, text, measure) => {
  const { options } = exampleRun(homes[kind], text);

  it('learns, measures and uses two lengths of batches', async () => {
    const engine = oracleEngine();
    const longer = exampleRun(homes[kind], text.replace('epochs    = 3', 'epochs = 16').replace(/sparsity = .*/, ''));
    const result = await train(longer.options(fresh(kind), { engine }));
    expect(result).toMatchObject({ finished: true, epochsDone: 16, droppedTokens: 0 });
    expect(result.test![measure]).toBeGreaterThan(0.6);
    expect(result.best!.valid!.accuracy).toBeGreaterThan(0.6);
    // Two graphs to train; two to validate and as many to test, some of them of one length.
    expect(engine.loads()).toBeGreaterThanOrEqual(4);
    expect(engine.loads()).toBeLessThanOrEqual(6);
  });

  it.each([1, 3, 5, 6, 8, 13])('resumes bit for bit after a stop at step %i', async (steps) => {
    const [whole, parts] = [fresh(kind), fresh(kind)];
    await train(options(whole));
    await train(options(parts, stopAfter(steps)));
    await train(options(parts));
    expect(remains(parts)).toEqual(remains(whole));
  });

  it('gives the same on every engine', async () => {
    const oracle = await train(options(fresh(kind)));
    for (const name of ['onnxruntime', 'tfjs-wasm', 'tfjs-cpu']) {
      const result = await train(options(fresh(kind), { engine: findEngine(name)! }));
      for (const [path, { data }] of oracle.weights!)
        data.forEach((value, i) => {
          expect(Math.abs(result.weights!.get(path)!.data[i]! - value)).toBeLessThan(2e-3);
        });
      expect(result.test!.nats).toBeCloseTo(oracle.test!.nats, 3);
    }
  });
});
