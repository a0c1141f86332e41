import { describe, expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import type { Graph, OpKind, Value } from '../graph/ops.js';
import { size } from '../tensor/shape.js';
import { pieceCarried, pieceNames, pieceShapes } from './carried-pieces.js';

type Numbers = Readonly<Record<string, Float64Array>>;

const inputsOf = ({ ops }: Graph) =>
  ops.flatMap((op) => (op.kind === 'input' ? [{ ...op.attrs, shape: op.shape }] : []));
const drawn = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(seed + 1.3 * i + 0.01 * i * i));

/** Weights of a cell read by columns (from x, from h), as lowering writes them; `update` makes the next ones. */
function cell(update: (g: Builder, w: Value, gradient: Value) => Readonly<Record<string, Value>>, gates = 3): Graph {
  const [units, inputs, batch] = [5, 7, 2];
  const g = new Builder();
  const w = g.input('w', [gates, units, inputs + units]);
  const flat = g.reshape(w, [gates * units, inputs + units]);
  const [x, h] = [g.input('x', [batch, inputs]), g.input('h', [batch, units])];
  const fromX = g.matmul(x, g.slice(flat, 1, 0, inputs), { transposeB: true });
  const fromH = g.matmul(h, g.slice(flat, 1, inputs, units), { transposeB: true });
  const dz = g.tanh(g.add(fromX, fromH));
  const product = g.matmul(dz, g.concat([x, h], 1), { transposeA: true });
  const gradient = g.reshape(product, g.shape(w));
  return g.finish({ dz, ...update(g, w, gradient) });
}

/** Weights of an output layer, many times higher than wide. */
function output(read: (g: Builder, w: Value) => Readonly<Record<string, Value>> = () => ({})): Graph {
  const [classes, width, batch] = [41, 5, 3];
  const g = new Builder();
  const w = g.input('w', [1, classes, width]);
  const flat = g.reshape(w, [classes, width]);
  const h = g.input('h', [batch, width]);
  const dy = g.tanh(g.matmul(h, flat, { transposeB: true }));
  const gradient = g.reshape(g.matmul(dy, h, { transposeA: true }), g.shape(w));
  const norm = g.sum(g.mul(gradient, gradient), [1, 2]);
  const next = g.sub(w, g.mul(gradient, g.div(g.constant(0.5), g.sqrt(g.reshape(norm, [])))));
  return g.finish({ dh: g.matmul(dy, flat), 'w.next': next, norm, ...read(g, w) });
}

const descent = (g: Builder, w: Value, gradient: Value) => {
  const norms = g.concat([g.mul(gradient, gradient), g.mul(w, w)], 0);
  const factor = g.div(g.input('rate', []), g.max(g.constant(1), g.sqrt(g.sum(norms))));
  return { 'w.next': g.sub(w, g.mul(gradient, factor)) };
};
const withMoments = (g: Builder, w: Value, gradient: Value) => {
  const [m, v, rate] = [g.input('w.m', g.shape(w)), g.input('w.v', g.shape(w)), g.input('rate', [])];
  const mixed = (old: Value, x: Value): Value => g.add(g.mul(old, g.constant(0.9)), g.mul(x, g.constant(0.1)));
  const whole = g.add(gradient, g.mul(w, g.constant(0.01)));
  const [m2, v2] = [mixed(m, whole), mixed(v, g.mul(whole, whole))];
  const change = g.div(g.mul(m2, rate), g.add(g.sqrt(g.abs(v2)), g.constant(1e-8, g.shape(w))));
  return { 'w.next': g.sub(w, change), 'w.m.next': m2, 'w.v.next': v2 };
};

const carriesOf = ({ outputs }: Graph) =>
  new Map(Object.keys(outputs).flatMap((name) => (name.endsWith('.next') ? [[name, name.slice(0, -5)] as const] : [])));

/** Pieces of a tensor by a description of their own: element by element. */
function cut(graph: Graph, forms: ReturnType<typeof pieceCarried>['forms'], values: Numbers): Numbers {
  const cutValues: [string, Float64Array][] = [];
  for (const { name, shape } of inputsOf(graph)) {
    const form = forms.get(name);
    const data = values[name]!;
    if (form === undefined) cutValues.push([name, data]);
    else {
      const [rows, columns] = [size(shape.slice(0, -1)), shape.at(-1)!];
      let start = 0;
      pieceShapes(form, shape).forEach((piece, p) => {
        const width = form.kind === 'turned' ? 1 : form.counts[p]!;
        const at = (i: number): number =>
          form.kind === 'turned'
            ? (i % rows) * columns + Math.floor(i / rows)
            : Math.floor(i / width) * columns + start + (i % width);
        cutValues.push([
          pieceNames(form, name)[p]!,
          Float64Array.from({ length: size(piece) }, (_, i) => data[at(i)]!),
        ]);
        start += width;
      });
    }
  }
  return Object.fromEntries(cutValues);
}

