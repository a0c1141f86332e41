import { describe, expect, it } from 'vitest';
import { Builder } from './builder.js';
import { evaluate } from './evaluate.js';
import type { Graph, Op } from './ops.js';
import { printGraph } from './print.js';
import { verifyGraph } from './verify.js';

const tensor = (shape: readonly number[], ...data: number[]) => ({ shape, data: Float64Array.from(data) });

/** Values of what `build` writes from x = [[1, 2, 3], [4, 5, 6]] and ids = [1, 0, 1]. */
function computed(build: (g: Builder, x: number, ids: number) => number): { shape: readonly number[]; data: number[] } {
  const g = new Builder();
  const y = build(g, g.input('x', [2, 3]), g.input('ids', [3], 'int32'));
  const graph = g.finish({ y });
  verifyGraph(graph);
  const feed = { x: tensor([2, 3], 1, 2, 3, 4, 5, 6), ids: { shape: [3], data: Int32Array.of(1, 0, 1) } };
  const { shape, data } = evaluate(graph, feed)['y']!;
  return { shape, data: [...data] };
}

describe('evaluate', () => {
  it('computes products by hand-checked numbers, for every pair of flags', () => {
    expect(computed((g, x) => g.matmul(x, x, { transposeB: true }))).toEqual({ shape: [2, 2], data: [14, 32, 32, 77] });
    expect(computed((g, x) => g.matmul(x, x, { transposeA: true }))).toEqual({
      shape: [3, 3],
      data: [17, 22, 27, 22, 29, 36, 27, 36, 45],
    });
    const asColumn = (g: Builder, x: number): number => g.reshape(x, [3, 2]);
    expect(computed((g, x) => g.matmul(x, asColumn(g, x)))).toEqual({ shape: [2, 2], data: [22, 28, 49, 64] });
    expect(computed((g, x) => g.matmul(x, asColumn(g, x), { transposeA: true, transposeB: true }))).toEqual({
      shape: [3, 3],
      data: [9, 19, 29, 12, 26, 40, 15, 33, 51],
    });
  });

  it('broadcasts the batch axes of a product', () => {
    const y = computed((g, x) => g.matmul(g.reshape(x, [2, 1, 3]), g.reshape(x, [1, 1, 3, 2])));
    expect(y).toEqual({ shape: [1, 2, 1, 2], data: [22, 28, 49, 64] });
  });

  it('broadcasts elementwise operands from either side', () => {
    expect(computed((g, x) => g.sub(x, g.slice(x, 1, 0, 1))).data).toEqual([0, 1, 2, 0, 1, 2]);
    expect(computed((g, x) => g.max(g.constant(3), x)).data).toEqual([3, 3, 3, 4, 5, 6]);
    expect(computed((g, x) => g.div(g.slice(x, 0, 1, 1), x)).data).toEqual([4, 2.5, 2, 1, 1, 1]);
  });

  it('moves elements about', () => {
    expect(computed((g, x) => g.transpose(x, [1, 0]))).toEqual({ shape: [3, 2], data: [1, 4, 2, 5, 3, 6] });
    expect(computed((g, x) => g.concat([x, g.slice(x, 1, 1, 1)], 1)).data).toEqual([1, 2, 3, 2, 4, 5, 6, 5]);
    expect(computed((g, x) => g.pad(x, 1, 1, 5)).data).toEqual([0, 1, 2, 3, 0, 0, 4, 5, 6, 0]);
    expect(computed((g, x) => g.broadcast(g.slice(x, 1, 2, 1), [2, 2, 2])).data).toEqual([3, 3, 6, 6, 3, 3, 6, 6]);
  });

  it('sums over axes', () => {
    expect(computed((g, x) => g.sum(x))).toEqual({ shape: [], data: [21] });
    expect(computed((g, x) => g.sum(x, [0]))).toEqual({ shape: [3], data: [5, 7, 9] });
    expect(computed((g, x) => g.sum(x, [1], true))).toEqual({ shape: [2, 1], data: [6, 15] });
  });

  it('looks rows up and adds updates of equal ids', () => {
    expect(computed((g, x, ids) => g.gather(x, ids)).data).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expect(computed((g, x, ids) => g.scatter(ids, g.reshape(x, [3, 2]), 4))).toEqual({
      shape: [4, 2],
      data: [3, 4, 6, 8, 0, 0, 0, 0],
    });
  });

  it('keeps softmax and cross-entropy finite for large logits', () => {
    const large = (g: Builder, x: number): number => g.mul(g.reshape(x, [3, 2]), g.constant(1000));
    expect(computed((g, x) => g.softmax(large(g, x))).data).toEqual([0, 1, 0, 1, 0, 1]);
    expect(computed((g, x, ids) => g.crossEntropy(large(g, x), ids)).data).toEqual([0, 1000, 0]);
    expect(computed((g, x, ids) => g.crossEntropyGradient(large(g, x), ids, g.constant(2, [3]))).data).toEqual([
      0, 0, -2, 2, 0, 0,
    ]);
  });

  it('computes every elementwise kind', () => {
    const g = new Builder();
    const x = g.input('x', [3]);
    const kinds = ['neg', 'abs', 'relu', 'step', 'sign', 'exp', 'tanh', 'sigmoid'] as const;
    const outputs = Object.fromEntries(kinds.map((kind) => [kind, g[kind](x)]));
    const square = g.mul(x, x);
    const graph = g.finish({ ...outputs, sqrt: g.sqrt(square), log: g.log(g.exp(x)) });
    const y = evaluate(graph, { x: tensor([3], -2, 0, 3) });
    const rounded = Object.fromEntries(
      Object.entries(y).map(([k, v]) => [k, [...v.data].map((d) => Number(d.toFixed(6)) + 0)]),
    );
    expect(rounded).toEqual({
      neg: [2, 0, -3],
      abs: [2, 0, 3],
      relu: [0, 0, 3],
      step: [0, 0, 1],
      sign: [-1, 0, 1],
      exp: [0.135335, 1, 20.085537],
      tanh: [-0.964028, 0, 0.995055],
      sigmoid: [0.119203, 0.5, 0.952574],
      sqrt: [2, 0, 3],
      log: [-2, 0, 3],
    });
  });

  it('refuses a missing feed, a feed of another shape and an id outside the table', () => {
    const g = new Builder();
    const graph = g.finish({ y: g.gather(g.input('x', [1, 1]), g.input('ids', [1], 'int32')) });
    const ids = { shape: [1], data: Int32Array.of(1) };
    expect(() => evaluate(graph, { ids })).toThrow(/feed of the graph input x is missing/);
    expect(() => evaluate(graph, { ids, x: tensor([1], 1) })).toThrow(/x is 1x1, fed 1/);
    expect(() => evaluate(graph, { ids, x: tensor([1, 1], 1) })).toThrow(/id 1 at 0 of a table with 1 rows/);
  });
});

