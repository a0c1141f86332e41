/**
 * Runs in blocks of steps of products whose weights are shared by several steps: panels in formats that become floats,
 * sums of integers, single entries, blocks. On every tier, between guard pages: within their bounds, with the bits of
 * single steps.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Buffer, part } from '../src/kernels/planner.js';
import { isOfIntegers } from '../src/kernels/uses.js';
import type { Block } from '../src/tensor/blocks.js';
import { float32, type NumberFormat } from '../src/tensor/number-format.js';
import { absent, checkGuarded, type Place, places } from './support/guarded-places.js';
import { inIntegers, TinyPlan } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Three LSTMs above each other, in which x and h meet columns of one matrix each, in formats that become floats. */
function cellsInFormats(): TinyPlan {
  const chosen: readonly NumberFormat[] = [
    { kind: 'float', word: 'float16' },
    { kind: 'integer', word: 'int4', per: { kind: 'group', values: 4 } },
    { kind: 'integer', word: 'int8', per: { kind: 'row' } },
  ];
  const tiny = new TinyPlan((tensor) => (tensor.endsWith('.W') ? chosen[Number(tensor[3])]! : float32));
  const units = 36;
  let x = tiny.features('x', 11);
  for (const f of chosen.keys()) {
    const { size } = x;
    x = tiny.lstm(`rnn${f}`, x, units, (joined, z) =>
      tiny.recorder.gemv(tiny.weight(`rnn${f}.W`, 4 * units, size + units), joined, z, 'add'),
    );
  }
  tiny.output('results', x, true, false);
  return tiny;
}

const int4: NumberFormat = { kind: 'integer', word: 'int4', per: { kind: 'group', values: 5 } };

/** Blocks, what part of them is kept (with 0.02 most rows are empty), and their format. */
const kept: readonly (readonly [Block, number, NumberFormat])[] = [
  [[1, 1], 0.6, float32],
  [[1, 1], 0.02, float32],
  [[8, 4], 0.6, float32],
  [[4, 1], 0.02, float32],
  [[2, 3], 0.6, float32],
  [[1, 4], 0.6, float32],
  [[1, 1], 0.6, int4],
  [[8, 4], 0.6, int4],
];

/** y = b + S x for each of them. */
function sparseProducts(): TinyPlan {
  const [rows, columns] = [80, 36];
  const tiny = new TinyPlan((tensor) => kept[Number(tensor.split('_')[1])]?.[2] ?? float32);
  const x = tiny.features('x', columns);
  const results = tiny.work('results', kept.length * rows);
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  kept.forEach(([block, density], i) => {
    tiny.recorder.sparse(tiny.sparse(`s_${i}`, rows, columns, density, block), x, part(results, i * rows, rows));
  });
  tiny.output('results', results, true, false);
  return tiny;
}

/** LSTMs above each other, in which x and h meet a sparse matrix each: entries, blocks, and both in other formats. */
function sparseCells(): TinyPlan {
  const chosen: readonly (readonly [Block, NumberFormat])[] = [
    [[1, 1], float32],
    [[8, 4], float32],
    [[1, 1], { kind: 'float', word: 'float16' }],
    [[4, 1], { kind: 'integer', word: 'int8', per: { kind: 'row' } }],
  ];
  const tiny = new TinyPlan((tensor) => (tensor.endsWith('bias') ? float32 : chosen[Number(tensor[3])]![1]));
  const units = 20;
  let x = tiny.features('x', 12);
  chosen.forEach(([block], f) => {
    const { size } = x;
    const half = (name: string, columns: number, from: Buffer, z: Buffer): void =>
      tiny.recorder.sparse(tiny.sparse(`rnn${f}.${name}`, 4 * units, columns, 0.4, block), from, z);
    x = tiny.lstm(`rnn${f}`, x, units, (joined, z) => {
      half('input', size, part(joined, 0, size), z);
      half('recurrent', units, part(joined, size, units), z);
    });
  });
  tiny.output('results', x, true, false);
  return tiny;
}

