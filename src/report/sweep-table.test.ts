import { expect, it } from 'vitest';
import { type RunResult, rowsOf } from '../sweep/results.js';
import { planText, sweepCsv, sweepMarkdown, sweepText } from './sweep-table.js';

const score = (perplexity: number) => ({ perplexity, nats: Math.log(perplexity), tokens: 100 });
const values = (method: string, seed: string) => [
  { axis: 'method', value: method },
  { axis: 'seed', value: seed },
];
const cost = { parameters: 1234, factor: 5, bytes: 4936, macs: 2000 };
const results: readonly RunResult[] = [
  {
    name: 'a1',
    values: values('hlf(j=1, k=1)', '1'),
    baseline: false,
    state: 'done',
    cost,
    test: score(8),
    seconds: 3,
  },
  {
    name: 'a2',
    values: values('hlf(j=1, k=1)', '2'),
    baseline: false,
    state: 'failed',
    cost,
    reason: 'the loss is NaN',
  },
  { name: 'b1', values: values('small', '1'), baseline: true, state: 'done', cost, test: score(9), seconds: 65 },
  { name: 'kp', values: values('kp', '1'), baseline: false, state: 'skipped', reason: 'no pair | of factors' },
];
const rows = rowsOf(results, 'perplexity', 'bytes');
const axes = ['method', 'seed'];

it('a terminal shows one row for each configuration', () => {
  const lines = sweepText({ rows, axes, metric: 'perplexity', front: 'bytes' }).split('\n');
  expect(lines[0]).toMatch(/^front {2}method +parameters +factor +bytes +multiply-adds/);
  expect(lines[2]).toMatch(/^\* {6}hlf\(j=1, k=1\) +1,234 +5x +4.94 KB +2,000 +8.000 +3.0 s {2}1 of 2 failed$/);
  expect(lines[3]).toMatch(/^ +small .* 9.000 +1 min 5 s {2}baseline$/);
  expect(lines[4]).toMatch(/^ +kp +skipped$/);
  expect(lines[5]).toBe('* on the Pareto front of bytes against test perplexity');
});

it('Markdown escapes what would end a cell, and tells why', () => {
  const text = sweepMarkdown(rows, axes, 'perplexity', 'bytes');
  expect(text).toContain('| \\* | hlf(j=1, k=1) | 1,234 |');
  expect(text).toContain('- failed: method = hlf(j=1, k=1), seed = 2: the loss is NaN');
  expect(text).toContain('- skipped: method = kp, seed = 1: no pair | of factors');
});

it('CSV has a line for each run, numbers as they are', () => {
  const [titles, first, second] = sweepCsv(rows, axes).split('\n');
  expect(titles).toMatch(/^run,method,seed,baseline,state,front,parameters,factor,bytes,multiply_adds,/);
  expect(first).toBe('a1,"hlf(j=1, k=1)",1,false,done,true,1234,5,4936,2000,,8,,,,,,3,');
  expect(second).toMatch(/^a2,.*,failed,true,.*,the loss is NaN$/);
});

it('a plan tells costs, what is skipped, and how long it takes', () => {
  const times = { secondsPerStep: 0.0021, evaluationSeconds: 0.5, seconds: 6.3 };
  const run = { parameters: 1234, bytes: 4936, memory: 2e8, steps: 3000, ...times };
  const runs = [
    { ...run, name: 'a1', state: 'waiting' as const, leftOut: ['sparsity', 'cmr'] },
    { ...run, name: 'b1', state: 'done' as const, leftOut: [] },
  ];
  const skipped = [{ values: values('kp', '1'), reason: 'no pair' }];
  const text = planText({ runs, skipped, jobs: 2, memory: 4e9, seconds: 6.3, measured: 1 });
  expect(text).toMatch(/a1 +1,234 +4.94 KB +200 MB +3,000 +2.10 ms +6.3 s +to do/);
  expect(text).toContain('to do, without sparsity, without cmr');
  expect(text).toMatch(/b1 +1,234 +4.94 KB +done before/);
  expect(text).toContain('skipped: method = kp, seed = 1: no pair');
  expect(text).toContain('1 run to do, 2 at a time within 4.00 GB: about 6.3 s (from 1 measured step');
});
