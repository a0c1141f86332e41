/**
 * A sweep as a researcher meets it: the plan, a run that fails beside others that do not, and one that is killed or
 * interrupted in the middle and goes on to the very results of one that was not. Runs are processes: seconds each.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './support/run-cli.js';

const main = resolve(import.meta.dirname, '../dist/cli/main.js');
const program = (sweep: string, epochs = 1): string => `model tiny {
  tokens = ids(vocab=20)
  embed  = embedding(tokens, 8)
  rnn    = lstm(embed, 12)
  next   = softmax(rnn, 20)
}
compress { rnn: lmf to 3x }
train {
  data      = generated(order=1, vocab=20, tokens=4_000, batch=5, unroll=8)
  optimizer = adam(clip=5)
  lr        = 0.01
  epochs    = ${epochs}
}
sweep {
  ${sweep}
}
`;

const folders: string[] = [];
const started: ChildProcess[] = [];
function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-sweep-'));
  folders.push(folder);
  writeFileSync(join(folder, 'tiny.cmp'), text);
  return folder;
}
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const sweep = (folder: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [main, 'sweep', ...args], { cwd: folder, encoding: 'utf8' });
const sweptIn = (folder: string, ...path: readonly string[]): string => join(folder, 'build/tiny/sweep', ...path);
const read = (folder: string, ...path: readonly string[]): string => readFileSync(sweptIn(folder, ...path), 'utf8');

describe('the plan', () => {
  it('names every run with its cost, and trains nothing', async () => {
    const folder = folderWith(program('method = [lmf, prune]\n to = [3x, 12x]\n seed = [1, 2]'));
    const { code, out, err } = await runCli(folder, ['sweep', '--dry-run', '--jobs', '2', '--memory', '2 GB']);
    expect(code).toBe(0);
    expect(out).toMatch(/lmf_3x_seed1 +\d[\d,]* +[\d.]+ KB +\d+ MB +100 +[\d.]+ ms +\d[\d.]* m?s +to do/);
    expect(out).toMatch(/skipped: method = lmf, to = 12x: .*\d+\.\d+x, not 12x/);
    expect(out).toMatch(/6 runs to do, 2 at a time within 2\.00 GB: about .* \(from 2 measured steps/);
    expect(err).toContain('warning[sweep/skipped]');
    expect(existsSync(join(folder, 'build'))).toBe(false);
  });

  it('is data with --format json, with baselines behind it', async () => {
    const folder = folderWith(program('seed = [1]'));
    const { out } = await runCli(folder, ['sweep', '--dry-run', '--format', 'json', '--baselines', 'all']);
    interface Planned {
      readonly name: string;
      readonly memory: number;
      readonly steps: number;
      readonly secondsPerStep: number;
      readonly evaluationSeconds: number;
      readonly seconds: number;
    }
    const { runs } = JSON.parse(out) as { runs: readonly Planned[] };
    expect(runs.map(({ name }) => name)).toEqual(['as-written_seed1', 'small_seed1', 'prune_seed1', 'dense_seed1']);
    for (const { memory, steps, secondsPerStep, evaluationSeconds, seconds } of runs) {
      expect(Math.min(memory, secondsPerStep, evaluationSeconds)).toBeGreaterThan(0);
      // A second for the process to start.
      expect(seconds).toBeCloseTo(1 + steps * secondsPerStep + evaluationSeconds, 9);
    }
  });

  it.each([
    [['--baselines', 'smal'], 2, /--baselines smal is not known .*`small`/],
    [['--memory', 'much'], 2, /--memory much is not a size .*4 GB/],
    [['--jobs', '0'], 2, /--jobs 0 is not a positive integer/],
    [['--front', 'size'], 2, /--front size is not known/],
    [['--run', 'lm_3x'], 2, /the sweep has no run lm_3x .*`lmf_3x`/],
  ])('refuses %j', async (args, code, message) => {
    const folder = folderWith(program('method = [lmf]\n to = [3x]'));
    const result = await runCli(folder, ['sweep', ...args]);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toMatch(message);
  });

  it('needs a sweep', async () => {
    const folder = folderWith(program('seed = [1]').replace(/sweep \{[^}]*\}/, ''));
    const result = await runCli(folder, ['sweep']);
    expect(result.code).toBe(3);
    expect(result.err).toMatch(/has no `sweep` block \[program\/no-sweep-block\]/);
  });
});

describe('the runs', { timeout: 180_000 }, () => {
  it('are one table; one that fails is named and loses no other; what is done is skipped', () => {
    const folder = folderWith(program('lr = [0.01, 1e30]'));
    const first = sweep(folder, '--jobs', '2', '--threads', '1');
    expect(first.status, first.stderr).toBe(3);
    expect(first.stderr).toMatch(/rnnc: lr1e30 failed: .*(finite|NaN).*\(build\/tiny\/sweep\/lr1e30\/log.txt\)/);
    expect(first.stdout).toMatch(/^\* +0\.01 +\d/m);
    expect(first.stdout).toMatch(/1e30 .*failed$/m);
    expect(read(folder, 'table.csv').trim().split('\n')).toHaveLength(3);
    expect(read(folder, 'table.md')).toMatch(/- failed: lr = 1e30: /);
    const table = JSON.parse(read(folder, 'table.json')) as { rows: { front: boolean; runs: { state: string }[] }[] };
    expect(table.rows.map(({ front, runs }) => [front, ...runs.map((r) => r.state)])).toEqual([
      [true, 'done'],
      [false, 'failed'],
    ]);

    const kept = read(folder, 'lr0.01', 'result.json');
    writeFileSync(join(folder, 'tiny.cmp'), `// a comment\n${program('lr = [0.01, 0.02]')}`);
    const second = sweep(folder, '--threads', '1');
    expect(second.status, second.stderr).toBe(0);
    expect(second.stderr).toMatch(/lr0\.01 .*done before/);
    expect(second.stderr).not.toContain('started lr0.01');
    expect(second.stderr).toContain('started lr0.02');
    expect(read(folder, 'lr0.01', 'result.json')).toBe(kept);

    writeFileSync(join(folder, 'tiny.cmp'), program('lr = [0.01, 0.02]', 2));
    const dry = sweep(folder, '--dry-run');
    expect(dry.stdout).toContain('2 runs to do');
  });

  /** Steps that the log of a run has reached. */
  const stepsOf = (folder: string, run: string): number => {
    const log = sweptIn(folder, run, 'training/metrics.jsonl');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
    return lines.length === 0 ? 0 : (JSON.parse(lines.at(-1)!) as { step: number }).step;
  };
  const long = program('method = [lmf]', 12);
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('go on after kill -9 and after Ctrl-C to the weights of a sweep that was never stopped', async () => {
    const whole = folderWith(long);
    expect(sweep(whole, '--quiet').status).toBe(0);
    const folder = folderWith(long);
    for (const [signal, code, step] of [
      ['SIGKILL', null, 60],
      ['SIGINT', 130, 250],
    ] as const) {
      const given = [main, 'sweep', '--checkpoint-every', '50'];
      const child = spawn(process.execPath, given, { cwd: folder, stdio: 'ignore' });
      started.push(child);
      const ended = new Promise<number | null>((done) => child.on('exit', done));
      while (stepsOf(folder, 'lmf') < step) await new Promise((tick) => setTimeout(tick, 5));
      const pid = Number(readFileSync(sweptIn(folder, 'lmf/training/run.lock'), 'utf8').split(' ')[0]);
      child.kill(signal);
      expect(await ended).toBe(code);
      while (isAlive(pid)) await new Promise((tick) => setTimeout(tick, 5));
      expect(existsSync(sweptIn(folder, 'lmf/result.json'))).toBe(false);
    }
    const again = sweep(folder);
    expect(again.status, again.stderr).toBe(0);
    const weights = (of: string): Buffer => readFileSync(sweptIn(of, 'lmf/weights.safetensors'));
    expect(weights(folder).equals(weights(whole))).toBe(true);
    expect(read(folder, 'lmf/log.txt').match(/resumed at step/g)).toHaveLength(2);
    expect(readdirSync(sweptIn(folder)).sort()).toEqual(['lmf', 'table.csv', 'table.json', 'table.md']);
  });

  it('that need more memory than there is are not started', () => {
    const folder = folderWith(program('method = [lmf]'));
    const result = sweep(folder, '--memory', '10 MB');
    expect(result.status).toBe(3);
    expect(result.stderr).toMatch(/lmf failed: needs 1\d\d MB of memory, the sweep may take 10\.0 MB/);
  });
});
