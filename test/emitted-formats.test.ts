/** Emitted C of every method in every number format against the stored values, natively and emulated; and its bytes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { part } from '../src/kernels/planner.js';
import type { Weight } from '../src/methods/method.js';
import { matrixOf, type Written, weightOf } from '../src/methods/test-support.js';
import { packBlob } from '../src/targets/c-family/blob.js';
import { emitFamily } from '../src/targets/c-family/emit-family.js';
import { float32, formatText, type NumberFormat, type Per } from '../src/tensor/number-format.js';
import { size } from '../src/tensor/shape.js';
import { obstacleOf, openProgram } from '../src/verify/program.js';
import { runsUnattended, toolchainsOf, type VerifyTarget } from '../src/verify/toolchain.js';
import { verifyBuild } from '../src/verify/verify.js';
import { emitInput, TinyPlan } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Four gates of 35x24: panels of 32 and 8 rows and what is left, groups that divide no row, blocks that are cut. */
const [gates, rows, columns] = [4, 35, 24];
const sparsity = { percent: 70 };
const methods: readonly (readonly [string, Readonly<Record<string, Written>>])[] = [
  ['dense', {}],
  ['lmf', { r: 3 }],
  ['hlf', { j: 5, k: 2 }],
  ['kp', { B: [5, 4], C: [7, 6] }],
  ['kp', { B: [5, 12], C: [7, 2] }],
  ['dkp', { B: [5, 4], C: [7, 6], sparsity }],
  ['prune', { sparsity }],
  ['prune', { sparsity, block: [4, 1] }],
  ['prune', { sparsity, block: [1, 4] }],
  ['prune', { sparsity, block: [5, 3] }],
  ['hkp', { rows: 5, B: [5, 4], C: [6, 6] }],
  [
    'tt',
    {
      shapes: {
        list: [
          [5, 6],
          [7, 4],
        ],
      },
      ranks: 3,
    },
  ],
  ['circulant', { block: 4 }],
  ['circulant', { block: 11 }],
];

/** Of a table of 9 rows of 12. */
const tables: readonly (readonly [string, Readonly<Record<string, Written>>])[] = [
  ['dense', {}],
  ['lmf', { r: 3 }],
  ['hlf', { j: 4, k: 2 }],
  ['prune', { sparsity }],
  ['prune', { sparsity, block: [3, 2] }],
];

const pers: readonly Per[] = [{ kind: 'tensor' }, { kind: 'row' }, { kind: 'group', values: 5 }];
const formats: Readonly<Record<string, readonly NumberFormat[]>> = {
  int8: pers.map((per) => ({ kind: 'integer', word: 'int8', per })),
  int4: pers.map((per) => ({ kind: 'integer', word: 'int4', per })),
  int3: pers.map((per) => ({ kind: 'integer', word: 'int3', per })),
  'float16 and bfloat16': [
    { kind: 'float', word: 'float16' },
    { kind: 'float', word: 'bfloat16' },
  ],
};

function store(tiny: TinyPlan, name: string, weight: Weight): Readonly<Record<string, string>> {
  const paths = Object.entries(weight.tensors).map(([tensor, { shape, masked, block }]) => {
    const path = `${name}.${tensor}`;
    const [width, total] = [shape.at(-1)!, size(shape)];
    if (masked) tiny.sparse(path, total / width, width, 0.3, block);
    else tiny.weight(path, total / width, width);
    return [tensor, path] as const;
  });
  return Object.fromEntries(paths);
}

/** Every method in every one of some formats, all on one input, their results below each other; and a table. */
function everyMethod(chosen: readonly NumberFormat[]): TinyPlan {
  const tiny = new TinyPlan((tensor) => chosen[Number(tensor.split('_')[1])]!);
  tiny.ids('token', 9);
  const x = tiny.features('x', columns);
  const each = gates * rows;
  const results = tiny.work('results', chosen.length * (methods.length * each + 12 * tables.length));
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  let at = 0;
  chosen.forEach((_, f) => {
    methods.forEach(([method, given], m) => {
      const weight = weightOf(method, given, matrixOf(gates, rows, columns));
      weight.plan(tiny.recorder, x, part(results, at, each), store(tiny, `w_${f}_${m}`, weight));
      at += each;
    });
    for (const [t, [method, given]] of tables.entries()) {
      const weight = weightOf(method, given, { ...matrixOf(1, 9, 12), lookup: true });
      const paths = store(tiny, `table_${f}_${t}`, weight);
      weight.lookup!.plan(tiny.recorder, { input: 'token', count: 9 }, part(results, at, 12), paths);
      at += 12;
    }
  });
  tiny.output('results', results, true, false);
  return tiny;
}