describe('printGraph', () => {
  it('prints one op per line, operands before attributes, outputs last', () => {
    const g = new Builder();
    const [x, w] = [g.input('x', [2, 3]), g.input('rnn1.B', [2, 3])];
    const ids = g.input('ids', [2], 'int32');
    const y = g.matmul(x, w, { transposeB: true });
    const z = g.pad(g.slice(g.concat([y, g.transpose(y, [1, 0])], 1), 1, 1, 2), 0, 1, 4);
    const loss = g.sum(g.crossEntropy(g.reshape(g.sum(z, [1], true), [2, 2]), ids));
    expect(printGraph(g.finish({ loss, half: g.mul(loss, g.constant(0.5)) }))).toBe(`%0 = input "x" : 2x3
%1 = input "rnn1.B" : 2x3
%2 = input "ids" int32 : 2
%3 = matmul %0 %1^T : 2x2
%4 = transpose %3 by 1,0 : 2x2
%5 = concat %3 %4 along 1 : 2x4
%6 = slice %5 along 1 from 1 : 2x2
%7 = pad %6 along 0 before 1 : 4x2
%8 = sum %7 over 1 kept : 4x1
%9 = reshape %8 : 2x2
%10 = crossEntropy %9 %2 : 2
%11 = sum %10 over 0 : scalar
%12 = constant 0.5 : scalar
%13 = mul %11 %12 : scalar
loss = %11
half = %13
`);
  });
});

