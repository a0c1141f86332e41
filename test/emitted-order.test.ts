/**
 * Dense float32 products of portable C give the bits of one order of sums, which no change of a kernel's form moves: a
 * row of a panel of 32 is added to column by column; rows of lower panels have four sums, of every fourth column each,
 * which meet in pairs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { part } from '../src/kernels/planner.js';
import { panelsOf } from '../src/kernels/regions.js';
import { fillUniform, streamKey } from '../src/tensor/random.js';
import { missingCommands, must, strictFlags, writeEmitted } from './support/emitted-folders.js';
import { emitInput, TinyPlan } from './support/tiny-plans.js';

const { fround } = Math;

/** bias + W x, with W (bias.length, x.length) row by row. */
function inStatedOrder(w: ArrayLike<number>, x: Float32Array, bias: ArrayLike<number>): Float32Array {
  const y = Float32Array.from(bias);
  for (const { row: first, height } of panelsOf(y.length, x.length))
    for (let row = first; row < Math.min(first + height, y.length); row++) {
      const sums = height === 32 ? [y[row]!] : [0, 0, 0, 0];
      for (let column = 0; column < x.length; column++) {
        const sum = column % sums.length;
        sums[sum] = fround(sums[sum]! + fround(w[row * x.length + column]! * x[column]!));
      }
      const [a, b, c, d] = sums as [number, number, number, number];
      y[row] = height === 32 ? a : fround(y[row]! + fround(fround(a + b) + fround(c + d)));
    }
  return y;
}

/** One step with x from a file; prints y with as many digits as tell floats apart. */
const main = (columns: number, rows: number): string => `#include "tiny.h"
#include <stdio.h>
int main(void)
{
    static tiny_weights weights;
    static tiny_state state;
    static float x[${columns}], y[${rows}];
    FILE *given = fopen("x.bin", "rb");
    size_t i;
    if (given == NULL || fread(x, sizeof *x, ${columns}, given) != ${columns} || fclose(given) != 0)
        return 1;
    if (tiny_weights_default(&weights) != 0 || tiny_reset(&state) != 0 || tiny_step(&weights, &state, x, y) != 0)
        return 2;
    for (i = 0; i < ${rows}; i++)
        printf("%.9g\\n", (double)y[i]);
    return 0;
}
`;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Panels of every height, one by one and several together, with and without rows of padding. */
const heights = [1, 4, 7, 13, 18, 28, 31, 77];
const together = heights.reduce((sum, height) => sum + height, 0);

function products(columns: number): TinyPlan {
  const tiny = new TinyPlan();
  const x = tiny.features('x', columns);
  const y = tiny.work('y', together);
  tiny.layer('all');
  tiny.weight('bias', 1, y.size);
  tiny.recorder.bias('bias', y);
  let at = 0;
  for (const height of heights) {
    tiny.recorder.gemv(tiny.weight(`w${height}`, height, columns), x, part(y, at, height), 'add');
    at += height;
  }
  tiny.output('y', y, true, false);
  return tiny;
}

function stated(tiny: TinyPlan, x: Float32Array): number[] {
  const bias = tiny.weights.get('bias')!.data;
  let at = 0;
  return heights.flatMap((height) => {
    at += height;
    return [...inStatedOrder(tiny.weights.get(`w${height}`)!.data, x, bias.slice(at - height, at))];
  });
}

/** Other ways to unroll and to vectorize; none may fuse, since a fused sum has other bits. */
const builds = [
  ['gcc', '-O3'],
  ['clang', '-O2'],
] as const;

it.for([1, 3, 67])('%s columns', { timeout: 60_000 }, async (columns, { skip }) => {
  const missing = await missingCommands('gcc', 'clang');
  if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
  const tiny = products(columns);
  const folder = await writeEmitted(join(root, String(columns)), emitInput(tiny, 'tiny', 'c', 'std'));
  const x = new Float32Array(columns);
  fillUniform(x, 1, streamKey(7, 'x'));
  await writeFile(join(folder, 'x.bin'), new Uint8Array(x.buffer));
  await writeFile(join(folder, 'main.c'), main(columns, together));
  for (const [compiler, level] of builds) {
    const flags = ['-std=c99', level, '-ffp-contract=off', ...strictFlags];
    await must(folder, compiler, ...flags, 'tiny.c', 'tiny_weights.c', 'main.c', '-o', 'main');
    const printed = await must(folder, './main');
    expect(printed.trim().split('\n').map(Number).map(fround), `${compiler} ${level}`).toEqual(stated(tiny, x));
  }
});
