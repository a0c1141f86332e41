/**
 * Products of every number format and both arithmetics over odd shapes, on every tier and two emulated processors of
 * each: within their bounds, the same bits where they are of integers, and nothing outside of buffers is touched.
 * `RNNC_PRODUCTS=all` (`npm run check:products`) takes all shapes in place of one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { part } from '../src/kernels/planner.js';
import type { Block } from '../src/tensor/blocks.js';
import { float32, formatText, type NumberFormat, type Per } from '../src/tensor/number-format.js';
import { absent, all, checkGuarded, clangOnA53, type Place, places } from './support/guarded-places.js';
import { languageModel, TinyPlan } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Compiling for ten places takes an hour of a busy machine. */
const timeout = all ? 7_200_000 : 600_000;

const pers: readonly Per[] = [
  { kind: 'tensor' },
  { kind: 'row' },
  { kind: 'group', values: 5 },
  { kind: 'group', values: 32 },
];
const ofWord = (word: 'int8' | 'int4' | 'int3', integer: boolean): NumberFormat[] =>
  pers.map((per) => ({ kind: 'integer', word, per, ...(integer ? { arithmetic: 'integer' as const } : {}) }));
const floats: readonly NumberFormat[] = [
  float32,
  { kind: 'float', word: 'float16' },
  { kind: 'float', word: 'bfloat16' },
  ...ofWord('int8', false),
  ...ofWord('int4', false),
  ...ofWord('int3', false),
];
const integers = [...ofWord('int8', true), ...ofWord('int4', true)];

/** y = b + W x in every one of some formats, for every height. */
function products(columns: number, heights: readonly number[], formats: readonly NumberFormat[]): TinyPlan {
  const tiny = new TinyPlan((tensor) => formats[Number(tensor.split('_')[1])] ?? float32);
  const x = tiny.features('x', columns);
  const each = heights.reduce((sum, height) => sum + height, 0);
  const results = tiny.work('results', formats.length * each);
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  let at = 0;
  for (const [f] of formats.entries())
    for (const [i, height] of heights.entries()) {
      tiny.recorder.gemv(tiny.weight(`w_${f}_${i}`, height, columns), x, part(results, at, height), 'add');
      at += height;
    }
  tiny.output('results', results, true, false);
  return tiny;
}

const structured = all ? integers : [ofWord('int8', true)[1]!, ofWord('int4', true)[2]!];

/** Rows and columns of B and C; both orders, sides of 1, primes. */
type Factors = readonly [b0: number, b1: number, c0: number, c1: number];

/** y = b + W x of integers in structured forms: Kronecker products of two gates, along an axis, sparse in blocks. */
function structures([b0, b1, c0, c1]: Factors): TinyPlan {
  const tiny = new TinyPlan((tensor) => structured[Number(tensor.split('_')[1])] ?? float32);
  const columns = b1 * c1;
  const x = tiny.features('x', columns);
  const blocks: readonly Block[] = [
    [1, 1],
    ...(
      [
        [8, 4],
        [4, 1],
        [2, 3],
        [1, 4],
      ] as const
    ).filter(([, width]) => columns % width === 0),
  ];
  const each = 2 * b0 * c0 + b1 * c0 + 16 * blocks.length;
  const results = tiny.work('results', structured.length * each);
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  let at = 0;
  const next = (size: number) => {
    at += size;
    return part(results, at - size, size);
  };
  for (const f of structured.keys()) {
    const [b, c] = [tiny.weight(`b_${f}`, 2 * b0, b1), tiny.weight(`c_${f}`, 2 * c0, c1)];
    tiny.recorder.kron(b, c, x, { count: 2, apart: b0 * c0, y: next(2 * b0 * c0) });
    tiny.recorder.gemm(tiny.weight(`w_${f}`, c0, c1), x, next(b1 * c0), { before: b1, after: 1, mode: 'set' });
    for (const block of blocks)
      tiny.recorder.sparse(tiny.sparse(`s${block.join('x')}_${f}`, 16, columns, 0.3, block), x, next(16));
  }
  tiny.output('results', results, true, false);
  return tiny;
}
const shapes: readonly Factors[] = [
  [3, 5, 6, 8],
  ...(all
    ? ([
        [13, 65, 50, 20],
        [50, 20, 13, 65],
        [1, 331, 7, 1],
        [7, 1, 1, 127],
        [25, 1, 13, 650],
      ] as const)
    : []),
];

/** Two gates' Kronecker products in float32, and C along an axis, each over its own x: no whole number of any tile. */
function tiledProducts(): TinyPlan {
  const tiny = new TinyPlan();
  const sides: readonly Factors[] = [
    [13, 9, 50, 20],
    [1, 31, 7, 1],
    [5, 1, 29, 18],
    [9, 66, 11, 2],
  ];
  sides.forEach(([b0, b1, c0, c1], i) => {
    const x = tiny.features(`x${i}`, b1 * c1);
    tiny.layer(`layer${i}`);
    const y = tiny.work(`y${i}`, 2 * b0 * c0);
    tiny.recorder.clear(y);
    const [b, c] = [tiny.weight(`b${i}`, 2 * b0, b1), tiny.weight(`c${i}`, 2 * c0, c1)];
    tiny.recorder.kron(b, c, x, { count: 2, apart: b0 * c0, y });
    tiny.output(`kron${i}`, y, true, false);
    const along = tiny.work(`along${i}`, b0 * c1);
    tiny.recorder.gemm(tiny.weight(`w${i}`, b0, b1), x, along, { before: 1, after: c1, mode: 'set' });
    tiny.output(`along${i}`, along, true, false);
  });
  return tiny;
}

const widths = all ? [1, 7, 127, 331, 650, 1300] : [37];
const heights = all ? widths : [1, 7, 37];

let folders = 0;
const check = (tiny: TinyPlan, place: Place): Promise<string> =>
  checkGuarded(join(root, String(folders++)), tiny, place);

it.for(widths)('%s columns: integers give the same bits in all places', { timeout }, async (columns, { skip }) => {
  if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
  const bits = new Set<string>();
  for (const place of places) bits.add(await check(products(columns, heights, integers), place));
  expect(bits.size).toBe(1);
});

it.for(shapes)('structures of %o: integers give the same bits', { timeout }, async (factors, { skip }) => {
  if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
  const bits = new Set<string>();
  for (const place of places) bits.add(await check(structures(factors), place));
  expect(bits.size).toBe(1);
});

it('small products give the same bits whether or not their loads come first', { timeout }, async ({ skip }) => {
  if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
  const bits = new Set<string>();
  const first: Place = { tier: 'neon', target: 'aarch64', cpu: 'cortex-a53', emulated: 'cortex-a53' };
  for (const place of [first, { ...first, cpu: 'cortex-a73' }, clangOnA53])
    bits.add(await check(tiledProducts(), place));
  expect(bits.size).toBe(1);
});

it.for(widths)('%s columns: floats keep their bounds', { timeout }, async (columns, { skip }) => {
  if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
  for (const place of places) await check(products(columns, heights, floats), place);
});

it.for(all ? integers : ofWord('int4', true).slice(0, 1))(
  'a language model of %o',
  { timeout },
  async (format, { skip }) => {
    if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
    const bits = new Set<string>();
    for (const place of places)
      bits.add(
        await check(
          languageModel(37, 7, 13, () => format),
          place,
        ),
      );
    expect([bits.size, formatText(format)]).toEqual([1, formatText(format)]);
  },
);