const float = (name: string, shape: readonly number[]): Op => ({
  kind: 'input',
  inputs: [],
  attrs: { name, type: 'float32' },
  shape,
});
const int = (name: string, shape: readonly number[]): Op => ({
  kind: 'input',
  inputs: [],
  attrs: { name, type: 'int32' },
  shape,
});
const x = float('x', [2, 3]);
const graphs: readonly (readonly [string, RegExp, Graph])[] = [
  [
    'an operand that is not before its op',
    /%1 = neg points at %1/,
    { ops: [x, { kind: 'neg', inputs: [1], attrs: {}, shape: [2, 3] }], outputs: {} },
  ],
  [
    'a wrong number of operands',
    /%1 = add has 1 operands/,
    { ops: [x, { kind: 'add', inputs: [0], attrs: {}, shape: [2, 3] }], outputs: {} },
  ],
  [
    'a concat of nothing',
    /concat has 0 operands/,
    { ops: [{ kind: 'concat', inputs: [], attrs: { axis: 0 }, shape: [1] }], outputs: {} },
  ],
  [
    'a shape that the operands do not give',
    /%1 = tanh claims 3x2, its operands give 2x3/,
    { ops: [x, { kind: 'tanh', inputs: [0], attrs: {}, shape: [3, 2] }], outputs: {} },
  ],
  [
    'a product whose inner axes differ',
    /matmul of 2x3 and 2x3/,
    {
      ops: [x, { kind: 'matmul', inputs: [0, 0], attrs: { transposeA: false, transposeB: false }, shape: [2, 3] }],
      outputs: {},
    },
  ],
  [
    'a slice past the end',
    /slice 2\+2 of 2x3 along 1/,
    { ops: [x, { kind: 'slice', inputs: [0], attrs: { axis: 1, start: 2 }, shape: [2, 2] }], outputs: {} },
  ],
  [
    'an axis that does not exist',
    /pad along axis 2 of 2x3/,
    { ops: [x, { kind: 'pad', inputs: [0], attrs: { axis: 2, before: 0 }, shape: [2, 3] }], outputs: {} },
  ],
  [
    'a permutation with a repeated axis',
    /transpose of 2x3 by 0,0/,
    { ops: [x, { kind: 'transpose', inputs: [0], attrs: { permutation: [0, 0] }, shape: [2, 2] }], outputs: {} },
  ],
  [
    'a reshape to another size',
    /reshape of 2x3 to 5/,
    { ops: [x, { kind: 'reshape', inputs: [0], attrs: {}, shape: [5] }], outputs: {} },
  ],
  [
    'a broadcast that shrinks',
    /broadcast of 2x3 to 1x3/,
    { ops: [x, { kind: 'broadcast', inputs: [0], attrs: {}, shape: [1, 3] }], outputs: {} },
  ],
  [
    'a sum over the same axis twice',
    /sum of 2x3 over axes 1,1/,
    { ops: [x, { kind: 'sum', inputs: [0], attrs: { axes: [1, 1], keep: false }, shape: [2] }], outputs: {} },
  ],
  [
    'float ids',
    /gather: operand 1 \(%1\) must be int32/,
    { ops: [x, float('ids', [4]), { kind: 'gather', inputs: [0, 1], attrs: {}, shape: [4, 3] }], outputs: {} },
  ],
  [
    'ids in arithmetic',
    /neg: operand 0 \(%0\) must be float32/,
    { ops: [int('ids', [4]), { kind: 'neg', inputs: [0], attrs: {}, shape: [4] }], outputs: {} },
  ],
  [
    'ids for more rows than the logits have',
    /crossEntropy of 2x3 and 4/,
    { ops: [x, int('ids', [4]), { kind: 'crossEntropy', inputs: [0, 1], attrs: {}, shape: [4] }], outputs: {} },
  ],
  ['two inputs of one name', /%1 is a second input named x/, { ops: [x, x], outputs: {} }],
  ['an empty axis', /%0 = input has an empty axis: 0x3/, { ops: [float('x', [0, 3])], outputs: {} }],
  ['an output that does not exist', /output y is %1, which does not exist/, { ops: [x], outputs: { y: 1 } }],
];

describe('verifyGraph', () => {
  it.each(graphs)('refuses %s', (_, message, graph) => {
    expect(() => verifyGraph(graph)).toThrow(message);
  });
});
