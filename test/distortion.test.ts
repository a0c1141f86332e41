/** `distort`: dense weights that are projected now and then (Lee et al. 2018), over single projections and whole runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileEvaluation, compileTraining } from '../src/compile.js';
import { loadCorpus } from '../src/data/load.js';
import { findEngine } from '../src/engines/engines.js';
import { projectedUnits, trainedModel } from '../src/model/distortion.js';
import type { Model } from '../src/model/model.js';
import { initialWeights } from '../src/train/initialize.js';
import { storedWeights, trainedWeights } from '../src/train/projection.js';
import { openEvaluator } from '../src/train/split-evaluator.js';
import { remains, stopAfter } from '../src/train/test-runs.js';
import { oracleEngine } from '../src/train/test-support.js';
import { train } from '../src/train/trainer.js';
import { checkText, modelOf, written } from './support/check-text.js';

const tiny = (rules = 'rnn: lmf(r=2)', lines = 'distort = distort(every=7 steps)'): Model =>
  modelOf(text(rules, lines));

const text = (rules: string, lines: string): string => `language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 9)
}
compress { ${rules} }
train {
  data   = generated(order=1, vocab=9, tokens=130, batch=2, unroll=3)
  epochs = 2
  ${lines}
}`;

/** What becomes of the matrix of a 2x2 layer: the stored tensors, and the matrix they stand for. */
function projected(rule: string, matrix: readonly number[]) {
  const model = modelOf(`language 1
model two { t = ids(vocab=3)  e = embedding(t, 2)  d = dense(e, 2)  y = softmax(d, 3) }
compress { d: ${rule} }
train { data = generated(order=1, vocab=3, tokens=50, batch=1, unroll=2)
  epochs = 2
  distort = distort(every=1 step) }`);
  const units = projectedUnits(model);
  const stored = storedWeights(units, new Map([['d.W', { shape: [1, 2, 2], data: Float32Array.from(matrix) }]]));
  return { stored, matrix: [...trainedWeights(units, stored).get('d.W')!.data].map((v) => Number(v.toFixed(5)) + 0) };
}

describe('the projection of a 2x2 matrix', () => {
  it('onto rank 1 drops the smaller singular value', () => {
    expect(projected('lmf(r=1)', [3, 0, 0, 1]).matrix).toEqual([3, 0, 0, 0]);
    // Eigenvalues 3 and 1 with (1, 1) and (1, -1) of length sqrt 2: 3/2 everywhere is left.
    expect(projected('lmf(r=1)', [2, 1, 1, 2]).matrix).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect([...projected('lmf(r=1)', [3, 0, 0, 1]).stored.keys()]).toEqual(['d.U', 'd.V']);
  });

  it('onto half of the values keeps the largest', () => {
    expect(projected('prune(sparsity=50%)', [3, -1, 0.5, -4]).matrix).toEqual([3, 0, 0, -4]);
  });

  it('onto a Kronecker product is the nearest one', () => {
    // (1, 2) (x) (3, 4) below each other is one already; so is its own projection.
    expect(projected('kp(B=2x1, C=1x2)', [3, 4, 6, 8]).matrix).toEqual([3, 4, 6, 8]);
    expect(projected('kp(B=2x1, C=1x2)', [3, 0, 0, 1]).matrix).toEqual([3, 0, 0, 0]);
  });
});

it('a program trains dense matrices, and everything else sees its own', () => {
  const model = tiny('rnn: dkp(B=4x3, C=2x5, sparsity=60%)\n next: prune(sparsity=50%)');
  const trains = compileTraining(model, false).parameters.map(({ name }) => name);
  expect(trains).toContain('rnn.W');
  expect(trains).not.toContain('rnn.S');
  expect(compileEvaluation(model).parameters.map(({ name }) => name)).toContain('rnn.S');
  expect(trainedModel(model).pools).toEqual([]);
  const one = tiny(
    'rnn: dkp(B=4x3, C=2x5, sparsity=60%)\n next: prune(sparsity=50%)',
    'distort = distort(prune, every=7 steps)',
  );
  expect(trainedModel(one).pools.map(({ layers }) => layers)).toEqual([['rnn']]);
});

const rules = {
  lmf: 'rnn: lmf(r=2)',
  'prune and kp of parts': 'rnn.input: prune(sparsity=70%)\n rnn.recurrent: kp(B=2x4, C=4x2)',
  'a table and a stacked matrix': 'embed: lmf(r=2)\n rnn: lmf(r=3, layout=stacked)',
  dkp: 'rnn: dkp(B=4x3, C=2x5, sparsity=60%)\n next: prune(sparsity=50%)',
  'hkp, tt and circulant':
    'embed: prune(sparsity=40%)\n rnn.input: circulant(block=2)\n rnn.recurrent: tt(shapes=[2x2, 4x4], ranks=2)',
};

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-distort-'));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function optionsOf(model: Model, engine: string, folder: string) {
  const training = model.training!;
  return {
    training,
    pools: trainedModel(model).pools,
    projected: projectedUnits(model),
    graphs: {
      step: () => compileTraining(model, false),
      coMatrix: undefined,
      evaluation: (steps: number) => compileEvaluation(model, steps),
    },
    threads: 1,
    corpus: loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 }),
    folder,
    resume: true,
    engine: engine === 'oracle' ? oracleEngine() : findEngine(engine)!,
    identity: { program: 'p', compiler: '0' },
  };
}