/** float16 below 2^-14 in panels and in a table: subnormal as float16, but not as float32. */
function subnormal(): TinyPlan {
  const tiny = new TinyPlan((tensor) => (tensor === 'bias' ? float32 : { kind: 'float', word: 'float16' }));
  tiny.ids('token', 3);
  const x = tiny.features('x', 7);
  const results = tiny.work('results', 13 + 5);
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  tiny.recorder.gemv(tiny.weight('W', 13, 7), x, part(results, 0, 13), 'set');
  tiny.embed(tiny.weight('table', 3, 5), 'token', part(results, 13, 5));
  for (const [name, { data }] of tiny.weights) data.set(data.map((w) => (name === 'bias' ? 0 : w * 2 ** -17)));
  tiny.output('results', results, true, false);
  return tiny;
}

/**
 * A program of a hundred calls in which compilers copy kernels into every call takes them ten times as long: here every
 * kernel is compiled once, by itself, all but those of one program.
 */
const apart = ['-fno-inline'];

let folders = 0;
async function verify([name, make]: (typeof programs)[number], tier: 'c' | 'neon', targets: readonly VerifyTarget[]) {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const { path, contents } of emitFamily(emitInput(make(), 'tiny', tier, 'std'), tier))
    await writeFile(join(folder, path), contents);
  const program = await openProgram(folder);
  const obstacles = targets.flatMap(toolchainsOf).flatMap((toolchain) => obstacleOf(program, toolchain)?.reason ?? []);
  if (!runsUnattended() && obstacles.length > 0) return obstacles.join('; ');
  const flags = name === inlined ? [] : apart;
  const report = await verifyBuild(folder, { targets, sanitize: targets.includes('native'), flags });
  expect(report.targets.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(report.passed).toBe(true);
  return undefined;
}

const programs: readonly (readonly [string, () => TinyPlan])[] = [
  ...Object.entries(formats).map(([word, chosen]) => [word, () => everyMethod(chosen)] as const),
  ['subnormal float16', subnormal],
];

const inlined = 'float16 and bfloat16';

it.for(programs)('c, natively and emulated: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'c', ['native', 'aarch64', 'arm']);
  if (obstacle !== undefined) skip(obstacle);
});

it.for(programs)('neon, emulated: %s', { timeout: 240_000 }, async (program, { skip }) => {
  const obstacle = await verify(program, 'neon', ['aarch64', 'arm']);
  if (obstacle !== undefined) skip(obstacle);
});

it('has exactly the bytes that were predicted, and fewer than in float32', () => {
  const bytes = (format: NumberFormat): number => {
    const tiny = everyMethod([format]);
    const plan = tiny.plan('tiny');
    const blob = packBlob(plan, tiny.weights, undefined);
    expect(blob.bytes.length).toBe(64 + plan.weightBytes);
    plan.regions.forEach((region, i) => {
      const next = plan.regions[i + 1]?.offset ?? plan.weightBytes;
      expect(blob.regions[i]!.length).toBeLessThanOrEqual(next - region.offset);
    });
    return plan.weightBytes;
  };
  const plain = bytes({ kind: 'float', word: 'float32' });
  const found = Object.values(formats).flatMap((all) =>
    all.map((format) => [formatText(format), bytes(format)] as const),
  );
  for (const [, stored] of found) expect(stored).toBeLessThan(0.8 * plain);
  const of = Object.fromEntries(found);
  expect(of['int3(per=tensor)']).toBeLessThan(of['int4(per=tensor)']!);
  expect(of['int4(per=tensor)']).toBeLessThan(of['int8(per=tensor)']!);
  expect(of['int8(per=tensor)']).toBeLessThan(of['int8(per=row)']!);
});
