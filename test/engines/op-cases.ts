/** One small graph per op kind and odd shape, with values to run it on. Used by the tests of engines and targets. */
import { Builder } from '../../src/graph/builder.js';
import type { Graph, OpKind, Value } from '../../src/graph/ops.js';
import { type Shape, size } from '../../src/tensor/shape.js';
import type { Tensor } from '../../src/tensor/tensor.js';

export interface OpCase {
  readonly name: string;
  readonly kind: OpKind;
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Values in (-1, 1) that are no multiples of each other; `positive` in (0.1, 2). */
export function wave(shape: Shape, phase: number, positive = false): Tensor {
  const data = Float32Array.from({ length: size(shape) }, (_, i) => {
    const x = Math.sin(12.9898 * (i + 1) + phase) * 0.93;
    return positive ? 1.05 + x : x;
  });
  return { shape, data };
}

export const ids = (...values: readonly number[]): Tensor => ({
  shape: [values.length],
  data: Int32Array.from(values),
});

interface Operand {
  readonly shape: Shape;
  readonly positive?: boolean;
  readonly ids?: readonly number[];
}

type Make = (g: Builder, ...operands: Value[]) => Value;

function opCase(kind: OpKind, label: string, operands: readonly Operand[], make: Make): OpCase {
  const g = new Builder();
  const feeds: Record<string, Tensor> = {};
  const values = operands.map((operand, i) => {
    const name = `x${i}`;
    feeds[name] = operand.ids === undefined ? wave(operand.shape, i, operand.positive) : ids(...operand.ids);
    return g.input(name, operand.shape, operand.ids === undefined ? 'float32' : 'int32');
  });
  return { name: `${kind} ${label}`, kind, graph: g.finish({ y: make(g, ...values) }), feeds };
}

const at = (...shape: number[]): Operand => ({ shape });
const idsOf = (...values: number[]): Operand => ({ shape: [values.length], ids: values });

const broadcastPairs: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [
    [3, 1],
    [1, 7],
  ],
  [[], [2, 3]],
  [
    [2, 1, 5],
    [3, 1],
  ],
  [[1], [1, 1]],
];

const elementwise = (['add', 'sub', 'mul', 'div', 'max'] as const).flatMap((kind) =>
  broadcastPairs.map(([a, b]) =>
    opCase(kind, `${a.join('x')} ${b.join('x')}`, [{ shape: a }, { shape: b, positive: true }], (g, x, y) =>
      g[kind](x!, y!),
    ),
  ),
);

const unary = (['neg', 'abs', 'tanh', 'sigmoid', 'relu', 'step', 'sign', 'exp'] as const).flatMap((kind) =>
  [[], [1], [7, 11], [2, 3, 5]].map((shape) => opCase(kind, shape.join('x'), [{ shape }], (g, x) => g[kind](x!))),
);
const roots = (['log', 'sqrt'] as const).map((kind) =>
  opCase(kind, '7x3', [{ shape: [7, 3], positive: true }], (g, x) => g[kind](x!)),
);
const atZero = (['step', 'sign', 'relu', 'abs'] as const).map((kind) =>
  opCase(kind, 'of 0', [at(5)], (g, x) => g[kind](g.sub(x!, x!))),
);

const products = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) => {
    const options = { transposeA, transposeB };
    const label = `${transposeA ? 'A^T' : 'A'} ${transposeB ? 'B^T' : 'B'}`;
    const left = (m: number, k: number): number[] => (transposeA ? [k, m] : [m, k]);
    const right = (k: number, n: number): number[] => (transposeB ? [n, k] : [k, n]);
    const make: Make = (g, a, b) => g.matmul(a!, b!, options);
    return [
      opCase('matmul', `${label} 3x5x7`, [at(...left(3, 5)), at(...right(5, 7))], make),
      opCase('matmul', `${label} 1x1x1`, [at(...left(1, 1)), at(...right(1, 1))], make),
      opCase('matmul', `${label} batched`, [at(2, ...left(3, 5)), at(2, ...right(5, 7))], make),
      opCase('matmul', `${label} shared right`, [at(2, ...left(3, 5)), at(...right(5, 7))], make),
      opCase('matmul', `${label} shared left`, [at(...left(3, 5)), at(2, ...right(5, 7))], make),
      opCase('matmul', `${label} one batch`, [at(4, 2, ...left(3, 5)), at(4, 1, ...right(5, 7))], make),
    ];
  }),
);

