import { describe, expect, it } from 'vitest';
import type { Stream } from '../data/corpus.js';
import { evaluatePerplexity } from './evaluate.js';
import { filled, initialWeights } from './initialize.js';
import { oracleEngine, tinyEvaluation } from './test-support.js';

const stream = (...ids: number[]): Stream => ({ ids: Int32Array.from(ids), unknown: 0, origin: 'test' });
const uniform = new Map(tinyEvaluation(1).parameters.map(({ name, shape }) => [name, filled(shape, 0)]));
const base = { engine: oracleEngine(), threads: 1, start: 0 };

describe('evaluatePerplexity', () => {
  it('of a model that knows nothing is the number of words', async () => {
    const score = await evaluatePerplexity({
      ...base,
      graph: tinyEvaluation(3),
      weights: uniform,
      stream: stream(1, 5),
    });
    expect(score?.perplexity).toBeCloseTo(6, 5);
    expect(score?.tokens).toBe(2);
  });

  it('is exp of the mean over every token: by hand for a model that sees only its bias', async () => {
    const b = [0.5, 1, -1, 0, 2, 0.25];
    const weights = new Map([...uniform, ['next.b', { shape: [6], data: Float32Array.from(b) }]]);
    const ids = [3, 3, 1, 4, 0, 2, 5];
    const total = Math.log(b.reduce((sum, v) => sum + Math.exp(v), 0));
    const mean = ids.reduce((sum, id) => sum + total - b[id]!, 0) / ids.length;
    const score = await evaluatePerplexity({ ...base, graph: tinyEvaluation(4), weights, stream: stream(...ids) });
    expect(score?.nats).toBeCloseTo(mean, 6);
  });

  it('carries state over windows and drops nothing: every window size gives the same', async () => {
    const weights = initialWeights(tinyEvaluation(1).parameters, 3);
    const ids = stream(1, 2, 3, 4, 5, 0, 1, 1, 2, 3, 5, 0, 4);
    const perplexities: number[] = [];
    for (const steps of [1, 2, 5, 13, 20]) {
      const score = await evaluatePerplexity({ ...base, graph: tinyEvaluation(steps), weights, stream: ids });
      perplexities.push(score!.perplexity);
    }
    for (const p of perplexities) expect(p / perplexities[0]! - 1).toBeCloseTo(0, 6);
  });

  it('the token before the first is `start`', async () => {
    const weights = initialWeights(tinyEvaluation(1).parameters, 3);
    const run = { ...base, graph: tinyEvaluation(2), weights, stream: stream(1) };
    const [a, b] = [await evaluatePerplexity(run), await evaluatePerplexity({ ...run, start: 4 })];
    expect(a!.nats).not.toBe(b!.nats);
  });

  it('stops when asked, stays finite where the loss is, and refuses what is not', async () => {
    const run = { ...base, graph: tinyEvaluation(2), stream: stream(1, 2, 3) };
    const stopped = evaluatePerplexity({ ...run, weights: uniform, hooks: { shouldStop: () => true } });
    expect(await stopped).toBeUndefined();
    const hopeless = new Map([...uniform, ['next.b', { shape: [6], data: Float32Array.of(1e4, 0, 0, 0, 0, 0) }]]);
    expect((await evaluatePerplexity({ ...run, weights: hopeless }))?.perplexity).toBe(Number.MAX_VALUE);
    const nan = new Map([...uniform, ['next.b', filled([6], Number.NaN)]]);
    await expect(evaluatePerplexity({ ...run, weights: nan })).rejects.toThrow('the loss on test is NaN');
  });
});
