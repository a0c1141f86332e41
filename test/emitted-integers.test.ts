/** Emitted integer products: the same bits natively and on every emulated processor, and within the stated bound. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { part } from '../src/kernels/planner.js';
import { drawnSequence, withVectorScales } from '../src/lower/calibrate.js';
import { exactSteps } from '../src/lower/exact-steps.js';
import type { Emit } from '../src/model/model.js';
import { packBlob } from '../src/targets/c-family/blob.js';
import { emitFamily } from '../src/targets/c-family/emit-family.js';
import { float32, type NumberFormat, type Per } from '../src/tensor/number-format.js';
import { obstacleOf, openProgram } from '../src/verify/program.js';
import { runBuilt } from '../src/verify/run-built.js';
import { runsUnattended, toolchainsOf, type VerifyTarget } from '../src/verify/toolchain.js';
import { verifyBuild } from '../src/verify/verify.js';
import { emitInput, inIntegers, languageModel, TinyPlan } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const group = (values: number): Per => ({ kind: 'group', values });
const formats = (['int8', 'int4'] as const).flatMap((word) =>
  ([{ kind: 'tensor' }, { kind: 'row' }, group(5), group(32)] as const).map((per) => inIntegers(word, per)),
);

/** Products of one vector in every format with matrices of odd heights, their results below each other. */
function products(columns: number, heights: readonly number[]): TinyPlan {
  const tiny = new TinyPlan((tensor) => formats[Number(tensor.split('_')[1])]!);
  const x = tiny.features('x', columns);
  const each = heights.reduce((sum, height) => sum + height, 0);
  const results = tiny.work('results', formats.length * each);
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  let at = 0;
  formats.forEach((_, f) => {
    heights.forEach((height, i) => {
      const mode = i % 2 === 0 ? 'add' : 'set';
      tiny.recorder.gemv(tiny.weight(`w_${f}_${i}`, height, columns), x, part(results, at, height), mode);
      at += height;
    });
  });
  tiny.output('results', results, true, false);
  return tiny;
}

const language = () =>
  languageModel(33, 7, 13, (tensor) => inIntegers(tensor === 'next.W' ? 'int4' : 'int8', { kind: 'row' }));

const calibrated = () => languageModel(33, 7, 13, () => inIntegers('int8', { kind: 'row' }), true);

/** A Kronecker product in each order and a sparse matrix, their vectors calibrated. */
function calibratedStructures(): TinyPlan {
  const tiny = new TinyPlan((tensor) => (tensor === 'bias' ? float32 : inIntegers('int8', group(5))), true);
  const x = tiny.features('x', 5 * 8);
  const y = tiny.work('y', 18 + 56 + 7);
  tiny.layer('all');
  tiny.weight('bias', 1, y.size);
  tiny.recorder.bias('bias', y);
  for (const [i, [b0, b1, c0, c1]] of [[3, 5, 6, 8] as const, [8, 8, 7, 5] as const].entries()) {
    const to = part(y, i * 18, b0 * c0);
    tiny.recorder.kron(tiny.weight(`b${i}`, b0, b1), tiny.weight(`c${i}`, c0, c1), x, { count: 1, apart: 0, y: to });
  }
  tiny.recorder.sparse(tiny.sparse('s', 7, 40, 0.3), x, part(y, 74, 7));
  tiny.output('y', y, true, false);
  return tiny;
}

/** Cells whose input and state have codes of their own: products of int8 and int4 for many steps. */
function halves(): TinyPlan {
  const tiny = new TinyPlan((tensor) => inIntegers(tensor.startsWith('rnn0') ? 'int8' : 'int4', group(9)));
  let x = tiny.features('x', 23);
  for (const cell of ['rnn0', 'rnn1']) {
    const { size } = x;
    x = tiny.lstm(cell, x, 19, (joined, z) => {
      tiny.recorder.gemv(tiny.weight(`${cell}.input`, z.size, size), part(joined, 0, size), z, 'add');
      tiny.recorder.gemv(tiny.weight(`${cell}.recurrent`, z.size, 19), part(joined, size, 19), z, 'add');
    });
  }
  tiny.output('x', x, true, false);
  return tiny;
}

const programs: readonly (readonly [string, () => TinyPlan, 'std' | 'fast'])[] = [
  ['a language model', language, 'std'],
  ['a language model, fast activations', language, 'fast'],
  ['a language model, calibrated', calibrated, 'std'],
  ['structures, calibrated', calibratedStructures, 'std'],
  ['input and state by themselves', halves, 'std'],
  ['7 columns', () => products(7, [1, 7, 33]), 'std'],
];

let folders = 0;
async function verify(
  [, make, activation]: (typeof programs)[number],
  tier: 'c' | 'neon',
  targets: readonly VerifyTarget[],
  cores: Pick<Emit, 'cpu' | 'cpus'> = { cpu: 'cortex-a73' },
) {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  const input = emitInput(make(), 'tiny', tier, activation);
  const options = tier === 'neon' ? { ...input.options, ...cores } : input.options;
  const exact = input.plan.step.some(({ kind }) => kind === 'quantize');
  expect(input.golden.steps.map((step) => step.exact !== undefined)).toEqual(input.golden.steps.map(() => exact));
  for (const { path, contents } of emitFamily({ ...input, options }, tier))
    await writeFile(join(folder, path), contents);
  const program = await openProgram(folder);
  const obstacles = targets.flatMap(toolchainsOf).flatMap((toolchain) => obstacleOf(program, toolchain)?.reason ?? []);
  if (!runsUnattended() && obstacles.length > 0) return obstacles.join('; ');
  const report = await verifyBuild(folder, { targets, sanitize: targets.includes('native') });
  expect(report.targets.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(report.passed).toBe(true);
  return undefined;
}

it.for(programs)('c, natively: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'c', ['native']);
  if (obstacle !== undefined) skip(obstacle);
});

