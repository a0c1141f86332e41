import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEmitted } from '../../test/support/emitted-folders.js';
import { classifier, emitInput, languageModel, twoOutputs } from '../../test/support/tiny-plans.js';
import type { EmitInput } from '../targets/c-family/emit-input.js';
import { compareRows, drawSequences, type Oracle } from './random-sequences.js';
import { remoteLine, runRemotely } from './runner.js';
import { missingTools, runProcess, runsUnattended, toolchainsOf, withFolder, writeScratch } from './toolchain.js';
import { ulpOf } from './ulp.js';
import { type VerifyOptions, verifyBuild } from './verify.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-random-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const noCompiler = (): boolean => missingTools(toolchainsOf('native')[0]!).length > 0 && !runsUnattended();
const oracleOf = ({ plan, weights, options }: EmitInput): Oracle => ({ plan, weights, activation: options.activation });

it('a unit in the last place is the distance to the next float', () => {
  expect(ulpOf(1)).toBe(2 ** -23);
  expect(ulpOf(-1.999)).toBe(2 ** -23);
  expect(ulpOf(2)).toBe(2 ** -22);
  expect(ulpOf(0.75)).toBe(2 ** -24);
  expect(ulpOf(0)).toBe(2 ** -149);
});

describe('random sequences', () => {
  const input = emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std');

  it('are the same for the same seed, of different lengths, and not the golden ones', () => {
    const drawn = drawSequences(oracleOf(input), 6);
    expect(drawSequences(oracleOf(input), 6)).toEqual(drawn);
    expect(drawSequences(oracleOf(input), 6, 8)).not.toEqual(drawn);
    expect(new Set(drawn.map(({ rows }) => rows.length)).size).toBeGreaterThan(1);
    for (const { input: bytes, rows } of drawn) expect(bytes.length).toBe(4 * rows.length);
  });

  it('name the first value outside its bound', () => {
    const rows = [{ layer: 'next', values: Float32Array.of(1, 2), bounds: Float32Array.of(0.5, 0.25) }];
    expect(compareRows([[1.25, 2]], rows)).toEqual({
      values: 2,
      largestError: 0.25,
      bound: 0.5,
      largestShare: 0.5,
      ulp: 0.25 / 2 ** -23,
      failure: '',
    });
    const wrong = compareRows([[1, 2.5]], rows);
    expect(wrong.failure).toBe('row 0 of random sequences, next[1], is 2.5 and should be 2 within 0.25');
    expect(wrong.largestShare).toBe(2);
    expect(compareRows([[1, Number.NaN]], rows).failure).toContain('is NaN');
    expect(compareRows([], rows).failure).toBe('the run tool printed 0 rows, 1 were expected');
  });

  const programs: readonly (readonly [string, () => EmitInput])[] = [
    ['features and two outputs', () => emitInput(twoOutputs(7, 33), 'tiny', 'c', 'fast')],
    ['three inputs and one output at the end', () => emitInput(classifier(18, 5), 'tiny', 'c', 'exact')],
  ];
  it.for(programs)('are run by the C: %s', { timeout: 60_000 }, async ([, make], { skip }) => {
    if (noCompiler()) skip('gcc not installed');
    const own = make();
    const folder = await writeEmitted(join(root, own.plan.outputs[0]!.layer), own);
    const random = { oracle: oracleOf(own), sequences: 5 };
    const report = await verifyBuild(folder, { targets: ['native'], sanitize: true, random });
    expect(report.targets.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.targets[0]!.random).toMatchObject({ failure: '' });
    expect(report.targets[0]!.random!.largestError).toBeGreaterThan(0);
    expect(report.targets.map(({ compiler }) => compiler)).toContain('gcc with the thread sanitizer');
  });

  it('find what golden vectors were made to fit', { timeout: 60_000 }, async ({ skip }) => {
    if (noCompiler()) skip('gcc not installed');
    // Weights and golden vectors are of another draw than the oracle's.
    const weights = new Map(input.weights);
    const { shape, data } = weights.get('next.bias')!;
    weights.set('next.bias', { shape, data: data.map((value) => value + 0.25) });
    const folder = await writeEmitted(join(root, 'other'), input);
    const random = { oracle: { ...oracleOf(input), weights }, sequences: 2 };
    const report = await verifyBuild(folder, { targets: ['native'], random });
    expect(report.passed).toBe(false);
    expect(report.targets[0]!.reason).toMatch(/^row 0 of random sequences, next\[0\], is \S+ and should be/);
  });
});

describe('a runner', () => {
  const run = (runner: string, args: readonly string[], input: string) =>
    withFolder(async (folder) => {
      const tool = await writeScratch(folder, 'tool', '#!/bin/sh\nprintf "%s|" "$@"; cat; echo oops >&2; exit 7\n');
      return runRemotely(runner, tool, args, new TextEncoder().encode(input));
    });

  it('gets the program and its input, and gives output and exit code back', async () => {
    const expected = { code: 7, stdout: "a b|it's|two\nlines", stderr: 'oops\n' };
    expect(await run('sh -c', ['a b', "it's"], 'two\nlines')).toEqual(expected);
    // What it is told is one argument, whatever the command before it.
    expect(await run('env -i PATH=/usr/bin:/bin sh -c', ['a b', "it's"], 'two\nlines')).toEqual(expected);
  });

  it('leaves nothing behind', async () => {
    const folder = await mkdtemp(join(root, 'board-'));
    await run(`env TMPDIR=${folder} sh -c`, [], '');
    expect((await runProcess('ls', ['-A', folder], { cwd: '/' })).stdout).toBe('');
    expect(remoteLine(10, [])).not.toContain('\n');
  });

  it('that is none is one line', async () => {
    const fault = (runner: string) => run(runner, [], 'x');
    await expect(fault('no-such-runner')).rejects.toThrow(/^the runner `no-such-runner` cannot be run: .*not found/);
    await expect(fault('sh -c "exit 255"')).rejects.toThrow('reached nothing');
    await expect(fault('f() { sh -c "$1" < /dev/null; }; f')).rejects.toThrow('does not pass standard input on');
  });

  it('verifies as this machine does', { timeout: 60_000 }, async ({ skip }) => {
    if (noCompiler()) skip('gcc not installed');
    const input = emitInput(languageModel(9, 3, 5), 'tiny', 'c', 'std');
    const folder = await writeEmitted(join(root, 'board'), input);
    const random = { oracle: oracleOf(input), sequences: 3 };
    const options: VerifyOptions = { targets: ['native'], random };
    const here = await verifyBuild(folder, options);
    expect(await verifyBuild(folder, { ...options, runner: 'sh -c' })).toEqual(here);
    expect(here.passed).toBe(true);
    const text = await readFile(join(folder, 'tiny.c'), 'utf8');
    await writeFile(join(folder, 'tiny.c'), text.replace('state->now = now ^ 1u;', 'state->now = now;'));
    const broken = await verifyBuild(folder, { ...options, runner: 'sh -c' });
    expect(broken.targets[0]).toMatchObject({ status: 'failed' });
    expect(broken.targets[0]!.reason).toMatch(/should be/);
  });
});
