/** `rnnc schedule` as a user runs it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './support/run-cli.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-schedule-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const write = (train: string): void =>
  writeFileSync(
    join(root, 'tiny.cmp'),
    `language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 7)
  next   = softmax(embed, 9)
}
compress { next: prune(sparsity=50%) }
train {
  data = generated(order=1, vocab=9, tokens=300, batch=2, unroll=3)
  ${train}
}
`,
  );

it('reads the data for the number of steps, and prints the timetable', async () => {
  write('epochs = 2\n sparsity = linear(to=60 steps, every=20 steps)');
  const { code, out } = await runCli(root, ['schedule', 'tiny.cmp']);
  expect(code).toBe(0);
  expect(out).toMatch(/^100 steps, 50 in an epoch\n/);
  expect(out).toContain('32 of 63 values (sparsity 49%) from the update at step 60 on; 40 steps of training follow');
});

it('prints JSON', async () => {
  write('epochs = 2\n sparsity = linear(to=60 steps, every=20 steps)');
  const { code, out } = await runCli(root, ['schedule', 'tiny.cmp', '--steps-per-epoch', '40', '--format', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ steps: 80, pools: [{ layers: ['next'], kept: 32, reachedAt: 60 }] });
});

it('refuses a schedule that ends after the run', async () => {
  write('epochs = 2\n sparsity = linear(to=60 steps)');
  const { code, err } = await runCli(root, ['schedule', 'tiny.cmp', '--steps-per-epoch', '29']);
  expect(code).toBe(1);
  expect(err).toContain('error[train/ends-late]: the schedule ends at 60 steps, the run after 58 steps');
});
