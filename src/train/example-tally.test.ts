import { expect, it } from 'vitest';
import { ExampleTally, firstExamples } from './example-tally.js';

const examples = {
  ids: Int32Array.of(0, 1, 2, 3, 4),
  starts: Int32Array.of(0, 3, 5),
  labels: Int32Array.of(1, 2, 0, 0, 3),
  unseen: ['B-new'],
  unknown: 0,
  origin: 'here',
};
const corpus = { labels: ['O', 'B-x', 'I-x'], perToken: true };
/** Logits that favour one label by log 8: its probability is 8 of 10. */
const row = (label: number): number[] => [0, 1, 2].map((i) => (i === label ? Math.log(8) : 0));

it('adds up likelihood, right labels and chunks', () => {
  const tally = new ExampleTally(corpus, examples);
  tally.add(0, [row(1), row(2), row(1)]);
  tally.add(1, [row(0), row(0)]);
  const score = tally.score();
  // Three of four known labels at 0.8, one at 0.1; the label that training never saw has no likelihood.
  expect(score.nats).toBeCloseTo(-(3 * Math.log(0.8) + Math.log(0.1)) / 4, 12);
  expect(score.perplexity).toBeCloseTo(Math.exp(score.nats), 12);
  expect(score).toMatchObject({ tokens: 5, accuracy: 3 / 5 });
  // Gold: x and new; found: x and another x.
  expect(score.f1).toBeCloseTo(0.5, 15);
});

it('scores one label for each sequence', () => {
  const tally = new ExampleTally(
    { labels: ['a', 'b', 'c'], perToken: false },
    { ...examples, labels: Int32Array.of(1, 2) },
  );
  tally.add(0, [row(1)]);
  tally.add(1, [row(0)]);
  expect(tally.score()).toMatchObject({ tokens: 2, accuracy: 0.5 });
  expect(tally.score().f1).toBeUndefined();
});

it('takes whole examples of the first tokens', () => {
  expect([...firstExamples(examples, 4, true).labels]).toEqual([1, 2, 0]);
  expect([...firstExamples(examples, 1, true).ids]).toEqual([0, 1, 2]);
  expect(firstExamples(examples, 5, true)).toBe(examples);
  expect([...firstExamples({ ...examples, labels: Int32Array.of(7, 8) }, 3, false).labels]).toEqual([7]);
});
