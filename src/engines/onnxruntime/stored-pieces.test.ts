/** Weights that a session stores in pieces: what goes in and out of it is as if it stored them as they are. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { evaluate } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/ops.js';
import type { CarriedForm } from '../../passes/carried-families.js';
import { size } from '../../tensor/shape.js';
import type { DoubleTensor, FloatTensor } from '../../tensor/tensor.js';
import { onProcessor } from './loaded-model.js';
import { onnxruntime } from './onnxruntime.js';
import { fromPieces, toPieces } from './stored-pieces.js';

const tensor = (shape: readonly number[], seed: number): FloatTensor => ({
  shape,
  data: Float32Array.from({ length: size(shape) }, (_, i) => Math.sin(seed + 0.37 * i) / 8),
});

const forms: readonly (readonly [string, CarriedForm, readonly number[]])[] = [
  ['turned', { kind: 'turned' }, [1, 67, 35]],
  ['turned, one column', { kind: 'turned' }, [41, 1]],
  ['columns', { kind: 'columns', counts: [3, 1, 7] }, [4, 5, 11]],
];
for (const [name, form, shape] of forms)
  it(`${name}: pieces hold every value, and give the tensor back`, () => {
    const whole = tensor(shape, 1);
    const pieces = toPieces(form, whole);
    expect(fromPieces(form, pieces)).toEqual(whole);
    expect(pieces.flatMap(({ data }) => [...data]).sort()).toEqual([...whole.data].sort());
    expect(pieces.every(({ shape: piece, data }) => data.length === size(piece))).toBe(true);
  });

it('turned: the value of row r and column c is that of row c and column r', () => {
  const [piece] = toPieces({ kind: 'turned' }, { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  expect(piece).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
});

const [units, inputs, classes] = [128, 392, 2 ** 12];
const shapes = { cell: [4, units, inputs + units], out: [1, classes, units] };
const carries = new Map(Object.keys(shapes).map((name) => [`${name}.next`, name]));

/** A step of gradient descent on a cell and an output layer; where `split`, x and h meet the cell apart. */
function stepOf(batch: number, split: boolean): Graph {
  const g = new Builder();
  const [cell, out, rate] = [g.input('cell', shapes.cell), g.input('out', shapes.out), g.input('rate', [])];
  const [x, h] = [g.input('x', [batch, inputs]), g.input('h', [batch, units])];
  const rows = g.reshape(cell, [4 * units, inputs + units]);
  const both = g.concat([x, h], 1);
  const product = (v: number, start: number, count: number): number =>
    g.matmul(v, g.slice(rows, 1, start, count), { transposeB: true });
  const z = split
    ? g.add(product(x, 0, inputs), product(h, inputs, units))
    : g.matmul(both, rows, { transposeB: true });
  const top = g.tanh(g.slice(z, 1, 0, units));
  const table = g.reshape(out, [classes, units]);
  const dy = g.tanh(g.matmul(top, table, { transposeB: true }));
  const dOut = g.reshape(g.matmul(dy, top, { transposeA: true }), shapes.out);
  const dCell = g.reshape(g.matmul(g.tanh(z), both, { transposeA: true }), shapes.cell);
  const norm = g.sum(g.concat([g.sum(g.mul(dOut, dOut), [1, 2]), g.reshape(g.sum(g.mul(dCell, dCell)), [1])], 0));
  const factor = g.div(rate, g.max(g.constant(1), g.sqrt(norm)));
  const updated = (w: number, dw: number): number => g.sub(w, g.mul(dw, factor));
  return g.finish({
    norm,
    dTop: g.matmul(dy, table),
    'cell.next': updated(cell, dCell),
    'out.next': updated(out, dOut),
  });
}

const feedsOf = (batch: number, seed: number) => ({
  x: tensor([batch, inputs], seed),
  h: tensor([batch, units], seed + 1),
  rate: { shape: [], data: Float32Array.of(0.5) },
});

const inDouble = (tensors: Readonly<Record<string, FloatTensor>>): Record<string, DoubleTensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

describe('a session that stores weights in pieces', () => {
  const [split, whole] = [stepOf(3, true), stepOf(2, false)];

  it('stores a cell by columns, an output layer turned, and updates in place what nothing reads later', () => {
    const { forms: found, inPlace, carries: pieces } = onProcessor(split, carries);
    expect(Object.fromEntries(found)).toEqual({
      cell: { kind: 'columns', counts: [inputs, units] },
      out: { kind: 'turned' },
    });
    expect([...pieces]).toEqual([
      ['cell.next#0', 'cell#0'],
      ['cell.next#1', 'cell#1'],
      ['out.next#0', 'out#0'],
    ]);
    // Nothing says whether the output layer is read for dTop before it is written.
    expect([...inPlace]).toEqual(['cell.next#0', 'cell.next#1']);
    expect([...onProcessor(whole, carries).forms.keys()]).toEqual(['out']);
  });

  it('computes what the graph does, and hands weights over to one that stores them otherwise, and back', async () => {
    const sessions = [split, whole].map((graph) => onnxruntime.load(graph, { threads: 2, carries }));
    const [first, second] = [await sessions[0]!, await sessions[1]!];
    const values: Record<string, FloatTensor> = { cell: tensor(shapes.cell, 5), out: tensor(shapes.out, 6) };
    for (const [name, value] of Object.entries(values)) first.set(name, value);
    const turns = [
      { graph: split, live: first, batch: 3 },
      { graph: split, live: first, batch: 3 },
      { graph: whole, live: second, batch: 2 },
      { graph: split, live: first, batch: 3 },
    ];
    let holder = first;
    for (const [turn, { graph, live, batch }] of turns.entries()) {
      if (live !== holder) live.adopt(holder, Object.keys(shapes));
      holder = live;
      const feeds = feedsOf(batch, 10 * turn);
      const expected = evaluate(graph, inDouble({ ...values, ...feeds }));
      const found = await live.run(feeds);
      for (const name of ['norm', 'dTop']) {
        const [a, b] = [found[name]!, expected[name]!];
        expect(a.shape).toEqual(b.shape);
        const scale = Math.max(...b.data.map(Math.abs));
        expect(Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i]!))) / scale).toBeLessThan(1e-4);
      }
      for (const name of Object.keys(shapes)) {
        const value = (await live.get(name)) as FloatTensor;
        const next = expected[`${name}.next`]!;
        expect(value.shape).toEqual(next.shape);
        let furthest = 0;
        value.data.forEach((v, i) => {
          furthest = Math.max(furthest, Math.abs(v - next.data[i]!));
        });
        expect(furthest).toBeLessThan(1e-6);
        expect(value.data).not.toEqual(values[name]!.data);
        values[name] = value;
      }
    }
    await first.close();
    await second.close();
  });
});
