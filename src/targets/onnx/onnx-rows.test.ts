import { expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { graphToOnnx } from './to-onnx.js';

interface Parts {
  readonly g: Builder;
  readonly table: Value;
  readonly gradient: Value;
  readonly rate: Value;
}

/** ONNX ops of an update of a table of `rows` rows from 4 ids; `more` adds outputs to `table.next` and the norm. */
function opsOf(
  rows: number,
  more: (parts: Parts) => Readonly<Record<string, Value>> = () => ({}),
  ids = 4,
): readonly string[] {
  const g = new Builder();
  const [table, rate] = [g.input('table', [rows, 3]), g.input('rate', [])];
  const gradient = g.scatter(g.input('ids', [ids], 'int32'), g.input('dy', [ids, 3]), rows);
  const next = g.sub(table, g.mul(gradient, rate));
  const norm = g.sum(g.mul(gradient, gradient));
  const outputs = { 'table.next': next, norm, ...more({ g, table, gradient, rate }) };
  return graphToOnnx(g.finish(outputs)).nodes.map(({ op }) => op);
}

const rowsAlone = [
  ...['Cast', 'Unique', 'Reshape', 'Reshape', 'Equal', 'Cast', 'Gemm'],
  ...['Gather', 'Mul', 'Sub', 'Reshape', 'ScatterND', 'ReduceSumSquare', 'Reshape'],
];
const whole = ['ConstantOfShape', 'Reshape', 'Expand', 'ScatterElements', 'Mul', 'Sub', 'ReduceSumSquare', 'Reshape'];

it('a large table is updated by the rows that are there, which are summed up once', () => {
  expect(opsOf(8)).toEqual(rowsAlone);
  expect(opsOf(10_000)).toEqual(rowsAlone);
});

it('the rows of many ids are summed up by a scatter into as many rows as there are distinct ids', () => {
  expect(opsOf(10_000, undefined, 2048)).toContain('Equal');
  const ops = opsOf(10_000, undefined, 2049);
  expect(ops).toContain('ScatterElements');
  expect(ops).toContain('ScatterND');
  expect(ops).not.toContain('Equal');
});

it('a table with fewer than twice as many rows as ids is updated as a whole', () => {
  expect(opsOf(7)).toEqual(whole);
});

it('so is one whose gradient, or its change, is read by more than the norm', () => {
  const read = opsOf(8, ({ g, gradient }) => ({ y: g.exp(gradient) }));
  expect(read).not.toContain('ScatterND');
  const given = opsOf(8, ({ gradient }) => ({ y: gradient }));
  expect(given).not.toContain('ScatterND');
  const twice = opsOf(8, ({ g, gradient, rate }) => ({ y: g.mul(gradient, rate) }));
  expect(twice).not.toContain('ScatterND');
});

it('so is one whose rows have factors of their own', () => {
  const g = new Builder();
  const [table, rates] = [g.input('table', [8, 3]), g.input('rates', [8, 3])];
  const gradient = g.scatter(g.input('ids', [4], 'int32'), g.input('dy', [4, 3]), 8);
  const graph = g.finish({ 'table.next': g.sub(table, g.mul(gradient, rates)) });
  expect(graphToOnnx(graph).nodes.map(({ op }) => op)).not.toContain('ScatterND');
});

it('ids of two tables are found once', () => {
  const g = new Builder();
  const ids = g.input('ids', [4], 'int32');
  const next = ['a', 'b'].map((name) => {
    const table = g.input(name, [50, 3]);
    const gradient = g.scatter(ids, g.input(`d${name}`, [4, 3]), 50);
    return [`${name}.next`, g.sub(table, g.mul(gradient, g.input(`rate.${name}`, [])))] as const;
  });
  const { nodes } = graphToOnnx(g.finish(Object.fromEntries(next)));
  expect(nodes.filter(({ op }) => op === 'Unique')).toHaveLength(1);
  expect(nodes.filter(({ op }) => op === 'ScatterND')).toHaveLength(2);
});

/** An update of a table of 8 rows from 4 ids, of which only the changed rows are asked for. */
function rowsOnly(more: (next: Value) => Readonly<Record<string, Value>> = () => ({}), ids = 4) {
  const g = new Builder();
  const gradient = g.scatter(g.input('ids', [ids], 'int32'), g.input('dy', [ids, 3]), 8);
  const next = g.sub(g.input('table', [8, 3]), g.mul(gradient, g.input('rate', [])));
  const graph = g.finish({ 'table.next': next, ...more(next) });
  return graphToOnnx(graph, { rowsOnly: new Set(['table.next']) });
}

it('the rows that change are outputs in place of the table, where they are asked for', () => {
  const { nodes, outputs, rowOutputs } = rowsOnly();
  expect(nodes.map(({ op }) => op)).not.toContain('ScatterND');
  expect(rowOutputs).toEqual([{ output: 'table.next', ids: 'table.next#ids', rows: 'table.next#rows' }]);
  expect(outputs).toEqual([
    { name: 'table.next#ids', shape: [-1], type: 'int32' },
    { name: 'table.next#rows', shape: [-1, 3], type: 'float32' },
  ]);
});

it('the table is written where it has another name too, or is updated as a whole', () => {
  for (const model of [rowsOnly((next) => ({ again: next })), rowsOnly(() => ({}), 5)]) {
    expect(model.rowOutputs).toBeUndefined();
    expect(model.outputs[0]).toEqual({ name: 'table.next', shape: [8, 3], type: 'float32' });
  }
});
