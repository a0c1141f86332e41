import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  classifier,
  doped,
  emitInput,
  languageModel,
  type TinyPlan,
  twoOutputs,
  wideSparse,
} from '../../test/support/tiny-plans.js';
import { runPlan } from '../lower/plan-runner.js';
import { emitFamily } from '../targets/c-family/emit-family.js';
import type { EmitInput } from '../targets/c-family/emit-input.js';
import { compileTool, obstacleOf, openProgram, runTool } from './program.js';
import { runBuilt } from './run-built.js';
import { hostIsArm, missingTools, runProcess, runsUnattended, toolchainsOf, type VerifyTarget } from './toolchain.js';
import { boundFailure, readMeasured, type VerifyOptions, type VerifyReport, verifyBuild } from './verify.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
/** Writes an emitted program; `linked` keeps its weights in a file of their own. */
async function write(input: EmitInput, linked = false): Promise<string> {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  const tier = input.options.target === 'neon' ? 'neon' : 'c';
  for (const { path, contents } of emitFamily(input, tier, linked ? 0 : undefined))
    await writeFile(join(folder, path), contents);
  return folder;
}

/** Why a target cannot be verified here; on a machine without a person at it, tools may not be missing. */
async function missing(folder: string, targets: readonly VerifyTarget[]): Promise<string | undefined> {
  const program = await openProgram(folder);
  const reasons = targets.flatMap(toolchainsOf).flatMap((toolchain) => obstacleOf(program, toolchain)?.reason ?? []);
  return runsUnattended() || reasons.length === 0 ? undefined : reasons.join('; ');
}

type Skip = (reason: string) => void;
async function verified(folder: string, options: VerifyOptions, skip: Skip): Promise<VerifyReport> {
  const reason = await missing(folder, options.targets);
  if (reason !== undefined) skip(reason);
  return verifyBuild(folder, options);
}

const programs: readonly (readonly [string, () => TinyPlan, 'exact' | 'std' | 'fast', boolean])[] = [
  ['dense gates of 13 units', () => languageModel(33, 7, 13), 'exact', false],
  ['one unit', () => languageModel(2, 1, 1), 'std', false],
  ['Kronecker products in both orders, sparse overlays, linked weights', () => doped(29, 0.2), 'std', true],
  ['overlays of which some rows are empty', () => doped(7, 0.002), 'fast', false],
  ['two outputs of features', () => twoOutputs(7, 33), 'std', false],
  ['column numbers of 32 bits', wideSparse, 'std', true],
  ['one output per sequence, three inputs', () => classifier(18, 5), 'exact', false],
];