describe.each(Object.entries(rules))('%s', (_, rule) => {
  const model = tiny(rule);

  it('right after a projection has the loss of what is stored', async () => {
    const units = projectedUnits(model);
    const dense = initialWeights(compileTraining(model, false).parameters, 3);
    const stored = storedWeights(units, dense);
    const { corpus, training } = optionsOf(model, 'oracle', '');
    const lossOf = async (of: Model, weights: typeof dense): Promise<number> => {
      const graphOf = (steps: number) => compileEvaluation(of, steps);
      const request = { corpus, loader: training.loader, graphOf, engine: oracleEngine(), threads: 1 };
      const evaluator = await openEvaluator(request);
      evaluator.setWeights(weights);
      const score = await evaluator.score('test');
      await evaluator.close();
      return Math.log(score!.perplexity);
    };
    const [before, after] = [await lossOf(trainedModel(model), dense), await lossOf(model, stored)];
    expect(await lossOf(trainedModel(model), trainedWeights(units, stored))).toBeCloseTo(after, 5);
    expect(Math.abs(before - after)).toBeGreaterThan(1e-6);
  });

  it.each(['onnxruntime', 'tfjs-wasm'])('goes on bit by bit on %s, and keeps what its methods store', async (engine) =>
    inFolder(async (folder) => {
      const whole = await train(optionsOf(model, engine, join(folder, 'whole')));
      const parts = join(folder, 'parts');
      for (const steps of [6, 1, 12, 15]) await train({ ...optionsOf(model, engine, parts), ...stopAfter(steps) });
      expect((await train(optionsOf(model, engine, parts))).finished).toBe(true);
      expect(remains(parts)).toEqual(remains(join(folder, 'whole')));
      const own = compileEvaluation(model).parameters.map(({ name }) => name);
      expect([...whole.weights!.keys()].sort()).toEqual([...own].sort());
      for (const { tensors, kept } of model.pools) {
        const left = tensors.flatMap((name) => [...whole.weights!.get(name)!.data].filter((v) => v !== 0));
        expect(left).toHaveLength(kept);
      }
    }),
  );
});

it('trains a low rank that learns', async () =>
  inFolder(async (folder) => {
    const lines = 'distort = distort(every=10 steps)\n optimizer = adam\n lr = 0.02';
    const long = text('rnn: lmf(r=3)', lines).replace('tokens=130', 'tokens=3000').replace('epochs = 2', 'epochs = 3');
    const { best, finished } = await train(optionsOf(modelOf(long), 'onnxruntime', folder));
    expect(finished).toBe(true);
    // Nine words, all equally likely, would give 9.
    expect(best!.valid!.perplexity).toBeLessThan(6.5);
  }));

describe('a wrong distort', () => {
  const errors = (rule: string, lines: string): readonly string[] => checkText(text(rule, lines)).all.map(written);
  const every = 'distort = distort(every=7 steps)';
  const dkp = 'rnn: dkp(B=4x3, C=2x5, sparsity=60%)';
  it.each([
    ['', every, 'train/distort-nothing: `distort` projects weights onto the methods of their rules, found none'],
    [
      'rnn: lmf(r=2)',
      'distort = distort(kp, every=7 steps)',
      'train/distort-nothing: `distort` projects weights onto `kp`, found none (the rules use `lmf`)',
    ],
    ['rnn: hlf(j=2)', every, 'train/distort-refused: `distort` cannot project `rnn`: hlf is training-aware'],
    [
      'rnn.input, rnn.recurrent: hlf(j=2, permute=yes)',
      every,
      'train/distort-refused: `distort` cannot project `rnn.input`: the hidden units of the whole network',
    ],
    [
      'rnn: dkp(B=4x3, C=2x5, sparsity=60%, form=2a)',
      every,
      'train/distort-refused: `distort` cannot project `rnn`: the scalars of its form',
    ],
    [
      'rnn: lmf(r=2)',
      'distort = distort(every=2 epochs)',
      'train/distort-never: a projection every 2 epochs comes after the run of 2 epochs',
    ],
    ['rnn: lmf(r=2)', 'distort = distort(every=0 steps)', 'train/not-a-call: `every` expects at least one step'],
    [
      'rnn: lmf(r=2)',
      'distort = 7 steps',
      'train/not-a-call: `distort` expects projections, found the span of training 7 steps',
    ],
    ['rnn: lmf(r=2)', 'distort = project(every=7 steps)', 'train/unknown-word: `distort` cannot be `project`'],
    [dkp, `${every}\n alternate = bcd(every=3 steps)`, 'train/distort-takes-parts: `alternate` is about the parts'],
    [dkp, `${every}\n regularize = cmr(p=50%)`, 'train/distort-takes-parts: `cmr` is about the parts'],
    [
      dkp,
      `${every}\n sparsity = cubic(to=1 epoch)`,
      'train/distort-takes-road: `sparsity` schedules a pruned weight, but `distort` projects those in the model',
    ],
  ])('%s with %s', (rule, lines, error) => {
    const found = errors(rule, lines);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(error);
  });
});