const fused = [
  opCase('matmul', 'of a large matrix', [at(64, 128), at(128, 4096)], (g, a, b) => g.matmul(a!, b!)),
  opCase('matmul', 'of a large matrix, turned', [at(128, 64), at(4096, 128)], (g, a, b) =>
    g.matmul(a!, b!, { transposeA: true, transposeB: true }),
  ),
  opCase('matmul', 'plus bias', [at(3, 5), at(5, 7), at(7)], (g, a, b, c) => g.add(g.matmul(a!, b!), c!)),
  opCase('matmul', 'plus column', [at(3, 5), at(5, 7), at(3, 1)], (g, a, b, c) => g.add(c!, g.matmul(a!, b!))),
  opCase('matmul', 'plus matmul', [at(3, 5), at(5, 7)], (g, a, b) => g.add(g.matmul(a!, b!), g.matmul(a!, b!))),
  opCase('matmul', 'read twice', [at(3, 3), at(3, 3)], (g, a, b) => {
    const y = g.matmul(a!, b!);
    return g.add(g.add(y, a!), y);
  }),
  opCase('matmul', 'plus larger', [at(1, 5), at(5, 7), at(3, 7)], (g, a, b, c) => g.add(g.matmul(a!, b!), c!)),
  opCase('sum', 'of squares', [at(7, 5)], (g, a) => g.sum(g.mul(a!, a!))),
  opCase('sum', 'of joined squares', [at(7, 5), at(2, 5)], (g, a, b) =>
    g.sum(g.concat([g.mul(a!, a!), g.mul(b!, b!)], 0), [0, 1], true),
  ),
  opCase('sum', 'of squares and others', [at(7, 5), at(2, 5)], (g, a, b) => g.sum(g.concat([g.mul(a!, a!), b!], 0))),
  opCase('sum', 'of squares of one row', [at(1, 5)], (g, a) => g.sum(g.mul(a!, a!), [1])),
  opCase('sum', 'of squares of one column', [at(7, 1)], (g, a) => g.sum(g.mul(a!, a!), [0])),
  opCase('sum', 'of squares of rows', [at(7, 5)], (g, a) => g.sum(g.mul(a!, a!), [1])),
];

const grids = (
  [
    [[7], 127, 7],
    [[7], 7, 3],
    [[3, 5], 127, 5],
    [[3, 5], 3, 2],
    [[4, 6], 7, 3],
    [[2, 3, 5], 127, 5],
    [[1, 650], 127, 650],
    [[3, 131], 3, 32],
    [[1, 1], 7, 1],
  ] as const
).map(([shape, levels, run]) =>
  opCase('snap', `${shape.join('x')} to ${levels} by ${run}`, [at(...shape)], (g, x) => g.snap(x!, levels, run)),
);
const gridTies = opCase('snap', 'of ties', [at(1, 8)], (g, x) =>
  // Half a step from every value: which way they go is the law of ties.
  g.snap(g.concat([g.constant(7, [1, 1]), g.constant(2.5, [1, 1]), g.constant(-1.5, [1, 1]), g.mul(x!, x!)], 1), 7, 11),
);
const gridZeros = opCase('snap', 'of zeros', [at(2, 5)], (g, x) => g.snap(g.sub(x!, x!), 127, 5));

/** On scales that some of the values exceed, so that they lie behind the end of a grid of one level. */
const onScales = (['snapTo', 'snapSlope'] as const).flatMap((kind) =>
  (
    [
      [[7, 33], 1, 33],
      [[7, 33], 1, 5],
      [[2, 64], 127, 32],
      [[5, 1], 3, 1],
    ] as const
  ).map(([[rows, columns], levels, run]) => {
    const operands = [at(rows, columns), { shape: [rows, Math.ceil(columns / run)], positive: true }];
    const label = `${rows}x${columns} to ${levels} by ${run}`;
    return opCase(kind, label, operands, (g, x, scales) => g[kind](x!, scales!, levels, run));
  }),
);

