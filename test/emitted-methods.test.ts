/** Emitted C of structured methods: every method's plan in an LSTM, against the reference, natively and emulated. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { part } from '../src/kernels/planner.js';
import type { Weight } from '../src/methods/method.js';
import { matrixOf, tableOf, type Written, weightOf } from '../src/methods/test-support.js';
import { emitFamily } from '../src/targets/c-family/emit-family.js';
import type { Block } from '../src/tensor/blocks.js';
import { obstacleOf, openProgram } from '../src/verify/program.js';
import { runsUnattended, toolchainsOf, type VerifyTarget } from '../src/verify/toolchain.js';
import { verifyBuild } from '../src/verify/verify.js';
import { emitInput, TinyPlan } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Product {
  readonly method: string;
  readonly given: Readonly<Record<string, Written>>;
}

/** Draws the tensors of a weight. */
function drawnPaths(tiny: TinyPlan, layer: string, weight: Weight): Readonly<Record<string, string>> {
  const paths = Object.entries(weight.tensors).map(([name, { shape, masked, block }]) => {
    const path = `${layer}.${name}`;
    const columns = shape.at(-1)!;
    const rows = shape.reduce((product, d) => product * d, 1) / columns;
    const drawn = masked ? tiny.sparse(path, rows, columns, 0.3, block) : tiny.weight(path, rows, columns);
    return [name, drawn.tensor] as const;
  });
  return Object.fromEntries(paths);
}

/** ids -> one table for each product, side by side -> softmax. */
function tables(vocabulary: number, width: number, products: readonly Product[]): TinyPlan {
  const tiny = new TinyPlan();
  tiny.ids('word', vocabulary);
  const joined = tiny.work('joined', width * products.length);
  products.forEach(({ method, given }, i) => {
    const weight = weightOf(method, given, tableOf(vocabulary, width));
    tiny.layer(`embed${i}`);
    const paths = drawnPaths(tiny, `embed${i}`, weight);
    const y = part(joined, i * width, width);
    weight.lookup!.plan(tiny.recorder, { input: 'word', count: vocabulary }, y, paths);
  });
  tiny.output('next', tiny.dense('next', joined, 7));
  return tiny;
}

/** features -> one LSTM for each product -> softmax. */
function stack(features: number, units: readonly number[], products: readonly Product[]): TinyPlan {
  const tiny = new TinyPlan();
  let below = tiny.features('signal', features);
  products.forEach(({ method, given }, i) => {
    const width = units[i]!;
    const weight = weightOf(method, given, matrixOf(4, width, below.size, width));
    const layer = `rnn${i}`;
    below = tiny.lstm(layer, below, width, (x, z) => weight.plan(tiny.recorder, x, z, drawnPaths(tiny, layer, weight)));
  });
  tiny.output('next', tiny.dense('next', below, 7));
  return tiny;
}

/** Blocks over the rows of 1, 2, 4 and 6 vectors, over columns of 1 and 3, and without vectors; some reach over gates. */
const blocks: readonly Block[] = [
  [4, 1],
  [4, 3],
  [8, 4],
  [16, 1],
  [24, 8],
  [1, 4],
  [1, 12],
  [6, 2],
  [12, 2],
];

/** Rows and columns of dense and sparse products: 1, primes, and no multiple of a tile. */
const oddShapes: readonly (readonly [rows: number, columns: number])[] = [
  [1, 1300],
  [7, 127],
  [127, 7],
  [331, 331],
  [650, 1],
  [1300, 31],
];

/** Features of every width -> a dense and a sparse product of each shape, each an output. */
function products(): TinyPlan {
  const tiny = new TinyPlan();
  oddShapes.forEach(([rows, columns], i) => {
    const x = tiny.features(`x${i}`, columns);
    tiny.output(`dense${i}`, tiny.dense(`dense${i}`, x, rows), true, false);
    const y = tiny.work(`sparse${i}`, rows);
    tiny.recorder.clear(y);
    tiny.recorder.sparse(tiny.sparse(`sparse${i}.S`, rows, columns, 0.3), x, y);
    tiny.output(`sparse${i}`, y, true, false);
  });
  return tiny;
}

