/** Updates of the rows of a table that a step reads, beside that of the whole table; other rows keep their bits. */
import { expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { Graph } from '../../graph/ops.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { onnxruntime } from './onnxruntime.js';

const [rows, width] = [4300, 13];
const carries = new Map([['table.next', 'table']]);

/** One step of gradient descent on a table; with `seen` the gradient is an output, and so made as a whole. */
function stepOf(ids: number, seen: boolean): Graph {
  const g = new Builder();
  const [table, rate] = [g.input('table', [rows, width]), g.input('rate', [])];
  const read = g.input('ids', [ids], 'int32');
  const dy = g.mul(g.gather(table, read), g.input('dy', [ids, width]));
  const gradient = g.scatter(read, dy, rows);
  const norm = g.sum(g.mul(gradient, gradient));
  const factor = g.div(rate, g.max(g.constant(1), g.sqrt(norm)));
  const outputs = { norm, 'table.next': g.sub(table, g.mul(gradient, factor)) };
  return g.finish(seen ? { ...outputs, gradient } : outputs);
}

const draws = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 1.7 * i) * (1 + (i % 7)));

async function tableAfter(graph: Graph, ids: readonly Int32Array[]): Promise<Float32Array> {
  const session = await onnxruntime.load(graph, { threads: 2, carries });
  session.set('table', { shape: [rows, width], data: draws(rows * width, 1) });
  const norms: number[] = [];
  for (const [i, data] of ids.entries()) {
    const dy = { shape: [data.length, width], data: draws(data.length * width, 2 + i) };
    const feeds = { ids: { shape: [data.length], data }, dy, rate: { shape: [], data: Float32Array.of(0.3) } };
    norms.push((await session.run(feeds))['norm']!.data[0]!);
  }
  for (const norm of norms) expect(norm).toBeGreaterThan(0);
  const { data } = await session.get('table');
  await session.close();
  return data as Float32Array;
}

const batches: Readonly<Record<string, readonly number[]>> = {
  'all alike': [7, 7, 7, 7, 7],
  'all different, not in order': [4299, 3, 0, 57, 12],
  'some twice, the ends among them': [0, 4299, 0, 5, 4299],
  'so many that they are scattered': Array.from({ length: 2100 }, (_, i) => (i * i * 37) % 700),
};

for (const [name, ids] of Object.entries(batches))
  it(`ids ${name}: a row is what it would be in a gradient of the whole table`, async () => {
    // Another number of distinct ids at every step: the runtime may keep no size of the step before.
    const others = [ids.map((id, i) => (7 * id + i) % rows), ids, ids.map(() => 9)];
    const steps = [ids, ...others].map((step) => Int32Array.from(step));
    const [sparse, dense] = [stepOf(ids.length, false), stepOf(ids.length, true)];
    const ops = ({ nodes }: ReturnType<typeof graphToOnnx>): readonly string[] => nodes.map(({ op }) => op);
    expect([sparse, dense].map((graph) => ops(graphToOnnx(graph)).includes('ScatterND'))).toEqual([true, false]);
    const [found, expected] = [await tableAfter(sparse, steps), await tableAfter(dense, steps)];
    const [start, touched] = [draws(rows * width, 1), new Set(steps.flatMap((step) => [...step]))];
    let [untouched, furthest] = [0, 0];
    found.forEach((value, i) => {
      if (!touched.has(Math.floor(i / width))) untouched += value === start[i] ? 1 : 0;
      // Sums are made in other orders.
      furthest = Math.max(furthest, Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!)));
    });
    expect(untouched).toBe((rows - touched.size) * width);
    expect(furthest).toBeLessThan(1e-5);
    expect(found).not.toEqual(start);
  });