const layout = [
  opCase('reshape', '2x3x5 to 5x6', [at(2, 3, 5)], (g, x) => g.reshape(x!, [5, 6])),
  opCase('reshape', '1x1 to scalar', [at(1, 1)], (g, x) => g.reshape(x!, [])),
  opCase('transpose', '2 axes', [at(3, 7)], (g, x) => g.transpose(x!, [1, 0])),
  opCase('transpose', '3 axes', [at(2, 3, 5)], (g, x) => g.transpose(x!, [2, 0, 1])),
  opCase('transpose', '4 axes', [at(2, 3, 1, 5)], (g, x) => g.transpose(x!, [3, 1, 0, 2])),
  opCase('broadcast', 'scalar', [at()], (g, x) => g.broadcast(x!, [3, 5])),
  opCase('broadcast', 'column', [at(3, 1)], (g, x) => g.broadcast(x!, [2, 3, 5])),
  opCase('concat', 'axis 0', [at(1, 3), at(2, 3)], (g, x, y) => g.concat([x!, y!, x!], 0)),
  opCase('concat', 'axis 1', [at(2, 1), at(2, 3)], (g, x, y) => g.concat([x!, y!], 1)),
  opCase('slice', 'alone', [at(5, 7)], (g, x) => g.slice(x!, 1, 2, 3)),
  opCase('slice', 'tiling', [at(5, 7)], (g, x) => {
    const [a, b, c] = [g.slice(x!, 1, 0, 3), g.slice(x!, 1, 3, 1), g.slice(x!, 1, 4, 3)];
    return g.concat([c, a, b, g.slice(x!, 1, 3, 1)], 1);
  }),
  opCase('slice', 'many tiles', [at(3, 37)], (g, x) =>
    g.concat([...Array.from({ length: 37 }, (_, i) => g.slice(x!, 1, i, 1))].reverse(), 1),
  ),
  opCase('slice', 'overlapping', [at(7)], (g, x) => g.add(g.slice(x!, 0, 0, 4), g.slice(x!, 0, 3, 4))),
  opCase('pad', 'axis 0', [at(2, 3)], (g, x) => g.pad(x!, 0, 1, 5)),
  opCase('pad', 'axis 2', [at(2, 3, 1)], (g, x) => g.pad(x!, 2, 0, 4)),
  opCase('sum', 'all', [at(3, 5)], (g, x) => g.sum(x!)),
  opCase('sum', 'axis 0', [at(3, 5)], (g, x) => g.sum(x!, [0])),
  opCase('sum', 'axis 1 kept', [at(3, 5)], (g, x) => g.sum(x!, [1], true)),
  opCase('sum', 'axes 0 and 2', [at(2, 3, 5)], (g, x) => g.sum(x!, [0, 2])),
  opCase('sum', 'middle axis kept', [at(2, 3, 5)], (g, x) => g.sum(x!, [1], true)),
  opCase('constant', 'scalar', [at(3)], (g, x) => g.add(x!, g.constant(0.25))),
  opCase('constant', 'fill', [at(3)], (g, x) => g.mul(x!, g.constant(-2, [2, 3]))),
  opCase('constant', 'output', [], (g) => g.constant(3, [2])),
  opCase('input', 'output', [at(2, 3)], (_, x) => x!),
];

const lookup = [
  opCase('gather', '5x3', [at(5, 3), idsOf(4, 0, 0, 2)], (g, table, i) => g.gather(table!, i!)),
  opCase('gather', 'one', [at(1, 1), idsOf(0)], (g, table, i) => g.gather(table!, i!)),
  opCase('scatter', 'repeated', [idsOf(4, 0, 4, 4, 1), at(5, 3)], (g, i, x) => g.scatter(i!, x!, 6)),
  opCase('scatter', 'one', [idsOf(0), at(1, 1)], (g, i, x) => g.scatter(i!, x!, 1)),
  opCase('softmax', '3x7', [at(3, 7)], (g, x) => g.softmax(g.mul(x!, g.constant(30)))),
  opCase('softmax', '1 class', [at(3, 1)], (g, x) => g.softmax(x!)),
  opCase('softmax', '3 axes', [at(2, 3, 5)], (g, x) => g.softmax(x!)),
  opCase('crossEntropy', '4x7', [at(4, 7), idsOf(6, 0, 0, 3)], (g, x, i) => g.crossEntropy(x!, i!)),
  opCase('crossEntropy', 'far apart', [at(4, 7), idsOf(6, 0, 0, 3)], (g, x, i) =>
    g.crossEntropy(g.mul(x!, g.constant(200)), i!),
  ),
  opCase('crossEntropyGradient', '4x7', [at(4, 7), idsOf(6, 0, 0, 3), at(4)], (g, x, i, dy) =>
    g.crossEntropyGradient(x!, i!, dy!),
  ),
  opCase('crossEntropyGradient', 'with its loss', [at(4, 7), idsOf(6, 0, 0, 3)], (g, x, i) =>
    g.add(g.crossEntropyGradient(x!, i!, g.constant(0.05, [4])), g.reshape(g.crossEntropy(x!, i!), [4, 1])),
  ),
];

export const opCases: readonly OpCase[] = [
  ...elementwise,
  ...unary,
  ...roots,
  ...atZero,
  ...products,
  ...fused,
  ...grids,
  gridTies,
  gridZeros,
  ...onScales,
  ...layout,
  ...lookup,
];
