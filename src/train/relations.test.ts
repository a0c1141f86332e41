import { expect, it } from 'vitest';
import { areRelations, RelationTally } from './relations.js';

const tallied = (pairs: readonly (readonly [gold: string, found: string, times: number])[]): number => {
  const tally = new RelationTally();
  for (const [gold, found, times] of pairs) for (let i = 0; i < times; i++) tally.add(gold, found);
  return tally.f1();
};

it('takes both directions as one relation, and the wrong one as wrong', () => {
  // P = 2 / (2 + 1), R = 2 / 6: as the scorer's own first example has it.
  const effects = [
    ['Cause-Effect(e1,e2)', 'Cause-Effect(e1,e2)', 1],
    ['Cause-Effect(e2,e1)', 'Cause-Effect(e2,e1)', 1],
    ['Cause-Effect(e1,e2)', 'Cause-Effect(e2,e1)', 1],
    ['Cause-Effect(e1,e2)', 'Other', 3],
  ] as const;
  expect(tallied(effects)).toBeCloseTo(0.4444, 4);
});

it('leaves Other out, and averages over the relations of the data', () => {
  const pairs = [
    ['Entity-Destination(e1,e2)', 'Entity-Destination(e1,e2)', 1],
    ['Entity-Destination(e1,e2)', 'Other', 1],
    ['Content-Container(e1,e2)', 'Other', 1],
    ['Other', 'Other', 5],
    ['Other', 'Message-Topic(e2,e1)', 1],
  ] as const;
  // 2/3 and 0; Message-Topic is only said.
  expect(tallied(pairs)).toBeCloseTo(1 / 3, 12);
  // What is said of others makes a relation less precise.
  expect(tallied([...pairs, ['Other', 'Entity-Destination(e2,e1)', 1]])).toBeCloseTo(1 / 4, 12);
});

it('is nothing without a relation, and tells relations from other labels', () => {
  expect(tallied([['Other', 'Other', 3]])).toBe(0);
  expect(areRelations(['Other', 'A-B(e1,e2)', 'A-B(e2,e1)'])).toBe(true);
  expect(areRelations(['A-B(e1,e2)'])).toBe(true);
  expect(areRelations(['Other'])).toBe(false);
  expect(areRelations(['A-B(e1,e2)', 'flight'])).toBe(false);
});
