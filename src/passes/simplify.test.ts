import { describe, expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import type { OpAttrs, OpKind, Value } from '../graph/ops.js';
import { printGraph } from '../graph/print.js';
import type { Shape } from '../tensor/shape.js';
import { mergeDuplicates } from './merge-duplicates.js';
import { runPasses } from './run-passes.js';
import { simplify } from './simplify.js';

type Build = (g: Builder, x: Value, y: Value) => Value;

/** The lines that are left of `build` on x (3x4) and y (3x4), without inputs; then the output. */
function left(build: Build): string {
  const g = new Builder();
  const x = g.input('x', [3, 4]);
  const y = g.input('y', [3, 4]);
  const graph = g.finish({ x, y, result: build(g, x, y) });
  const lines = printGraph(runPasses(graph, [simplify, mergeDuplicates]))
    .trimEnd()
    .split('\n');
  return [...lines.slice(2, -3), lines.at(-1)].join('; ');
}

/** An op that the builder itself would leave out. */
const raw = <K extends OpKind>(g: Builder, kind: K, x: Value, attrs: OpAttrs[K], shape: Shape): Value =>
  g.push(kind, [x], attrs, shape);

const cases: readonly (readonly [string, Build, string])[] = [
  ['x + 0', (g, x) => g.add(x, g.constant(0)), 'result = %0'],
  ['0 + x, broadcast', (g, x) => g.add(g.constant(0, [2, 3, 4]), x), '%2 = broadcast %0 : 2x3x4; result = %2'],
  ['x + -y', (g, x, y) => g.add(x, g.neg(y)), '%2 = sub %0 %1 : 3x4; result = %2'],
  ['-x + y', (g, x, y) => g.add(g.neg(x), y), '%2 = sub %1 %0 : 3x4; result = %2'],
  ['x - 0', (g, x) => g.sub(x, g.constant(0)), 'result = %0'],
  ['0 - x', (g, x) => g.sub(g.constant(0), x), '%2 = neg %0 : 3x4; result = %2'],
  ['x - -y', (g, x, y) => g.sub(x, g.neg(y)), '%2 = add %0 %1 : 3x4; result = %2'],
  ['x * 1', (g, x) => g.mul(g.constant(1, [3, 4]), x), 'result = %0'],
  ['x * 0', (g, x) => g.mul(x, g.constant(0)), '%2 = constant 0 : 3x4; result = %2'],
  ['x * -1', (g, x) => g.mul(x, g.constant(-1)), '%2 = neg %0 : 3x4; result = %2'],
  [
    '(x * 2) * 3',
    (g, x) => g.mul(g.constant(3), g.mul(x, g.constant(2))),
    '%2 = constant 6 : scalar; %3 = mul %0 %2 : 3x4; result = %3',
  ],
  ['-x * 2', (g, x) => g.mul(g.neg(x), g.constant(2)), '%2 = constant -2 : scalar; %3 = mul %0 %2 : 3x4; result = %3'],
  ['x / 1', (g, x) => g.div(x, g.constant(1)), 'result = %0'],
  ['--x', (g, x) => g.neg(g.neg(x)), 'result = %0'],
  ['-(x - y)', (g, x, y) => g.neg(g.sub(x, y)), '%2 = sub %1 %0 : 3x4; result = %2'],
  [
    'functions of constants',
    (g) => g.add(g.exp(g.constant(0)), g.max(g.sqrt(g.constant(4)), g.constant(1, [2]))),
    '%2 = constant 3 : 2; result = %2',
  ],
  [
    'an operand broadcast by hand',
    (g, x) => g.max(x, g.broadcast(g.slice(x, 0, 0, 1), [3, 4])),
    '%2 = slice %0 along 0 from 0 : 1x4; %3 = max %0 %2 : 3x4; result = %3',
  ],
  [
    'a constant of full shape',
    (g, x) => g.div(x, g.constant(5, [3, 4])),
    '%2 = constant 5 : scalar; %3 = div %0 %2 : 3x4; result = %3',
  ],
  ['reshape twice', (g, x) => g.reshape(g.reshape(x, [12]), [3, 4]), 'result = %0'],
  ['transpose twice', (g, x) => g.transpose(g.transpose(x, [1, 0]), [1, 0]), 'result = %0'],
  [
    'a transpose of axes of 1',
    (g, x) => g.transpose(g.reshape(x, [3, 1, 4]), [1, 0, 2]),
    '%2 = reshape %0 : 1x3x4; result = %2',
  ],
  [
    'broadcast twice',
    (g, x) => g.broadcast(g.broadcast(g.slice(x, 0, 1, 1), [3, 4]), [2, 3, 4]),
    '%2 = slice %0 along 0 from 1 : 1x4; %3 = broadcast %2 : 2x3x4; result = %3',
  ],
  ['ops that do nothing', (g, x) => raw(g, 'broadcast', raw(g, 'reshape', x, {}, [3, 4]), {}, [3, 4]), 'result = %0'],
  [
    'layout of a constant',
    (g) => g.slice(g.transpose(g.reshape(g.broadcast(g.constant(2), [6]), [2, 3]), [1, 0]), 0, 1, 2),
    '%2 = constant 2 : 2x2; result = %2',
  ],
  [
    'slice of slice',
    (g, x) => g.slice(g.slice(x, 1, 1, 3), 1, 1, 1),
    '%2 = slice %0 along 1 from 2 : 3x1; result = %2',
  ],
  [
    'slice within a part of a concat',
    (g, x, y) => g.slice(g.concat([x, y], 1), 1, 5, 2),
    '%2 = slice %1 along 1 from 1 : 3x2; result = %2',
  ],
  ['slice that is a part of a concat', (g, x, y) => g.slice(g.concat([x, y], 0), 0, 3, 3), 'result = %1'],
  [
    'slice across parts stays',
    (g, x, y) => g.slice(g.concat([x, y], 1), 1, 3, 2),
    '%2 = concat %0 %1 along 1 : 3x8; %3 = slice %2 along 1 from 3 : 3x2; result = %3',
  ],
  ['slice of what was padded', (g, x) => g.slice(g.pad(x, 0, 2, 9), 0, 2, 3), 'result = %0'],
  ['slice of padding', (g, x) => g.slice(g.pad(x, 0, 2, 9), 0, 5, 4), '%2 = constant 0 : 4x4; result = %2'],
  [
    'slice of a broadcast',
    (g, x) => g.slice(g.broadcast(x, [5, 3, 4]), 0, 1, 2),
    '%2 = broadcast %0 : 2x3x4; result = %2',
  ],
  ['pad twice', (g, x) => g.pad(g.pad(x, 0, 1, 5), 0, 2, 9), '%2 = pad %0 along 0 before 3 : 9x4; result = %2'],
  ['pad of zeros', (g) => g.pad(g.constant(0, [2]), 0, 1, 7), '%2 = constant 0 : 7; result = %2'],
  ['sum of a constant', (g) => g.sum(g.constant(0.5, [3, 4]), [1]), '%2 = constant 2 : 3; result = %2'],
  ['sum over an axis of 1', (g, x) => g.sum(g.reshape(x, [3, 1, 4]), [1]), 'result = %0'],
  [
    'sum of a broadcast',
    (g, x) => g.sum(g.broadcast(x, [5, 3, 4]), [0, 1]),
    '%2 = sum %0 over 0 : 4; %3 = constant 5 : scalar; %4 = mul %2 %3 : 4; result = %4',
  ],
  ['sum over padding', (g, x) => g.sum(g.pad(x, 0, 1, 7), [0]), '%2 = sum %0 over 0 : 4; result = %2'],
  ['sum of a sum', (g, x) => g.sum(g.sum(x, [0])), '%2 = sum %0 over 0,1 : scalar; result = %2'],
  [
    'transposed operands of a product',
    (g, x, y) => g.matmul(g.transpose(x, [1, 0]), g.transpose(y, [1, 0]), { transposeB: true }),
    '%2 = matmul %0^T %1 : 4x4; result = %2',
  ],
  [
    'a batch with one shared matrix',
    (g, x, y) => g.matmul(g.reshape(x, [3, 2, 2]), g.slice(y, 1, 0, 2), { transposeB: true }),
    '%2 = slice %1 along 1 from 0 : 3x2; %3 = reshape %0 : 6x2; %4 = matmul %3 %2^T : 6x3; ' +
      '%5 = reshape %4 : 3x2x3; result = %5',
  ],
  ['a product with zeros', (g, x) => g.matmul(x, g.constant(0, [4, 7])), '%2 = constant 0 : 3x7; result = %2'],
  [
    'a concat of neighbouring slices',
    (g, x, y) => g.concat([g.slice(x, 1, 1, 1), g.slice(x, 1, 2, 2), g.slice(y, 1, 0, 1), g.slice(x, 1, 0, 1)], 1),
    '%2 = slice %1 along 1 from 0 : 3x1; %3 = slice %0 along 1 from 0 : 3x1; %4 = slice %0 along 1 from 1 : 3x3; ' +
      '%5 = concat %4 %2 %3 along 1 : 3x5; result = %5',
  ],
  ['a concat of all slices', (g, x) => g.concat(g.split(x, 0, 3), 0), 'result = %0'],
  [
    'a concat of equal constants',
    (g, x) => g.concat([g.constant(0, [3, 1]), g.constant(0, [3, 2]), x], 1),
    '%2 = constant 0 : 3x3; %3 = concat %2 %0 along 1 : 3x7; result = %3',
  ],
  [
    'a concat of reshaped rows',
    (g, x, y) => g.concat([g.reshape(x, [3, 2, 2]), g.reshape(y, [3, 2, 2])], 0),
    '%2 = concat %0 %1 along 0 : 6x4; %3 = reshape %2 : 6x2x2; result = %3',
  ],
  [
    'a concat of transposes',
    (g, x, y) => g.concat([g.transpose(x, [1, 0]), g.transpose(y, [1, 0])], 0),
    '%2 = concat %0 %1 along 1 : 3x8; %3 = transpose %2 by 1,0 : 8x3; result = %3',
  ],
];

describe('simplify', () => {
  it.each(cases)('%s', (_, build, expected) => {
    expect(left(build).replaceAll('; ', '\n')).toBe(expected.replaceAll('; ', '\n'));
  });

  it('handles a chain of 20,000 ops without recursion', () => {
    const g = new Builder();
    let v = g.input('x', [2]);
    for (let i = 0; i < 10_000; i++) v = g.neg(g.add(v, g.constant(0)));
    expect(runPasses(g.finish({ y: v }), [simplify]).ops).toHaveLength(1);
  });
});
