import { describe, expect, it } from 'vitest';
import { evaluationWindows, fillBatch, fillEvaluation, makeBuffers, planBatches } from './batches.js';
import type { Stream } from './corpus.js';

const stream = (length: number): Stream => ({
  ids: Int32Array.from({ length }, (_, i) => i + 10),
  unknown: 0,
  origin: 'counted',
});

describe('training windows', () => {
  it('are time-major, delayed by one, and start with the start symbol', () => {
    const s = stream(14);
    const plan = planBatches(s, 2, 3);
    expect(plan).toEqual({ batch: 2, steps: 3, rowLength: 7, windows: 2, dropped: 2 });
    const into = makeBuffers(2, 3);
    fillBatch({ stream: s, start: 1 }, plan, 0, into);
    expect([...into.inputs]).toEqual([1, 16, 10, 17, 11, 18]);
    expect([...into.labels]).toEqual([10, 17, 11, 18, 12, 19]);
    fillBatch({ stream: s, start: 1 }, plan, 1, into);
    expect([...into.inputs]).toEqual([12, 19, 13, 20, 14, 21]);
    expect([...into.labels]).toEqual([13, 20, 14, 21, 15, 22]);
  });

  it.each([
    [1, 1, 1],
    [97, 3, 7],
    [650, 20, 5],
    [929_589, 20, 35],
  ])('%i tokens in %i x %i: labels are the covered tokens, once each', (tokens, batch, steps) => {
    const plan = planBatches(stream(tokens), batch, steps);
    expect(plan.windows * batch * steps + plan.dropped).toBe(tokens);
    expect(plan.dropped).toBeLessThan(batch * steps + batch);
  });

  it('counts the windows of PTB as Zaremba does', () => {
    expect(planBatches(stream(929_589), 20, 35).windows).toBe(1327);
    expect(planBatches(stream(929_589), 20, 20).windows).toBe(2323);
  });

  it('refuses a stream shorter than one window', () => {
    expect(() => planBatches(stream(5), 2, 3)).toThrow('counted has 5 tokens, one batch=2 x unroll=3 needs 6');
  });
});

describe('evaluation windows', () => {
  it.each([1, 3, 4, 7, 8])('cover all %i tokens', (tokens) => {
    const s = stream(tokens);
    const into = makeBuffers(1, 4);
    const labels: number[] = [];
    const inputs: number[] = [];
    for (let k = 0; k < evaluationWindows(s, 4); k++) {
      const real = fillEvaluation({ stream: s, start: 2 }, k, into);
      labels.push(...into.labels.subarray(0, real));
      inputs.push(...into.inputs.subarray(0, real));
      expect([...into.labels.subarray(real)].every((id) => id === 0)).toBe(true);
    }
    expect(labels).toEqual([...s.ids]);
    expect(inputs).toEqual([2, ...s.ids.subarray(0, -1)]);
  });
});