const allPassed = (report: VerifyReport): void => {
  expect(report.targets.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(report.passed).toBe(true);
};

describe('emitted programs pass their self-test', () => {
  it('meet column numbers of 32 bits in products of many steps', () => {
    const plan = wideSparse().plan('tiny');
    expect(plan.run!.steps).toBe(4);
    expect(plan.run!.outputs.flatMap((call) => ('kept' in call ? [[call.kind, call.columns > 65_535]] : []))).toEqual([
      ['sliced', true],
      ['sparse', true],
    ]);
  });

  it.for(programs)('c, natively: %s', { timeout: 240_000 }, async ([, make, activation, linked], { skip }) => {
    const folder = await write(emitInput(make(), 'tiny', 'c', activation), linked);
    allPassed(await verified(folder, { targets: ['native'], sanitize: true }, skip));
  });

  it.for(programs)('neon, emulated: %s', { timeout: 240_000 }, async ([, make, activation, linked], { skip }) => {
    const folder = await write(emitInput(make(), 'tiny', 'neon', activation), linked);
    allPassed(await verified(folder, { targets: ['aarch64', 'arm'] }, skip));
  });

  it('c, emulated', { timeout: 240_000 }, async ({ skip }) => {
    const folder = await write(emitInput(doped(29, 0.2), 'tiny', 'c', 'exact'));
    allPassed(await verified(folder, { targets: ['aarch64', 'arm'] }, skip));
  });
});

it('words of a C table find their ids', { timeout: 240_000 }, async ({ skip }) => {
  const input = emitInput(languageModel(5, 3, 5), 'tiny', 'c', 'std');
  const words = ['<eos>', 'für', 'a "b"', 'zoë', 'a'];
  const folder = await write({ ...input, words, options: { ...input.options, vocabulary: 'c' } });
  allPassed(await verified(folder, { targets: ['native'], sanitize: true }, skip));
});

describe('damage is found', () => {
  it('in one bit of linked weights', { timeout: 240_000 }, async ({ skip }) => {
    const folder = await write(emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std'), true);
    const blob = await readFile(join(folder, 'tiny_weights.bin'));
    blob[blob.length - 200]! ^= 1;
    await writeFile(join(folder, 'tiny_weights.bin'), blob);
    const report = await verified(folder, { targets: ['native'] }, skip);
    expect(report.passed).toBe(false);
    expect(report.targets[0]!.reason).toContain('tiny_weights_default gives -11 and should give 0');
  });

  it('in one digit of weights in arrays', { timeout: 240_000 }, async ({ skip }) => {
    const folder = await write(emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std'));
    const path = join(folder, 'tiny_weights.c');
    const text = await readFile(path, 'utf8');
    const at = text.search(/[1-8]f/);
    await writeFile(path, `${text.slice(0, at)}${Number(text[at]) + 1}${text.slice(at + 1)}`);
    const report = await verified(folder, { targets: ['native'] }, skip);
    expect(report.targets[0]!.reason).toContain('tiny_weights_check gives -11 and should give 0');
  });

  it('in a warning, a wrong result and a bound that says nothing', { timeout: 240_000 }, async ({ skip }) => {
    const input = emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std');
    const golden = (bound: number, off: number) => ({
      ...input.golden,
      steps: input.golden.steps.map((step) => ({
        ...step,
        after: step.after.map(({ values, bounds }) => ({ values, bounds: bounds.map((b) => b * bound) })),
        outputs: step.outputs.map(({ layer, values, bounds }) => ({
          layer,
          values: values.map((v) => v + off),
          bounds: bounds.map((b) => b * bound),
        })),
      })),
    });
    const wrong = await write({ ...input, golden: golden(1, 0.01) });
    const report = await verified(wrong, { targets: ['native'] }, skip);
    expect(report.targets[0]!.reason).toMatch(/step_0 next\[0\] is \S+ and should be \S+ within/);
    const wide = await verifyBuild(await write({ ...input, golden: golden(1e5, 0) }), { targets: ['native'] });
    expect(wide.targets[0]!.reason).toMatch(/^every bound is at least [\d,]+ times the error seen/);
    await writeFile(join(wrong, 'tiny.c'), `${await readFile(join(wrong, 'tiny.c'), 'utf8')}\nstatic int unused;\n`);
    const unclean = await verifyBuild(wrong, { targets: ['native'] });
    expect(unclean.targets[0]!.reason).toContain('unused');
    const flags = await verifyBuild(wrong, { targets: ['native'], flags: ['-Wno-error', '-fno-such'] });
    expect(flags.targets[0]!.reason).toContain('-fno-such');
  });
});

describe('weights from memory', () => {
  const input = emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std');

  it('are taken from a blob that fits and from no other', { timeout: 240_000 }, async ({ skip }) => {
    const folder = await write(input);
    const reason = await missing(folder, ['native']);
    if (reason !== undefined) skip(reason);
    const blob = await readFile(join(await write(input, true), 'tiny_weights.bin'));
    const other = emitInput(languageModel(33, 13, 7), 'tiny', 'c', 'std');
    const program = await openProgram(folder);
    const toolchain = toolchainsOf('native')[0]!;
    const compiled = await compileTool(program, toolchain, 'run', { folder: root, sanitizer: 'address' });
    if ('failure' in compiled) throw new Error(compiled.failure);
    const run = async (bytes?: Uint8Array): Promise<string> => {
      const path = join(root, 'blob');
      if (bytes !== undefined) await writeFile(path, bytes);
      const args = ['logits', ...(bytes === undefined ? [] : ['--blob', path])];
      const result = await runTool(toolchain, compiled.binary, args, { cwd: root, input: Buffer.from('3 1 4') });
      return result.stdout + result.stderr;
    };
    const expected = await run();
    expect(expected.split('\n')).toHaveLength(4);
    expect(await run(blob)).toBe(expected);
    const refused = (code: number): string => `tiny_run: the weights are refused, code ${code}\n`;
    expect(await run(blob.subarray(0, blob.length - 1))).toBe(refused(-8));
    expect(await run(Buffer.concat([blob, Buffer.alloc(1)]))).toBe(refused(-8));
    expect(await run(new Uint8Array(0))).toBe(refused(-8));
    const altered = { 0: -5, 4: -7, 8: -8, 16: -9, 24: -10, 32: -11, 36: -11, 40: -11, 64: -11 };
    for (const [at, code] of [...Object.entries(altered), [`${blob.length - 1}`, -11] as const]) {
      const damaged = Uint8Array.from(blob);
      damaged[Number(at)]! ^= 4;
      expect(await run(damaged), `damaged at ${at}`).toBe(refused(code));
    }
    expect(await run(await readFile(join(await write(other, true), 'tiny_weights.bin')))).toBe(refused(-9));
  });
});

it('the header is C++ too', { timeout: 240_000 }, async ({ skip }) => {
  const clang = toolchainsOf('native').find(({ compiler }) => compiler === 'clang')!;
  if (missingTools(clang).length > 0 && !runsUnattended()) skip('clang not installed');
  const folder = await write(emitInput(twoOutputs(7, 33), 'tiny', 'neon', 'std'));
  const flags = ['-x', 'c++', '-std=c++11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'];
  expect(await runProcess('clang', [...flags, 'tiny.h'], { cwd: folder })).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('the built C as a model', () => {
  const ids = Array.from({ length: 60 }, (_, i) => (i * i + 3 * i) % 33);

  it('gives the likelihood of the reference', { timeout: 240_000 }, async ({ skip }) => {
    const input = emitInput(languageModel(33, 7, 13), 'tiny', 'neon', 'std');
    const folder = await write(input);
    const reason = await missing(folder, ['aarch64', 'arm']);
    if (reason !== undefined) skip(reason);
    const { steps } = runPlan(
      input.plan,
      input.weights,
      ids.map((id) => [id]),
    );
    const logits = steps.map((outputs) => outputs[0]!.values);
    let expected = 0;
    for (let i = 0; i + 1 < ids.length; i++)
      expected += Math.log(logits[i]!.reduce((sum, v) => sum + Math.exp(v), 0)) - logits[i]![ids[i + 1]!]!;
    for (const target of ['aarch64', 'arm'] as const) {
      const result = await runBuilt(folder, target, ids, { kind: 'nll' });
      if (result.kind !== 'nll') throw new Error('another mode');
      expect(result.tokens).toBe(59);
      expect(Math.abs(result.nll / expected - 1)).toBeLessThan(1e-6);
      expect(result.perplexity).toBeCloseTo(Math.exp(expected / 59), 3);
    }
  });

  it('gives logits and the most probable ids of every step', { timeout: 240_000 }, async ({ skip }) => {
    const folder = await write(emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'exact'));
    const reason = await missing(folder, ['native']);
    if (reason !== undefined) skip(reason);
    const logits = await runBuilt(folder, 'native', ids, { kind: 'logits' });
    const top = await runBuilt(folder, 'native', ids, { kind: 'top', k: 5 });
    if (logits.kind !== 'logits' || top.kind !== 'top') throw new Error('another mode');
    expect(logits.rows).toHaveLength(60);
    top.steps.forEach((ranked, i) => {
      const row = logits.rows[i]!;
      const order = row.map((_, id) => id).sort((a, b) => row[b]! - row[a]! || a - b);
      expect(ranked.map(({ id }) => id)).toEqual(order.slice(0, 5));
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
      for (const { id, probability } of ranked) expect(probability).toBeCloseTo(Math.exp(row[id]!) / total, 5);
    });
    await expect(runBuilt(folder, 'native', [0, 33], { kind: 'logits' })).rejects.toThrow('a value is out of range');
    await expect(runBuilt(folder, 'native', [0, 33], { kind: 'nll' })).rejects.toThrow('an id is out of range');
    await expect(runBuilt(folder, 'native', [0], { kind: 'top', k: 34 })).rejects.toThrow('K must be from 1');
  });
});

describe('what stands in the way', () => {
  it('of a missing tool is a reason, and a failure where nobody watches', async () => {
    const folder = await write(emitInput(languageModel(2, 1, 1), 'tiny', 'c', 'std'));
    vi.stubEnv('PATH', '');
    vi.stubEnv('CI', '');
    const skipped = await verifyBuild(folder, { targets: ['aarch64'] });
    vi.stubEnv('CI', 'true');
    const failed = await verifyBuild(folder, { targets: ['aarch64'] });
    vi.unstubAllEnvs();
    const reason = 'aarch64-linux-gnu-gcc and qemu-aarch64 not installed';
    expect(skipped).toMatchObject({ passed: false, targets: [{ status: 'skipped', reason }] });
    expect(failed).toMatchObject({ passed: false, targets: [{ status: 'failed', reason }] });
  });

  it('of NEON on another processor is a reason', async () => {
    const folder = await write(emitInput(languageModel(2, 1, 1), 'tiny', 'neon', 'std'));
    const reason = hostIsArm() ? undefined : 'NEON needs an Arm processor; this is none';
    const program = await openProgram(folder);
    expect(obstacleOf(program, toolchainsOf('native')[0]!)?.reason).toBe(reason);
  });

  it('of a folder that is no emitted program is a fault', async () => {
    await expect(verifyBuild(root, { targets: ['native'] })).rejects.toThrow('has no manifest.json');
    const folder = join(root, 'broken');
    await mkdir(folder);
    await writeFile(join(folder, 'manifest.json'), '{');
    await expect(verifyBuild(folder, { targets: ['native'] })).rejects.toThrow('is not JSON');
    const tfjs = '{"format":2,"prefix":"a","target":"tfjs","flags":[],"files":[]}';
    await writeFile(join(folder, 'manifest.json'), tfjs.replace('2', '1'));
    await expect(verifyBuild(folder, { targets: ['native'] })).rejects.toThrow('is of format 1, this version reads 2');
    await writeFile(join(folder, 'manifest.json'), tfjs);
    await expect(verifyBuild(folder, { targets: ['native'] })).rejects.toThrow('is of target tfjs');
  });

  it('of a bound is judged by the error seen', () => {
    const line =
      'PASS ptb: 10 values, largest error 2e-07, its bound 1e-05, largest share of a bound 0.02, ' +
      'largest error in ulp 3.5\n';
    const measured = readMeasured(line)!;
    expect(measured).toEqual({ values: 10, largestError: 2e-7, bound: 1e-5, largestShare: 0.02, ulp: 3.5 });
    expect(boundFailure(measured)).toBeUndefined();
    expect(boundFailure({ ...measured, largestShare: 0.001 })).toBeUndefined();
    expect(boundFailure({ ...measured, largestShare: 0.0005 })).toBe(
      'every bound is at least 2,000 times the error seen; at most 1000 times is allowed',
    );
    expect(readMeasured(`bits: 24 results are the same on every processor\n${line}`)).toEqual({
      ...measured,
      bits: 24,
    });
    expect(readMeasured('Segmentation fault')).toBeUndefined();
  });
});
