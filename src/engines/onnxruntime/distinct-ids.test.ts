/** Rows that are made once for each distinct id, and sums over equal ids: every value is what the graph says. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.js';
import type { Graph, Value } from '../../graph/ops.js';
import { textRule } from '../../targets/onnx/distinct-rule.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { bitsAt, streamKey } from '../../tensor/random.js';
import type { Tensor } from '../../tensor/tensor.js';
import { onnxruntime } from './onnxruntime.js';
import { always, expectNear, feedsFor, inDouble, key, kinds, Parts, resultsOf, T, U } from './test-distinct-ids.js';

const programs: Readonly<Record<string, (g: Parts) => Readonly<Record<string, Value>>>> = {
  'a layer, its bias, and an update of rows': (g) => {
    const dz = g.gradient(g.add(g.matmul(g.x, g.w, U), g.input('bias', [g.sizes.units])));
    const table = g.scattered(g.matmul(dz, g.w));
    const factor = g.div(g.input('rate', []), g.sqrt(g.sum(g.mul(table, table))));
    const db = g.sum(dz, [0]);
    return { dz, db, dw: g.matmul(dz, g.x, T), next: g.sub(g.table, g.mul(table, factor)) };
  },
  'columns for ids, as in a turned layer': (g) => {
    const dz = g.gradient(g.add(g.input('bias', [g.sizes.units, 1]), g.matmul(g.w, g.x, U)));
    return {
      dz,
      dw: g.matmul(dz, g.x),
      dwTurned: g.matmul(g.x, dz, { ...T, ...U }),
      rows: g.scattered(g.matmul(dz, g.w, T)),
    };
  },
  'two layers and their joint gradient': (g) => {
    const second = g.input('second', [g.sizes.width, 5]);
    const [dz, dy] = [g.gradient(g.matmul(g.x, g.w, U)), g.gradient(g.matmul(g.x, second), 'place2')];
    const dx = g.add(g.matmul(dz, g.w), g.matmul(dy, second, U));
    return { dw: g.matmul(dz, g.x, T), dsecond: g.matmul(g.x, dy, T), rows: g.scattered(dx) };
  },
  'rows that are also read by themselves, and a gradient that is': (g) => {
    const dz = g.gradient(g.matmul(g.x, g.w, U));
    const dx = g.add(g.matmul(dz, g.w), g.tanh(g.x));
    return { x: g.exp(g.x), dx, dw: g.matmul(dz, g.x, T), rows: g.scattered(dx) };
  },
  'a gradient that is no product joins one that is': (g) => {
    const dz = g.gradient(g.matmul(g.x, g.w, U));
    return { dw: g.matmul(g.x, dz, T), rows: g.scattered(g.add(g.tanh(g.x), g.matmul(dz, g.w))) };
  },
  'a table that is the output layer, too': (g) => {
    const dz = g.gradient(g.matmul(g.x, g.w, U));
    const h = g.matmul(dz, g.w);
    const logits = g.gradient(g.matmul(h, g.table, U), 'place2');
    const dx = g.matmul(g.gradient(g.matmul(logits, g.table), 'place3'), g.w, U);
    const rows = g.scattered(g.matmul(dx, g.w));
    return { dtable: g.add(rows, g.matmul(logits, h, T)), dw: g.matmul(dz, g.x, T) };
  },
  'a product of low rank': (g) => {
    const outer = g.input('outer', [7, g.sizes.units]);
    const h = g.matmul(g.x, g.w, U);
    const dz = g.gradient(g.matmul(h, outer, U));
    const dh = g.matmul(dz, outer);
    return { douter: g.matmul(dz, h, T), dw: g.matmul(dh, g.x, T), rows: g.scattered(g.matmul(dh, g.w)) };
  },
  'products alone, as in evaluation': (g) => ({ z: g.matmul(g.x, g.w, U), y: g.matmul(g.w, g.x, U) }),
  'a product with itself, and one of a gather with its gradient': (g) => {
    const gram = g.matmul(g.x, g.x, U);
    return { gram, outer: g.matmul(g.x, g.x, T), far: g.matmul(gram, g.x), rows: g.scattered(g.matmul(gram, g.x)) };
  },
  'a product over ids of what has rows per id itself': (g) => {
    const scores = g.matmul(g.x, g.input('keys', [g.sizes.n, g.sizes.width]), U);
    return { s: g.exp(scores), y: g.matmul(g.matmul(scores, g.x), g.w, U) };
  },
  'two lists of ids of one table': (g) => {
    const others = g.input('others', [g.sizes.n], 'int32');
    const y = g.gather(g.table, others);
    const dz = g.gradient(g.add(g.matmul(g.x, g.w, U), g.matmul(y, g.w, U)));
    const dx = g.matmul(dz, g.w);
    const dw = g.add(g.matmul(dz, g.x, T), g.matmul(dz, y, T));
    return { dw, rows: g.add(g.scattered(dx), g.scatter(others, dx, g.sizes.rows)) };
  },
};

for (const [program, write] of Object.entries(programs))
  describe(program, () => {
    for (const [kind, pick] of Object.entries(kinds))
      it(`ids ${kind}: what the graph says, bit for bit the same again`, async () => {
        for (const n of [1, 2, 23, 64]) {
          const sizes = { rows: 193, n, width: n === 2 ? 1 : 11, units: n === 23 ? 23 : 6 };
          const g = new Parts(sizes);
          const graph = g.finish(write(g));
          const feeds = feedsFor(graph, sizes.rows, pick);
          const { both, ops } = await resultsOf(graph, feeds, always);
          expect(ops).toContain('Unique');
          expectNear(both[0], evaluate(graph, inDouble(feeds)));
          expect(both[1]).toEqual(both[0]);
        }
      });
  });

/**
 * A random graph over square matrices, so that rows and columns of all of them may belong to ids. Its values are whole
 * numbers below 2^22, whatever is added up first.
 */
