/**
 * Perplexity = exp(mean negative log-likelihood) over every token, one stream from zero state, the end of a line before
 * the first: one step at a time through the oracle, against both engines and the built C.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileEvaluation } from '../src/compile.js';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import { lowerPrediction } from '../src/lower/training.js';
import { size } from '../src/tensor/shape.js';
import { evaluatePerplexity } from '../src/train/evaluate.js';
import { runBuilt } from '../src/verify/run-built.js';
import { missingTools, runsUnattended, toolchainsOf } from '../src/verify/toolchain.js';
import { modelOf } from './support/check-text.js';
import { emitTo } from './support/emitted-programs.js';
import { prunedWeights } from './support/program-checks.js';

const model = modelOf(`language 1
model tiny {
  tokens = ids(vocab=11)
  embed  = embedding(tokens, 5, dropout=50%)
  rnn    = lstm(embed, 6, layers=2)
  next   = softmax(rnn, 11)
}
compress {
  rnn.1: dkp(B=3x11, C=2x1, sparsity=70%)
  rnn.2.recurrent.{i,o}: lmf(r=2)
}
train {
  data       = generated(order=1, vocab=11, tokens=600, batch=2, unroll=7)
  init       = uniform(1)
  epochs     = 1
  sparsity   = cubic(to=9 steps)
  regularize = cmr(p=50%)
}
emit c { activation = exact }`);
const pruned = prunedWeights(model, 3);
const start = 4;
/** 23 = 3 * 7 + 2: the last window of 7 steps is mostly empty. */
const ids = Int32Array.from({ length: 23 }, (_, i) => (i * i + 3 * i) % 11);

/** Each token's probability by a graph of one step, its state fed back. */
function byHand(): number {
  const { graph, carried } = lowerPrediction(model, { steps: 1, batch: 1 });
  const feed: Record<string, Feed[string]> = {};
  for (const [name, { shape, data }] of pruned.weights) feed[name] = { shape, data: Float64Array.from(data) };
  for (const { name, shape } of carried) feed[name] = { shape, data: new Float64Array(size(shape)) };
  let nats = 0;
  ids.forEach((id, t) => {
    feed['data.tokens'] = { shape: [1], data: Int32Array.of(t === 0 ? start : ids[t - 1]!) };
    const outputs = evaluate(graph, feed);
    nats -= Math.log(outputs['value.next']!.data[id]!);
    for (const { name } of carried) feed[name] = outputs[`${name}.next`]!;
  });
  return Math.exp(nats / ids.length);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rnnc-perplexity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const expected = byHand();

it('is far from that of knowing nothing', () => {
  expect(Math.abs(expected / 11 - 1)).toBeGreaterThan(0.01);
});

it.for(['onnxruntime', 'tfjs-wasm'])('by %s', async (name) => {
  const engine = findEngine(name)!;
  expect((await engine.available()).available).toBe(true);
  const stream = { ids, unknown: 0, origin: 'test' };
  const graph = compileEvaluation(model);
  expect(graph.steps).toBe(7);
  const score = await evaluatePerplexity({ graph, engine, threads: 1, weights: pruned.weights, stream, start });
  expect(score!.tokens).toBe(23);
  expect(Math.abs(score!.perplexity / expected - 1)).toBeLessThan(1e-6);
});

it('by the built C', { timeout: 240_000 }, async ({ skip }) => {
  const anyMissing = toolchainsOf('native').every((toolchain) => missingTools(toolchain).length > 0);
  if (anyMissing && !runsUnattended()) skip('no compiler');
  await emitTo(folder, model, pruned, { target: 'c', linked: false });
  const result = await runBuilt(folder, 'native', Int32Array.from([start, ...ids]), { kind: 'nll' });
  expect(result.kind === 'nll' && result.tokens).toBe(23);
  expect(Math.abs((result.kind === 'nll' ? result.perplexity : 0) / expected - 1)).toBeLessThan(1e-6);
});
