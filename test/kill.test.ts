/**
 * A run that is stopped or killed in the middle of an epoch and resumed ends with the very bytes of one that was not,
 * on every engine that gives the same bits twice. Doped Kronecker products, co-matrix dropout, a sparsity schedule and
 * Adam: everything that a checkpoint holds is in play.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = resolve(import.meta.dirname, '../dist/cli/main.js');
const program = `model killed {
  tokens = ids(vocab=30)
  embed  = embedding(tokens, 16, dropout=20%)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 30)
}
compress { rnn: dkp(B=4x5, C=6x8) to 4x }
train {
  data       = generated(order=2, vocab=30, tokens=25_000, batch=10, unroll=10)
  optimizer  = adam(clip=5)
  lr         = 0.01
  epochs     = 2
  sparsity   = cubic(from=30 steps, to=1 epoch, every=20 steps)
  regularize = cmr(p=60%, until=sparsity(60%))
}
`;

const started: ChildProcess[] = [];
function start(folder: string, out: string, engine: string): ChildProcess {
  const given = ['train', '--out', out, '--checkpoint-every', '40', '--engine', engine];
  const child = spawn(process.execPath, [main, ...given], { cwd: folder, stdio: 'ignore' });
  started.push(child);
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.on('exit', done));

const lastStep = (metrics: string): number => {
  if (!existsSync(metrics)) return 0;
  const lines = readFileSync(metrics, 'utf8').split('\n').slice(0, -1);
  return lines.length === 0 ? 0 : (JSON.parse(lines.at(-1)!) as { step: number }).step;
};

describe.each(['onnxruntime', 'tfjs-wasm'])('on %s, then resumed: bit-identical', { timeout: 180_000 }, (engine) => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rnnc-kill-'));
    writeFileSync(join(folder, 'killed.cmp'), program);
    expect(await ended(start(folder, 'whole', engine))).toBe(0);
  }, 180_000);
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const)('%s in the middle of an epoch', async (signal, code) => {
    const victim = start(folder, signal, engine);
    const death = ended(victim);
    const metrics = join(folder, signal, 'killed/training/metrics.jsonl');
    // Behind the first checkpoints, in the middle of the first epoch of 250 steps.
    while (lastStep(metrics) < 90) await new Promise((tick) => setTimeout(tick, 5));
    victim.kill(signal);
    expect(await death).toBe(code);
    expect(lastStep(metrics)).toBeLessThan(250);
    expect(existsSync(join(folder, signal, 'killed/weights.safetensors'))).toBe(false);
    expect(await ended(start(folder, signal, engine))).toBe(0);
    for (const name of ['weights.safetensors', 'training/checkpoint.rnnc']) {
      const bytes = (out: string): Buffer => readFileSync(join(folder, out, 'killed', name));
      expect(bytes(signal).equals(bytes('whole')), name).toBe(true);
    }
  });
});

it('goes on when nobody reads what it prints, and writes a checkpoint when its terminal is closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-closed-'));
  try {
    writeFileSync(join(folder, 'killed.cmp'), program);
    const given = [main, 'train', '--out', 'out', '--engine', 'onnxruntime'];
    const child = spawn(process.execPath, given, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    started.push(child);
    const death = ended(child);
    child.stderr.once('data', () => child.stderr.destroy());
    const metrics = join(folder, 'out/killed/training/metrics.jsonl');
    while (lastStep(metrics) < 30 && child.exitCode === null) await new Promise((tick) => setTimeout(tick, 5));
    child.kill('SIGHUP');
    expect(await death).toBe(130);
    expect(existsSync(join(folder, 'out/killed/training/checkpoint.rnnc'))).toBe(true);
    expect(existsSync(join(folder, 'out/killed/training/run.lock'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