const run = (graph: Graph, values: Numbers) =>
  evaluate(graph, Object.fromEntries(inputsOf(graph).map(({ name, shape }) => [name, { shape, data: values[name]! }])));
const kindsOf = ({ ops }: Graph): ReadonlySet<OpKind> => new Set(ops.map(({ kind }) => kind));

/** Both graphs on the same numbers: every output, and every carried tensor cut up, must agree. */
function compare(graph: Graph): ReturnType<typeof pieceCarried> {
  const carries = carriesOf(graph);
  const pieced = pieceCarried(graph, carries, 1);
  const values = Object.fromEntries(inputsOf(graph).map(({ name, shape }, i) => [name, drawn(size(shape), i + 1)]));
  const before = run(graph, values);
  const after = run(pieced.graph, cut(graph, pieced.forms, values));
  const carried = [...carries].map(([name, input]) => [input, Float64Array.from(before[name]!.data)] as const);
  const expected = cut(graph, pieced.forms, { ...values, ...Object.fromEntries(carried) });
  for (const [name, input] of carries) {
    const form = pieced.forms.get(input);
    const outputs = form === undefined ? [name] : pieceNames(form, name);
    const names = form === undefined ? [input] : pieceNames(form, input);
    outputs.forEach((piece, i) => {
      after[piece]!.data.forEach((x, k) => {
        expect(x).toBeCloseTo(expected[names[i]!]![k]!, 12);
      });
    });
  }
  for (const name of Object.keys(graph.outputs)) {
    if (carries.has(name)) continue;
    expect(after[name]!.shape).toEqual(before[name]!.shape);
    after[name]!.data.forEach((x, k) => {
      expect(x).toBeCloseTo(before[name]!.data[k]!, 12);
    });
  }
  return pieced;
}

describe('carried weights in pieces', () => {
  it('are blocks of columns where a step reads them so, and nothing is cut up or put together any more', () => {
    const { graph, forms } = compare(cell(descent));
    expect([...forms]).toEqual([['w', { kind: 'columns', counts: [7, 5] }]]);
    expect(kindsOf(graph)).not.toContain('slice');
    expect(kindsOf(graph)).not.toContain('concat');
  });

  it('take moments and decay along', () => {
    const { graph, forms } = compare(cell(withMoments, 4));
    expect([...forms.keys()].sort()).toEqual(['w', 'w.m', 'w.v']);
    expect(kindsOf(graph)).not.toContain('slice');
  });

  it('are turned where a much higher than wide gradient is a product', () => {
    const { graph, forms } = compare(output());
    expect([...forms]).toEqual([['w', { kind: 'turned' }]]);
    expect(kindsOf(graph)).not.toContain('transpose');
    expect(graph.ops.filter((op) => op.kind === 'input').map(({ shape }) => shape)).toContainEqual([1, 5, 41]);
  });

  const left: Readonly<Record<string, Graph>> = {
    'that something else reads': output((g, w) => ({ most: g.softmax(w) })),
    'that are an output themselves': output((_, w) => ({ w })),
    'whose rows are added up one by one': output((g, w) => ({ rows: g.sum(g.mul(w, w), [2]) })),
    'that are scaled by row': output((g, w) => ({ scaled: g.sum(g.mul(w, g.input('scale', [41, 1]))) })),
    'that meet a mask': cell((g, w, gradient) => ({
      'w.next': g.mul(g.sub(w, gradient), g.input('mask', g.shape(w))),
    })),
    'of which a block overlaps another': cell((g, w, gradient) => {
      const block = g.slice(g.reshape(w, [15, 12]), 1, 6, 3);
      return { ...descent(g, w, gradient), block: g.exp(block) };
    }),
  };
  for (const [name, graph] of Object.entries(left))
    it(`leave weights as they are: those ${name}`, () => {
      expect(compare(graph)).toEqual({ graph, carries: carriesOf(graph), forms: new Map() });
    });

  it('are none below the least size', () => {
    const graph = cell(descent);
    expect(pieceCarried(graph, carriesOf(graph), 181).forms.size).toBe(0);
    expect(pieceCarried(graph, carriesOf(graph), 180).forms.size).toBe(1);
  });
});
