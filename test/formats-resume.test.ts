/** A run under number formats, straight-through and rounded at the end, stopped and resumed: bit for bit the whole one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileEvaluation, compileTraining } from '../src/compile.js';
import { loadCorpus } from '../src/data/load.js';
import { findEngine } from '../src/engines/engines.js';
import { storedWeights } from '../src/lower/stored-weights.js';
import { remains, stopAfter } from '../src/train/test-runs.js';
import { train } from '../src/train/trainer.js';
import { modelOf } from './support/check-text.js';

/**
 * Trained on the grid by rows and groups, pruned values among them, with scales that are learned and others; and a rule
 * that rounds at the end.
 */
const model = modelOf(`language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  rnn    = lstm(embed, 8)
  hidden = dense(rnn, 6)
  next   = softmax(hidden, 9)
}
compress {
  embed:  int4(per=group(3), scales=learned)
  rnn:    dkp(B=4x3, C=2x5, sparsity=60%, form=2b) then int4(per=row, scales=learned)
  hidden: prune(sparsity=50%) then int4(per=group(5), train=no)
  next:   lmf(r=3) then int3(per=tensor)
}
train {
  data      = generated(order=1, vocab=9, tokens=130, batch=2, unroll=3)
  optimizer = adam
  lr        = 0.02
  epochs    = 2
  sparsity  = cubic(from=4 steps, to=30 steps, every=5 steps)
}`);

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rnnc-formats-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const training = model.training!;
const corpus = loadCorpus(training.loader, { programFolder: '.', vocabulary: 9, seed: 1 });
const graphs = {
  step: () => compileTraining(model, false),
  coMatrix: undefined,
  evaluation: () => compileEvaluation(model),
};

it.each(['onnxruntime', 'tfjs-wasm'])('goes on bit by bit on %s', async (engine) => {
  const runIn = (folder: string, more: object = {}) =>
    train({
      ...{ training, pools: model.pools, graphs, threads: 1, corpus, folder, resume: true },
      engine: findEngine(engine)!,
      identity: { program: 'p', compiler: '0' },
      ...more,
    });
  const [whole, parts] = [join(home, `${engine} whole`), join(home, `${engine} parts`)];
  const { weights } = await runIn(whole);
  for (const steps of [3, 9, 20]) expect((await runIn(parts, stopAfter(steps))).finished).toBe(false);
  expect((await runIn(parts)).finished).toBe(true);
  expect(remains(parts)).toEqual(remains(whole));
  // What is kept is the float32 values behind the grid.
  const stored = storedWeights(compileEvaluation(model).parameters, weights!);
  for (const name of ['embed.table', 'rnn.B', 'hidden.W', 'next.U'])
    expect([name, stored.get(name)!.data]).not.toEqual([name, weights!.get(name)!.data]);
});