function randomProgram(seed: number): Graph {
  const n = 6;
  const stream = streamKey(seed, 'distinct ids');
  let at = 0;
  const roll = (limit: number): number => bitsAt(stream, at++) % limit;
  const g = new Parts({ rows: 40, n, width: n, units: n });
  const most = new Map<Value, number>();
  const known = (v: Value, bound: number): Value => {
    most.set(v, bound);
    return v;
  };
  const ones = (v: Value): Value => known(g.sign(v), 1);
  const table = ones(g.table);
  const [x, other] = [g.gather(table, g.ids), g.gather(table, g.input('others', [n], 'int32'))];
  const values = [known(x, 1), x, known(other, 1), ones(g.w)];
  const biases = [ones(g.input('row', [n])), ones(g.input('column', [n, 1]))];
  const pick = (from: readonly Value[]): Value => from[roll(from.length)]!;
  const boundOf = (v: Value): number => most.get(v)!;
  for (let i = 0; i < 14; i++) {
    const [a, b] = [pick(values.slice(-7)), pick(values)];
    const [bias, bound] = [pick(biases), n * boundOf(a) * boundOf(b)];
    const product = (): Value => known(g.matmul(a, b, { transposeA: roll(2) === 0, transposeB: roll(2) === 0 }), bound);
    const sum = (): Value => known(g.add(a, b), boundOf(a) + boundOf(b));
    const makers = [product, product, product, sum, () => known(g.add(bias, a), 1 + boundOf(a))];
    values.push(n * bound < 2 ** 22 ? makers[roll(makers.length)]!() : ones(a));
  }
  const scatters = [0, 1, 2].map(() => g.scattered(pick(values.slice(-6))));
  return g.finish({ rows: g.add(scatters[0]!, scatters[1]!), more: scatters[2]!, last: g.abs(pick(values.slice(-3))) });
}

it('random graphs whose rows or columns belong to ids: what the graph says, to the last digit', async () => {
  const made = new Set<string>();
  for (let seed = 0; seed < 120; seed++) {
    const graph = randomProgram(seed);
    const feeds = feedsFor(graph, 40, (i) => (bitsAt(key, i + seed) % 4) * 9);
    const { both, ops } = await resultsOf(graph, feeds, always);
    for (const op of ops) made.add(op);
    const differing = Object.entries(evaluate(graph, inDouble(feeds))).filter(([name, { data }]) =>
      data.some((v, i) => v !== both[0][name]!.data[i]),
    );
    expect(differing, `seed ${seed}`).toEqual([]);
  }
  for (const op of ['Unique', 'Compress', 'ScatterND', 'Transpose']) expect(made).toContain(op);
});

const bytesOf = ({ data }: Tensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe('a training session with sizes at which it pays', () => {
  const sizes = { rows: 900, n: 240, width: 128, units: 640 };
  const carries = new Map([
    ['table.next', 'table'],
    ['w.next', 'w'],
  ]);
  const g = new Parts(sizes);
  const dz = g.gradient(g.matmul(g.x, g.w, U));
  const [dw, rows] = [g.matmul(dz, g.x, T), g.scattered(g.matmul(dz, g.w))];
  const norm = g.add(g.sum(g.mul(dw, dw)), g.sum(g.mul(rows, rows)));
  const factor = g.div(g.input('rate', []), g.sqrt(norm));
  const updated = (old: Value, gradient: Value): Value => g.sub(old, g.mul(gradient, factor));
  const graph = g.finish({ norm, 'table.next': updated(g.table, rows), 'w.next': updated(g.w, dw) });
  const feedsAt = (step: number) => {
    const { table: _table, w: _w, ...feeds } = feedsFor(graph, sizes.rows, (i) => kinds['as drawn']!(i + step) * 11);
    return feeds;
  };
  const starts = feedsFor(graph, sizes.rows, () => 0);
  const started = async (values = starts) => {
    const session = await onnxruntime.load(graph, { threads: 2, carries });
    for (const name of carries.values()) session.set(name, values[name]!);
    return session;
  };

  it('makes them for distinct ids, and gives what the graph gives', async () => {
    const ops = graphToOnnx(graph, { distinctIds: textRule }).nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === 'Unique')).toHaveLength(1);
    const session = await started();
    const feeds = feedsAt(0);
    const { norm: found } = await session.run(feeds);
    const expected = evaluate(graph, inDouble({ ...starts, ...feeds }));
    const table = await session.get('table');
    expectNear({ norm: found!, 'table.next': table, 'w.next': await session.get('w') }, expected);
    expect(table.data).not.toEqual(starts['table']!.data);
    await session.close();
  });

  it('ends with the same bits when it is stopped and another one goes on', async () => {
    const [through, before] = [await started(), await started()];
    for (const step of [0, 1, 2, 3]) await through.run(feedsAt(step));
    for (const step of [0, 1]) await before.run(feedsAt(step));
    const after = await started({ table: await before.get('table'), w: await before.get('w') });
    for (const step of [2, 3]) await after.run(feedsAt(step));
    for (const name of carries.values())
      expect(bytesOf(await after.get(name)).equals(bytesOf(await through.get(name)))).toBe(true);
    expect(bytesOf(await after.get('w')).equals(bytesOf(starts['w']!))).toBe(false);
    for (const session of [through, before, after]) await session.close();
  });
});
