import { describe, expect, it } from 'vitest';
import type { Examples } from './corpus.js';
import { evaluationBatches, exampleBatches, fillExamples, makeExampleBuffers, shuffled } from './example-batches.js';

/** Sequences of these lengths; token t of example i has id 10 i + t and label i. */
function examplesOf(lengths: readonly number[], perToken = true): Examples {
  const starts = [0];
  for (const length of lengths) starts.push(starts.at(-1)! + length);
  const each = lengths.flatMap((length, i) => Array.from({ length }, (_, t) => [10 * i + t, i] as const));
  const labels = perToken ? each.map(([, label]) => label) : lengths.map((_, i) => i);
  return {
    ids: Int32Array.from(each, ([id]) => id),
    starts: Int32Array.from(starts),
    labels: Int32Array.from(labels),
    unseen: [],
    unknown: 0,
    origin: 'here',
  };
}

const options = { batch: 2, buckets: 2, seed: 7, perToken: true };

describe('fillExamples', () => {
  it('pads on the right, time-major, and gives padding no weight', () => {
    const into = makeExampleBuffers(2, 3, true);
    fillExamples(examplesOf([3, 1]), { steps: 3, examples: [0, 1] }, { batch: 2, perToken: true }, into);
    expect([...into.inputs]).toEqual([0, 10, 1, 0, 2, 0]);
    expect([...into.labels]).toEqual([0, 1, 0, 0, 0, 0]);
    expect([...into.weights]).toEqual([0.5, 0.5, 0.5, 0, 0.5, 0]);
    expect([...into.present]).toEqual([1, 1, 1, 0, 1, 0]);
  });

  it('repeats an example without weight where there are too few', () => {
    const into = makeExampleBuffers(3, 2, false);
    const perToken = false;
    fillExamples(examplesOf([2, 2], perToken), { steps: 2, examples: [1, 0] }, { batch: 3, perToken }, into);
    expect([...into.inputs]).toEqual([10, 0, 10, 11, 1, 11]);
    expect([...into.labels]).toEqual([1, 0, 1]);
    expect([...into.weights]).toEqual([0.5, 0.5, 0]);
    expect([...into.present]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe('exampleBatches', () => {
  const lengths = [1, 5, 2, 2, 4, 1, 5, 2, 1];
  const batches = exampleBatches(examplesOf(lengths), options);
  /** Ids of the first tokens of the real rows, for each update. */
  const firsts = (from: number): readonly (readonly number[])[] =>
    Array.from({ length: batches.count }, (_, k) => {
      const into = makeExampleBuffers(2, batches.stepsAt(from + k), true);
      batches.fill(from + k, into);
      return [0, 1].filter((b) => into.weights[b]! > 0).map((b) => into.inputs[b]!);
    });

  it('has two lengths and every example once an epoch', () => {
    expect(batches.sizes).toEqual([2, 5]);
    // Six examples of up to 2 in three batches, three of up to 5 in two.
    expect(batches).toMatchObject({ count: 5, tokens: 23, dropped: 0, batch: 2 });
    for (const epoch of [0, 1, 2]) {
      const seen = firsts(epoch * 5).flat();
      expect([...seen].sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
    }
  });

  it('orders each epoch anew, always the same way', () => {
    expect(firsts(5)).not.toEqual(firsts(0));
    expect(firsts(0)).toEqual(firsts(0));
    const again = exampleBatches(examplesOf(lengths), options);
    expect(Array.from({ length: 10 }, (_, k) => again.stepsAt(k))).toEqual(
      Array.from({ length: 10 }, (_, k) => batches.stepsAt(k)),
    );
  });

  it('evaluates every example once, shortest first', () => {
    const planned = evaluationBatches(examplesOf(lengths), 4, 2);
    expect(planned.map(({ steps }) => steps)).toEqual([2, 2, 5]);
    expect(planned.map(({ examples }) => examples)).toEqual([
      [0, 2, 3, 5],
      [7, 8],
      [1, 4, 6],
    ]);
  });

  it('shuffles to a permutation', () => {
    const values = Array.from({ length: 50 }, (_, i) => i);
    const mixed = shuffled(values, 1, 'x', 0);
    expect(mixed).not.toEqual(values);
    expect([...mixed].sort((a, b) => a - b)).toEqual(values);
    expect(shuffled(values, 1, 'x', 1)).not.toEqual(mixed);
    expect(shuffled(values, 2, 'x', 0)).not.toEqual(mixed);
  });
});