const programs: readonly (readonly [string, () => TinyPlan])[] = [
  ['odd shapes', products],
  [
    'hkp',
    () =>
      stack(
        9,
        [11, 17],
        [
          { method: 'hkp', given: { rows: 3, B: [2, 5], C: [4, 4] } },
          { method: 'hkp', given: { rows: 1, B: [16, 2], C: [1, 14] } },
        ],
      ),
  ],
  [
    'circulant',
    () =>
      stack(
        9,
        [26, 41, 5],
        [
          { method: 'circulant', given: { block: 4 } },
          { method: 'circulant', given: { block: 23 } },
          { method: 'circulant', given: { block: 1 } },
        ],
      ),
  ],
  [
    'circulant blocks by stages of every radix',
    () =>
      stack(
        53,
        [50, 51, 52],
        [7, 12, 50].map((block) => ({ method: 'circulant', given: { block } })),
      ),
  ],
  [
    'kp of three and five factors',
    () =>
      stack(
        8,
        [16, 8],
        [
          { method: 'kp', given: { B: [4, 3], C: [2, 4], D: [2, 2] } },
          { method: 'kp', given: { B: [2, 2], C: [1, 3], D: [2, 1], E: [2, 2], F: [1, 2] } },
        ],
      ),
  ],
  [
    'tables',
    () =>
      tables(20, 14, [
        { method: 'dense', given: {} },
        { method: 'prune', given: { sparsity: { percent: 70 } } },
        { method: 'prune', given: { sparsity: { percent: 70 }, block: [4, 2] } },
        { method: 'lmf', given: { r: 1 } },
        { method: 'lmf', given: { r: 5 } },
        { method: 'hlf', given: { j: 9, k: 1 } },
        { method: 'hlf', given: { j: 10, k: 3 } },
      ]),
  ],
  [
    'prune in blocks',
    () =>
      stack(
        24,
        blocks.map(() => 24),
        blocks.map((block) => ({ method: 'prune', given: { sparsity: { percent: 70 }, block } })),
      ),
  ],
  [
    'dkp in blocks',
    () =>
      stack(
        9,
        [15, 9],
        [
          { method: 'dkp', given: { B: [3, 4], C: [5, 6], sparsity: { percent: 70 }, block: [4, 3] } },
          { method: 'dkp', given: { sparsity: { percent: 70 }, block: [1, 8] } },
        ],
      ),
  ],
  [
    'tt',
    () =>
      stack(
        9,
        [12, 21, 13],
        [
          {
            method: 'tt',
            given: {
              shapes: {
                list: [
                  [4, 3],
                  [3, 7],
                ],
              },
              ranks: 5,
            },
          },
          {
            method: 'tt',
            given: {
              shapes: {
                list: [
                  [7, 3],
                  [1, 1],
                  [3, 11],
                ],
              },
              ranks: { list: [3, 6] },
            },
          },
          { method: 'tt', given: { ranks: 1 } },
        ],
      ),
  ],
];

let folders = 0;
async function verify(make: () => TinyPlan, tier: 'c' | 'neon', targets: readonly VerifyTarget[]) {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const { path, contents } of emitFamily(emitInput(make(), 'tiny', tier, 'std'), tier, undefined))
    await writeFile(join(folder, path), contents);
  const program = await openProgram(folder);
  const obstacles = targets.flatMap(toolchainsOf).flatMap((toolchain) => obstacleOf(program, toolchain)?.reason ?? []);
  if (!runsUnattended() && obstacles.length > 0) return obstacles.join('; ');
  const sanitize = targets.includes('native');
  const report = await verifyBuild(folder, { targets, sanitize });
  expect(report.targets.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(report.passed).toBe(true);
  return undefined;
}

it.for(programs)('c, natively: %s', { timeout: 240_000 }, async ([, make], { skip }) => {
  const obstacle = await verify(make, 'c', ['native']);
  if (obstacle !== undefined) skip(obstacle);
});

it.for(programs)('c, emulated: %s', { timeout: 240_000 }, async ([, make], { skip }) => {
  const obstacle = await verify(make, 'c', ['aarch64', 'arm']);
  if (obstacle !== undefined) skip(obstacle);
});

it.for(programs)('neon, emulated: %s', { timeout: 240_000 }, async ([, make], { skip }) => {
  const obstacle = await verify(make, 'neon', ['aarch64', 'arm']);
  if (obstacle !== undefined) skip(obstacle);
});
