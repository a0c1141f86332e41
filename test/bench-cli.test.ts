/** `rnnc verify --runner` and `rnnc bench` from the command line, with a runner that is this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchLines } from '../src/cli/commands/bench.js';
import { missingTools, runsUnattended, toolchainsOf } from '../src/verify/toolchain.js';
import { runCli } from './support/run-cli.js';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-bench-'));
  const text = `language 1
model tiny {
  tokens = ids(vocab=11)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 9)
  next   = softmax(rnn, 11)
}
compress { rnn: lmf(r=2) }
emit c {}
`;
  writeFileSync(join(root, 'tiny.cmp'), text);
  expect(await runCli(root, ['emit', '--untrained', '--quiet'])).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const noCompiler = (): boolean => missingTools(toolchainsOf('native')[0]!).length > 0 && !runsUnattended();

describe('rnnc bench', () => {
  it('times the model in turns with its uncompressed self', { timeout: 60_000 }, async ({ skip }) => {
    if (noCompiler()) skip('gcc not installed');
    const args = ['bench', '--on', 'native', '--runner', 'sh -c', '--rounds', '2', '--steps', '3', '--format', 'json'];
    const { code, out } = await runCli(root, args);
    expect(code).toBe(0);
    const { timing, counted } = JSON.parse(out) as {
      timing: { rounds: number; steps: number; rows: { name: string; what: string; best: number; median: number }[] };
      counted: unknown[];
    };
    expect(timing).toMatchObject({ rounds: 2, steps: 3 });
    expect(timing.rows.map(({ name, what }) => `${name} ${what}`)).toEqual([
      'tiny step',
      'tiny step of a run of 24',
      'uncompressed step',
      'uncompressed step of a run of 24',
    ]);
    for (const { best, median } of timing.rows) expect(median).toBeGreaterThanOrEqual(best);
    expect(counted).toEqual([]);
  });

  it('prints a time of a model only beside its name and the clock that was stated', () => {
    const modelled = [{ core: 'cortex-a53' as const, cycles: 14_000, unread: 0.25 }];
    const row = { name: 'tiny', instructions: 9000, loadBytes: 8000, storeBytes: 700, firstMisses: 6, secondMisses: 0 };
    const results = { timing: undefined, counted: [{ ...row, modelled }], skipped: ['said'] };
    expect(benchLines(results, undefined)).toEqual([
      'counted on AArch64 per step, caches of 32 KB and 512 KB:',
      '  tiny: 9,000 instructions, 8,000 bytes loaded, 700 stored, 6 and 0 lines missed',
      '    cortex-a53 model: 14,000 cycles, core-bound; 25.0% of the instructions unknown to it',
      'said',
    ]);
    expect(benchLines(results, 1.4)[2]).toContain(
      '14,000 cycles, core-bound, modelled 10.00 us by the cortex-a53 model at 1.4 GHz',
    );
  });

  it('refuses what it cannot do in one line', async () => {
    const failed = async (...args: string[]) => (await runCli(root, ['bench', ...args])).err.trim();
    expect(await failed('--clock', 'fast')).toMatch(/--clock fast is no frequency in GHz/);
    expect(await failed('--runner', 'ssh board')).toMatch(/--runner needs --on/);
    expect(await failed('--out', 'elsewhere')).toMatch(/has no emitted c to measure/);
  });
});

describe('rnnc verify', () => {
  it('goes to another machine by its runner', { timeout: 60_000 }, async ({ skip }) => {
    if (noCompiler()) skip('gcc not installed');
    const args = ['verify', '--on', 'native', '--runner', 'sh -c', '--sequences', '3', '--format', 'json'];
    const { code, out } = await runCli(root, args);
    expect(code).toBe(0);
    const { reports } = JSON.parse(out) as {
      reports: { targets: { status: string; random?: { values: number } }[] }[];
    };
    const ran = reports[0]!.targets.filter(({ status }) => status === 'passed');
    expect(ran.length).toBeGreaterThan(0);
    for (const { random } of ran) expect(random!.values).toBeGreaterThan(0);
    expect((await runCli(root, ['verify', '--runner', 'ssh board'])).err).toMatch(/--runner needs --on/);
    const lost = await runCli(root, ['verify', '--on', 'native', '--runner', 'no-such-runner']);
    expect(lost.code).toBe(3);
    expect(lost.err).toMatch(/the runner `no-such-runner` cannot be run/);
  });
});
