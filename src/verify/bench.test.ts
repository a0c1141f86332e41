import { expect, it } from 'vitest';
import { readTurns, timed } from './bench.js';

it('reads the lines of a bench tool, and nothing else', () => {
  const step = '1234 ns per step (best 1200) over 100\n';
  expect(readTurns(`${step}900 ns per step of a run of 24 (best 890) over 120\n`)).toEqual([
    { what: 'step', mean: 1234, best: 1200 },
    { what: 'step of a run of 24', mean: 900, best: 890 },
  ]);
  expect(readTurns('98 ns per run of 50 steps (best 90) over 7')).toEqual([
    { what: 'run of 50 steps', mean: 98, best: 90 },
  ]);
  expect(readTurns('tiny_bench: the weights are damaged')).toEqual([]);
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
