import { describe, expect, it } from 'vitest';
import { lengthOf, nextJob, runJobs } from './pool.js';
import { type RunResult, rowsOf, spreadOf } from './results.js';

const job = (name: string, memory: number, seconds = 1) => ({ name, memory, seconds });
type Job = ReturnType<typeof job>;

/** Starts jobs and ends them by hand; what ran at each moment. */
async function traced(jobs: readonly Job[], limits: { jobs: number; memory: number }, stopAfter = Number.MAX_VALUE) {
  const running = new Set<string>();
  const moments: string[] = [];
  let ended = 0;
  const start = async ({ name }: Job): Promise<void> => {
    running.add(name);
    moments.push([...running].join('+'));
    await new Promise((done) => setImmediate(done));
    running.delete(name);
    ended++;
  };
  await runJobs(jobs, limits, start, () => ended >= stopAfter);
  return moments;
}

describe('jobs', () => {
  it('run side by side up to their number', async () => {
    const jobs = ['a', 'b', 'c'].map((name) => job(name, 1));
    expect(await traced(jobs, { jobs: 2, memory: 100 })).toEqual(['a', 'a+b', 'b+c']);
    expect(await traced(jobs, { jobs: 1, memory: 100 })).toEqual(['a', 'b', 'c']);
    expect(await traced([], { jobs: 1, memory: 100 })).toEqual([]);
  });

  it('wait for memory, and smaller ones go first meanwhile', async () => {
    const jobs = [job('large', 8), job('larger', 9), job('small', 2)];
    expect(await traced(jobs, { jobs: 3, memory: 10 })).toEqual(['large', 'large+small', 'larger']);
    expect(nextJob([job('x', 5)], [job('y', 6)], { jobs: 2, memory: 10 })).toBeUndefined();
  });

  it('are not started any more once stopped', async () => {
    const jobs = ['a', 'b', 'c'].map((name) => job(name, 1));
    expect(await traced(jobs, { jobs: 1, memory: 1 }, 1)).toEqual(['a']);
  });

  it('pass on what goes wrong with the scheduler itself', async () => {
    const fails = runJobs([job('a', 1)], { jobs: 1, memory: 1 }, () => Promise.reject(new Error('broken')));
    await expect(fails).rejects.toThrow('broken');
  });

  it('have a length together', () => {
    const jobs = [job('a', 1, 5), job('b', 1, 3), job('c', 1, 4), job('d', 1, 1)];
    expect(lengthOf(jobs, { jobs: 1, memory: 9 })).toBe(13);
    // a 0-5, b 0-3, c 3-7, d 5-6.
    expect(lengthOf(jobs, { jobs: 2, memory: 9 })).toBe(7);
    expect(lengthOf(jobs, { jobs: 4, memory: 1 })).toBe(13);
    expect(lengthOf([], { jobs: 4, memory: 1 })).toBe(0);
  });
});

describe('rows', () => {
  const run = (method: string, seed: number, bytes: number, perplexity: number | undefined): RunResult => ({
    name: `${method}_${seed}`,
    values: [
      { axis: 'method', value: method },
      { axis: 'seed', value: String(seed) },
    ],
    baseline: false,
    state: perplexity === undefined ? 'failed' : 'done',
    cost: { parameters: bytes, factor: 1, bytes, macs: 100 - bytes },
    ...(perplexity === undefined ? {} : { test: { perplexity, nats: Math.log(perplexity), tokens: 9, accuracy: 0.5 } }),
  });
  const results = [
    run('a', 1, 10, 5),
    run('a', 2, 10, 7),
    run('b', 1, 20, 6),
    run('c', 1, 30, 4),
    run('d', 1, 5, undefined),
  ];

  it('take seeds together: mean and deviation of the sample', () => {
    const [a, b] = rowsOf(results, 'perplexity', 'bytes');
    expect(a!.test).toEqual({ mean: 6, deviation: Math.SQRT2 });
    expect(b!.test).toEqual({ mean: 6, deviation: undefined });
    expect(a!.runs).toHaveLength(2);
    expect(spreadOf([])).toBeUndefined();
  });

  it('mark what no other row beats', () => {
    const front = (by: 'bytes' | 'macs') =>
      rowsOf(results, 'perplexity', by).flatMap((r) => (r.front ? r.values[0]!.value : []));
    // b costs more than a and is no better; d has failed.
    expect(front('bytes')).toEqual(['a', 'c']);
    // By multiply-adds c is the cheapest and the best.
    expect(front('macs')).toEqual(['c']);
  });

  it('turn the front around where more is better', () => {
    const better = results.map((r) => (r.name === 'b_1' ? { ...r, test: { ...r.test!, accuracy: 0.9 } } : r));
    const front = rowsOf(better, 'accuracy', 'bytes').flatMap((r) => (r.front ? r.values[0]!.value : []));
    expect(front).toEqual(['a', 'b']);
  });
});