const integers: readonly NumberFormat[] = [
  inIntegers('int8', { kind: 'row' }),
  inIntegers('int8', { kind: 'group', values: 5 }),
  inIntegers('int4', { kind: 'tensor' }),
  inIntegers('int4', { kind: 'group', values: 32 }),
];

/** y = b + W x over the first values of x, in every one of them; heights that fill no whole panels. */
function integerProducts(tiny: TinyPlan): void {
  const columns = [1, 7, 127, 331];
  const heights = [33, 75, 7];
  const x = tiny.features('x', columns.at(-1)!);
  const results = tiny.work('results', integers.length * columns.length * heights.reduce((a, b) => a + b));
  tiny.layer('all');
  tiny.weight('bias', 1, results.size);
  tiny.recorder.bias('bias', results);
  let at = 0;
  for (const f of integers.keys())
    for (const width of columns)
      for (const height of heights) {
        const w = tiny.weight(`all${f}.${height}x${width}`, height, width);
        tiny.recorder.gemv(w, part(x, 0, width), part(results, at, height), height === 75 ? 'set' : 'add');
        at += height;
      }
  tiny.output('results', results, true, false);
}

/** LSTMs above each other, in which x and h have codes of their own, and a layer of integers between two of them. */
function integerCells(tiny: TinyPlan): void {
  const units = 21;
  let x = tiny.features('signal', 13);
  for (const f of integers.keys()) {
    const { size } = x;
    const half = (name: string, from: Buffer, z: Buffer): void =>
      tiny.recorder.gemv(tiny.weight(`rnn${f}.${name}`, 4 * units, from.size), from, z, 'add');
    x = tiny.lstm(`rnn${f}`, x, units, (joined, z) => {
      half('input', part(joined, 0, size), z);
      half('recurrent', part(joined, size, units), z);
    });
    if (f === 1) x = tiny.dense('mid0', x, 37);
  }
  tiny.output('cells', x, true, false);
}

function ofIntegers(calibrated: boolean, ...makes: readonly ((tiny: TinyPlan) => void)[]): TinyPlan {
  const tiny = new TinyPlan((tensor) => (tensor.endsWith('bias') ? float32 : integers[Number(tensor[3])]!), calibrated);
  for (const make of makes) make(tiny);
  return tiny;
}

const sanitized: Place = { tier: 'c', target: 'native', cpu: 'any', sanitized: true };
const integerPrograms: readonly (readonly [string, () => TinyPlan, readonly Place[]])[] = [
  ['products and cells', () => ofIntegers(false, integerProducts, integerCells), [...places, sanitized]],
  ['calibrated cells', () => ofIntegers(true, integerCells), [sanitized, places[1]!]],
];

const programs: readonly (readonly [string, () => TinyPlan])[] = [
  ['cells in formats', cellsInFormats],
  ['sparse cells', sparseCells],
  ['sparse products', sparseProducts],
];

it.for(programs)('%s have the bits of single steps', { timeout: 600_000 }, async ([name, make], { skip }) => {
  if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
  expect(make().plan('tiny').run).toBeDefined();
  for (const [i, place] of places.entries())
    await checkGuarded(join(root, `${name.replaceAll(' ', '_')}_${i}`), make(), place);
});

it.for(integerPrograms)(
  '%s of integers have the bits of single steps, the same in all places',
  { timeout: 600_000 },
  async ([name, make, where], { skip }) => {
    if (absent().length > 0) skip(`${absent().join(' and ')} not installed`);
    const { loops, outputs } = make().plan('tiny').run!;
    const ahead = loops.flatMap(({ stages }) => stages.flatMap(({ kind, calls }) => (kind === 'ahead' ? calls : [])));
    expect([...ahead, ...outputs].filter(isOfIntegers).length).toBeGreaterThanOrEqual(integers.length);
    const bits = new Set<string>();
    for (const [i, place] of where.entries())
      bits.add(await checkGuarded(join(root, `integer_${name.replaceAll(' ', '_')}_${i}`), make(), place));
    expect(bits.size).toBe(1);
  },
);