it.for(programs)('neon, emulated: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'neon', ['aarch64', 'arm']);
  if (obstacle !== undefined) skip(obstacle);
});

it.for(programs)('neon with products of dots, emulated: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'neon', ['aarch64'], { cpu: 'cortex-a76' });
  if (obstacle !== undefined) skip(obstacle);
});

const bothKinds = { cpu: 'cortex-a53', cpus: ['cortex-a76', 'cortex-a53'] };
it.for(programs)('neon that chooses at run time, emulated: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'neon', ['aarch64', 'arm'], bothKinds);
  if (obstacle !== undefined) skip(obstacle);
});

it('runs each form on its processors and no other', { timeout: 240_000 }, async ({ skip }) => {
  const input = emitInput(products(40, [33]), 'tiny', 'neon', 'std');
  const folder = join(root, String(folders++));
  await mkdir(folder);
  const files = emitFamily({ ...input, options: { ...input.options, ...bothKinds } }, 'neon');
  const dots = 'vdotq_s32(sum[t][v], rows, codes[t])';
  const wrong = (text: string): string => text.replace(dots, dots.replace('codes[t]', 'vnegq_s8(codes[t])'));
  for (const { path, contents } of files)
    await writeFile(join(folder, path), typeof contents === 'string' ? wrong(contents) : contents);
  const program = await openProgram(folder);
  const obstacle = obstacleOf(program, toolchainsOf('aarch64')[0]!);
  if (obstacle !== undefined && !runsUnattended()) skip(obstacle.reason);
  const { targets } = await verifyBuild(folder, { targets: ['aarch64'] });
  expect(targets.map(({ compiler, status }) => [compiler, status])).toEqual([
    ['aarch64-linux-gnu-gcc on cortex-a76', 'failed'],
    ['aarch64-linux-gnu-gcc on cortex-a53', 'passed'],
  ]);
});

/** Classes that fill no whole tile, and no whole panel. */
const outputs: readonly (readonly [string, NumberFormat])[] = [
  ['float16', { kind: 'float', word: 'float16' }],
  ['int3(per=group(5)) in float32', { kind: 'integer', word: 'int3', per: group(5) }],
  ['int4(per=group(5)) in float32', { kind: 'integer', word: 'int4', per: group(5) }],
  ['int4(per=group(5)) in integers', inIntegers('int4', group(5))],
  ['int8(per=tensor) in integers', inIntegers('int8', { kind: 'tensor' })],
];
it.for(outputs)('the most probable of 75 classes, logits in %s', { timeout: 240_000 }, async ([, format], { skip }) => {
  const make = () => languageModel(75, 5, 11, () => format);
  const obstacle = await verify(['classes', make, 'std'], 'c', ['native']);
  if (obstacle !== undefined) skip(obstacle);
});

/** Values decoded for one layer, sums of integers with scales in the next: neither has the other's functions. */
function besideDecoded(): TinyPlan {
  const tiny = new TinyPlan((tensor) =>
    tensor === 'table' ? { kind: 'float', word: 'bfloat16' } : inIntegers('int8', { kind: 'row' }),
  );
  tiny.ids('tokens', 9);
  tiny.layer('embed');
  const x = tiny.work('embed', 40);
  tiny.embed(tiny.weight('table', 9, 40), 'tokens', x);
  tiny.layer('next');
  const y = tiny.work('next', 33);
  tiny.weight('bias', 1, 33);
  tiny.recorder.bias('bias', y);
  tiny.recorder.sparse(tiny.sparse('S', 33, 40, 0.4), x, y);
  tiny.output('next', y);
  return tiny;
}
it('compiles without a function that nothing calls', { timeout: 240_000 }, async ({ skip }) => {
  const obstacle = await verify(['sparse', besideDecoded, 'std'], 'c', ['native']);
  if (obstacle !== undefined) skip(obstacle);
});

it('a whole stream has the likelihood that is computed bit by bit', { timeout: 240_000 }, async ({ skip }) => {
  const input = emitInput(language(), 'tiny', 'c', 'std');
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const { path, contents } of emitFamily(input, 'c')) await writeFile(join(folder, path), contents);
  const obstacle = obstacleOf(await openProgram(folder), toolchainsOf('native')[0]!);
  if (obstacle !== undefined && !runsUnattended()) skip(obstacle.reason);
  const ids = Array.from({ length: 200 }, (_, i) => (i * i + 3 * i) % 33);
  const result = await runBuilt(folder, 'native', ids, { kind: 'nll' });
  const step = exactSteps(input.plan, input.weights, 'std');
  let state: readonly Float32Array[] = input.plan.states.map(({ width }) => new Float32Array(width));
  let nats = 0;
  ids.forEach((id, i) => {
    const { outputs, after } = step([id], state);
    const next = ids[i + 1];
    const logits = outputs[0]!;
    if (next !== undefined) nats += Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0)) - logits[next]!;
    state = after;
  });
  expect(result.kind === 'nll' && Math.abs(result.nll / nats - 1)).toBeLessThan(1e-6);
});

it('takes the bytes that were predicted', () => {
  for (const [, make] of programs) {
    const tiny = make();
    const plan = tiny.plan('tiny');
    const weights = withVectorScales(plan, tiny.weights, [drawnSequence(plan, 3)]);
    const blob = packBlob(plan, weights, undefined);
    expect(blob.bytes.length).toBe(64 + plan.weightBytes);
  }
});
