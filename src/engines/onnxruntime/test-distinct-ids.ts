/** What tests of rows per distinct id share: graphs with a table and ids, values for them, their results as ONNX. */
import { expect } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { evaluate, Feed } from '../../graph/evaluate.js';
import type { Graph, Value } from '../../graph/ops.js';
import type { DistinctRule } from '../../targets/onnx/distinct-rule.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { bitsAt, streamKey } from '../../tensor/random.js';
import { type Shape, size } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { sessionOptions } from './onnxruntime.js';
import { loadRuntime } from './runtime.js';

/** Whatever it costs. */
export const always: DistinctRule = {
  ...{ leastProduct: 0, leastSummands: 0, leastScattered: 0 },
  ...{ mostIds: Number.POSITIVE_INFINITY, idsPerColumn: Number.POSITIVE_INFINITY },
};

/** Of a table (rows, width), ids (n) and a weight (units, width). */
export interface Sizes {
  readonly rows: number;
  readonly n: number;
  readonly width: number;
  readonly units: number;
}

/** A graph with a table, ids and a weight (units, width); `x` are the rows of the ids. */
export class Parts extends Builder {
  readonly sizes: Sizes;
  readonly table: Value;
  readonly ids: Value;
  readonly w: Value;
  readonly x: Value;

  constructor(sizes: Sizes) {
    super();
    this.sizes = sizes;
    this.table = this.input('table', [sizes.rows, sizes.width]);
    this.ids = this.input('ids', [sizes.n], 'int32');
    this.w = this.input('w', [sizes.units, sizes.width]);
    this.x = this.gather(this.table, this.ids);
  }

  /** A gradient with a row for every id, which depends on a product and on its place. */
  gradient(z: Value, name = 'place'): Value {
    return this.mul(this.tanh(z), this.input(name, this.shape(z)));
  }
  scattered = (dx: Value): Value => this.scatter(this.ids, dx, this.sizes.rows);
}

/** Operands of products that are read turned: the first one, the second one. */
export const T = { transposeA: true };
export const U = { transposeB: true };

const drawn = (shape: Shape, seed: number): Float32Array =>
  Float32Array.from({ length: size(shape) }, (_, i) => Math.sin(seed + 1.7 * i + 0.013 * i * i));

/** Values for all inputs; ids by `pick`. */
export function feedsFor(graph: Graph, rows: number, pick: (i: number) => number): Readonly<Record<string, Tensor>> {
  const feeds: Record<string, Tensor> = {};
  for (const { kind, attrs, shape } of graph.ops) {
    if (kind !== 'input') continue;
    const ids = Int32Array.from({ length: size(shape) }, (_, i) => pick(i + attrs.name.length - 3) % rows);
    feeds[attrs.name] =
      attrs.type === 'int32' ? { shape, data: ids } : { shape, data: drawn(shape, attrs.name.length + size(shape)) };
  }
  return feeds;
}

/** The same values for the oracle. */
export const inDouble = (feeds: Readonly<Record<string, Tensor>>): Feed =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      data instanceof Int32Array ? { shape, data } : { shape, data: Float64Array.from(data) },
    ]),
  );

/** Results in float32 that are those of the oracle but for rounding. */
export function expectNear(found: Readonly<Record<string, Tensor>>, expected: ReturnType<typeof evaluate>): void {
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(found[name]!.shape, name).toEqual(shape);
    const scale = Math.max(1e-3, ...data.map(Math.abs));
    let furthest = 0;
    found[name]!.data.forEach((v, i) => {
      furthest = Math.max(furthest, Math.abs(v - data[i]!) / scale);
    });
    expect(furthest, name).toBeLessThan(2e-5);
  }
}

/** The results of a graph as ONNX with this rule, twice. */
export async function resultsOf(graph: Graph, feeds: Readonly<Record<string, Tensor>>, rule: DistinctRule) {
  const { InferenceSession, Tensor: Make } = await loadRuntime();
  const onnx = graphToOnnx(graph, { distinctIds: rule });
  const session = await InferenceSession.create(encodeOnnx(onnx), sessionOptions('cpu', 2));
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      data instanceof Int32Array ? new Make('int32', data, shape) : new Make('float32', data, shape),
    ]),
  );
  const run = async (): Promise<Record<string, Tensor>> => {
    const outputs = await session.run(inputs);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [
        name,
        { shape: [...dims], data: (data as Float32Array).slice() } as Tensor,
      ]),
    );
  };
  const both = [await run(), await run()] as const;
  await session.release();
  return { both, ops: onnx.nodes.map(({ op }) => op) };
}

/** Of the ids that are drawn. */
export const key = streamKey(7, 'ids');
/** Which ids there are, by place. */
export const kinds: Readonly<Record<string, (i: number) => number>> = {
  alike: () => 5,
  different: (i) => 3 * i + 1,
  'some twice': (i) => Math.floor(i / 2) * 5 + 2,
  'as drawn': (i) => (bitsAt(key, i) % 97) ** 2 % 31,
};
