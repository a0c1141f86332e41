/** A run that is killed in the middle of an epoch and resumed ends with the very bytes of one that was not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const main = resolve(import.meta.dirname, '../dist/cli/main.js');
const program = `model killed {
  tokens = ids(vocab=30)
  embed  = embedding(tokens, 16, dropout=20%)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 30)
}
compress { rnn: dkp(B=4x5, C=6x8) to 4x }
train {
  data       = generated(order=2, vocab=30, tokens=60_000, batch=10, unroll=10)
  optimizer  = adam(clip=5)
  lr         = 0.01
  epochs     = 2
  sparsity   = cubic(from=50 steps, to=1 epoch, every=20 steps)
  regularize = cmr(p=60%, until=sparsity(60%))
}
`;

const start = (folder: string, out: string): ChildProcess =>
  spawn(process.execPath, [main, 'train', '--out', out, '--checkpoint-every', '40'], { cwd: folder, stdio: 'ignore' });

const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.on('exit', done));

const lastStep = (metrics: string): number => {
  if (!existsSync(metrics)) return 0;
  const lines = readFileSync(metrics, 'utf8').split('\n').slice(0, -1);
  return lines.length === 0 ? 0 : (JSON.parse(lines.at(-1)!) as { step: number }).step;
};

it('kill -9 in the middle of an epoch, then resume: bit-identical weights', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-kill-'));
  try {
    writeFileSync(join(folder, 'killed.cmp'), program);
    expect(await ended(start(folder, 'whole'))).toBe(0);
    const victim = start(folder, 'cut');
    const death = ended(victim);
    const metrics = join(folder, 'cut/killed/training/metrics.jsonl');
    // Steps 150 to 600 are in the middle of the first epoch, behind the first checkpoints.
    while (lastStep(metrics) < 150) await new Promise((tick) => setTimeout(tick, 5));
    victim.kill('SIGKILL');
    await death;
    expect(lastStep(metrics)).toBeLessThan(600);
    expect(existsSync(join(folder, 'cut/killed/weights.safetensors'))).toBe(false);
    expect(await ended(start(folder, 'cut'))).toBe(0);
    const weights = (out: string): Buffer => readFileSync(join(folder, out, 'killed/weights.safetensors'));
    expect(weights('cut').equals(weights('whole'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
