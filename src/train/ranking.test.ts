/** One ranking over several layers while a model trains: masks by hand, exact counts, resuming, the timetable. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { timetableText } from '../report/timetable-text.js';
import { streamKey, uniformAt } from '../tensor/random.js';
import { applyMask, selectLargest } from './masks.js';
import { testFolders } from './test-folders.js';
import { remains, stopAfter } from './test-runs.js';
import { tinyPools, tinyRun, tinyTraining } from './test-support.js';
import { makeTimetable } from './timetable.js';
import { train } from './trainer.js';

const { home } = testFolders();
const [first, second] = tinyPools;
/** 15 of 40 values stay, wherever they lie. */
const pools = [
  { ...first!, layers: ['rnn', 'next'], tensors: [...first!.tensors, ...second!.tensors], elements: 40, kept: 15 },
];

it('keeps other values than a ranking of each layer', () => {
  const matrix = (...data: number[]) => ({ shape: [1, 2, 2], data: Float32Array.from(data) });
  const [small, large] = [matrix(0.1, -0.2, 0.3, 0.4), matrix(-5, 6, 0.35, 7)];
  const masks = (tensors: (typeof small)[], kept: number) => selectLargest(tensors, kept).map(({ data }) => [...data]);
  expect([...masks([small], 2), ...masks([large], 2)]).toEqual([
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ]);
  expect(masks([small, large], 4)).toEqual([
    [0, 0, 0, 1],
    [1, 1, 0, 1],
  ]);
});

it.each([5, 12, 20])('stopped at step %i and resumed is bit-identical, with the exact total', async (steps) => {
  const [whole, parts] = [join(home(), 'whole'), join(home(), 'parts')];
  await train(tinyRun(whole, { pools }));
  await train(tinyRun(parts, { pools, ...stopAfter(steps) }));
  const { weights } = await train(tinyRun(parts, { pools }));
  expect(remains(parts)).toEqual(remains(whole));
  const kept = pools[0]!.tensors.map((name) => weights!.get(name)!.data.filter((v) => v !== 0).length);
  expect(kept.reduce((a, b) => a + b)).toBe(15);
  expect(kept).not.toEqual([6, 9]);
});

it('has one timetable', () => {
  const timetable = makeTimetable(tinyTraining, pools, 9);
  expect(timetable.pools).toMatchObject([{ layers: ['rnn', 'next'], elements: 40, kept: 15 }]);
  expect(timetableText(timetable)).toContain('rnn, next in one ranking: 5 updates of the mask');
});

it('drops no value that is larger than one it keeps, over all tensors', () => {
  for (let round = 0; round < 20; round++) {
    const tensors = [3, 8, 13].map((n) => ({
      shape: [1, 1, n],
      data: Float32Array.from({ length: n }, (_, i) => uniformAt(streamKey(round, `${n}`), i) - 0.5),
    }));
    const kept = Math.floor(uniformAt(streamKey(round, 'kept'), 0) * 25);
    const masked = selectLargest(tensors, kept).map((mask, i) => applyMask(tensors[i]!, mask));
    const least = Math.min(...masked.flatMap(({ data }) => [...data].filter((v) => v !== 0).map(Math.abs)));
    const rest = tensors.flatMap(({ data }, i) => [...data].filter((_, at) => masked[i]!.data[at] === 0));
    expect(masked.reduce((sum, { data }) => sum + data.filter((v) => v !== 0).length, 0)).toBe(kept);
    for (const value of rest) expect(Math.abs(value)).toBeLessThanOrEqual(least);
  }
});
