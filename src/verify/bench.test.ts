import { expect, it } from 'vitest';
import { readTurn, timed } from './bench.js';

it('reads the line of a bench tool, and nothing else', () => {
  expect(readTurn('1234 ns per step (best 1200) over 100\n')).toEqual({ what: 'step', mean: 1234, best: 1200 });
  expect(readTurn('98 ns per run of 50 steps (best 90) over 7')).toEqual({
    what: 'run of 50 steps',
    mean: 98,
    best: 90,
  });
  expect(readTurn('tiny_bench: the weights are damaged')).toBeUndefined();
});

it('takes the best of all turns and the median of their means', () => {
  const turns = [
    { what: 'step', mean: 30, best: 11 },
    { what: 'step', mean: 10, best: 9 },
    { what: 'step', mean: 20, best: 10 },
  ];
  expect(timed('own', turns)).toEqual({ name: 'own', what: 'step', median: 20, best: 9 });
  expect(timed('own', turns.slice(0, 2)).median).toBe(20);
});
