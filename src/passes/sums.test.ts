import { describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { Builder } from '../graph/builder.js';
import type { Graph, Value } from '../graph/ops.js';
import { printGraph } from '../graph/print.js';
import { UniqueBuilder } from '../graph/unique-builder.js';
import { batchProducts } from './batch-products.js';
import { dropUnused, graphInputs } from './drop-unused.js';
import { factorSums } from './factor-sums.js';
import { joinPads } from './join-pads.js';
import { mergeDuplicates } from './merge-duplicates.js';
import type { Pass } from './pass.js';
import { trainingPasses } from './passes.js';
import { runPasses } from './run-passes.js';
import { addAll } from './sums.js';

/** What `passes` leave of the sum of the values that `build` writes from x0, x1, ... of one shape, without inputs. */
function left(passes: readonly Pass[], shape: readonly number[], build: (g: Builder, xs: Value[]) => Value[]): string {
  const g = new Builder();
  const xs = Array.from({ length: 4 }, (_, i) => g.input(`x${i}`, shape));
  const total = addAll(g, build(g, xs));
  const outputs = Object.fromEntries(xs.map((x, i) => [`x${i}`, x]));
  const lines = printGraph(runPasses(g.finish({ ...outputs, total }), passes))
    .trimEnd()
    .split('\n');
  return [...lines.slice(4, -5), lines.at(-1)].join('\n');
}

describe('join-pads', () => {
  const passes = [joinPads, mergeDuplicates];

  it('makes slices side by side one concat, in the order of their places', () => {
    expect(left(passes, [2, 3], (g, xs) => xs.map((x, i) => g.pad(x, 0, 6 - 2 * i, 8)))).toBe(
      '%4 = concat %3 %2 %1 %0 along 0 : 8x3\ntotal = %4',
    );
  });

  it('fills gaps with zeros and leaves other terms beside', () => {
    const build = (g: Builder, [a, b, c]: Value[]): Value[] => [
      g.pad(a!, 1, 4, 9),
      g.pad(b!, 1, 1, 9),
      g.broadcast(g.slice(c!, 1, 0, 1), [3, 9]),
    ];
    expect(left(passes, [3, 2], build)).toBe(`%4 = slice %2 along 1 from 0 : 3x1
%5 = broadcast %4 : 3x9
%6 = constant 0 : 3x1
%7 = constant 0 : 3x3
%8 = concat %6 %1 %6 %0 %7 along 1 : 3x9
%9 = add %8 %5 : 3x9
total = %9`);
  });

  it('keeps ranges that meet apart, and axes apart', () => {
    const build = (g: Builder, [a, b, c, d]: Value[]): Value[] => [
      g.pad(a!, 0, 0, 4),
      g.pad(b!, 0, 1, 4),
      g.pad(c!, 0, 2, 4),
      g.pad(d!, 0, 2, 4),
    ];
    expect(left(passes, [2], build)).toBe(`%4 = concat %0 %2 along 0 : 4
%5 = pad %1 along 0 before 1 : 4
%6 = pad %3 along 0 before 2 : 4
%7 = add %4 %5 : 4
%8 = add %7 %6 : 4
total = %8`);
  });

  it('keeps a subtotal that is used twice', () => {
    const build = (g: Builder, [a, b, c]: Value[]): Value[] => {
      const subtotal = g.add(g.pad(a!, 0, 0, 6), g.pad(b!, 0, 2, 6));
      return [subtotal, g.tanh(subtotal), g.pad(c!, 0, 4, 6)];
    };
    expect(left(passes, [2], build)).toBe(`%4 = constant 0 : 2
%5 = concat %0 %1 %4 along 0 : 6
%6 = tanh %5 : 6
%7 = pad %2 along 0 before 4 : 6
%8 = add %5 %6 : 6
%9 = add %8 %7 : 6
total = %9`);
  });
});

describe('factor-sums', () => {
  const passes = [factorSums, mergeDuplicates];

  it('takes layout, negation and a common mask out of a sum, one around the other', () => {
    const build = (g: Builder, [a, b, c, mask]: Value[]): Value[] =>
      [a, b, c].map((x) => g.pad(g.reshape(g.mul(g.neg(x!), mask!), [6]), 0, 1, 8));
    expect(left(passes, [2, 3], build)).toBe(`%4 = add %0 %1 : 2x3
%5 = add %4 %2 : 2x3
%6 = neg %5 : 2x3
%7 = mul %6 %3 : 2x3
%8 = reshape %7 : 6
%9 = pad %8 along 0 before 1 : 8
total = %9`);
  });

  it('takes a chain of 20,000 shared ops out without recursion', () => {
    const build = (g: Builder, [a, b]: Value[]): Value[] =>
      [a, b].map((x) => Array.from({ length: 20_000 }).reduce<Value>((v) => g.neg(v), x!));
    expect(left([factorSums], [2], build).match(/neg/g)).toHaveLength(20_000);
  });

  it('leaves terms that share nothing as they are', () => {
    const build = (g: Builder, [a, b]: Value[]): Value[] => [g.neg(a!), g.tanh(b!), g.mul(a!, b!)];
    expect(left(passes, [2], build)).toBe(`%4 = neg %0 : 2
%5 = tanh %1 : 2
%6 = mul %0 %1 : 2
%7 = add %4 %5 : 2
%8 = add %7 %6 : 2
total = %8`);
  });
});

describe('batch-products', () => {
  const passes = [batchProducts, mergeDuplicates];

  it.each([
    [{ transposeA: true }, [3, 3], '%0 %2 along 0 : 6x3', '%1 %3 along 0 : 6x3', '%4^T %5'],
    [{ transposeB: true }, [3, 3], '%0 %2 along 1 : 3x6', '%1 %3 along 1 : 3x6', '%4 %5^T'],
    [{}, [3, 3], '%0 %2 along 1 : 3x6', '%1 %3 along 0 : 6x3', '%4 %5'],
    [{ transposeA: true, transposeB: true }, [3, 3], '%0 %2 along 0 : 6x3', '%1 %3 along 1 : 3x6', '%4^T %5^T'],
  ] as const)('contracts all steps at once: %j', (flags, shape, a, b, product) => {
    const build = (g: Builder, [p, q, r, s]: Value[]): Value[] => [g.matmul(p!, q!, flags), g.matmul(r!, s!, flags)];
    expect(left(passes, shape, build)).toBe(
      `%4 = concat ${a}\n%5 = concat ${b}\n%6 = matmul ${product} : 3x3\ntotal = %6`,
    );
  });

  it('takes the order in which an operand is concatenated already', () => {
    const build = (g: Builder, [p, q, r, s]: Value[]): Value[] => {
      const known = g.sum(g.tanh(g.concat([r!, p!], 0)));
      return [
        g.matmul(p!, q!, { transposeA: true }),
        g.matmul(r!, s!, { transposeA: true }),
        g.broadcast(known, [3, 3]),
      ];
    };
    const text = left(passes, [2, 3], build);
    expect(text.match(/concat .*/g)).toEqual(['concat %2 %0 along 0 : 4x3', 'concat %3 %1 along 0 : 4x3']);
  });

  it('makes sums over rows one sum, in the order of the products of the same steps', () => {
    const g = new Builder();
    const [a, b, p, q] = ['a', 'b', 'p', 'q'].map((name) => g.input(name, [2, 3])) as [Value, Value, Value, Value];
    const weight = g.add(g.matmul(b, q, { transposeA: true }), g.matmul(a, p, { transposeA: true }));
    const bias = g.add(g.sum(q, [0]), g.sum(p, [0]));
    expect(printGraph(runPasses(g.finish({ weight, bias }), passes))).toBe(`%0 = input "a" : 2x3
%1 = input "b" : 2x3
%2 = input "p" : 2x3
%3 = input "q" : 2x3
%4 = concat %0 %1 along 0 : 4x3
%5 = concat %2 %3 along 0 : 4x3
%6 = matmul %4^T %5 : 3x3
%7 = sum %5 over 0 : 3
weight = %6
bias = %7
`);
  });

  it('does not concatenate weights whose product is smaller than they are', () => {
    const build = (g: Builder, [p, q, r, s]: Value[]): Value[] =>
      [[p, q] as const, [r, s] as const].map(([x, w]) => g.matmul(x!, w!, { transposeB: true }));
    expect(left(passes, [2, 7], build)).not.toContain('concat');
  });
});

/** Two gates of a Kronecker recurrent weight, cut out of their stacks at every step, and the factors' gradients. */
function kronecker(g: Builder, steps: number): Graph {
  const [batch, gates, m1, n1, m2, n2] = [2, 2, 3, 4, 5, 2];
  const [left, right] = [g.input('B', [gates, m1, n1]), g.input('C', [gates, m2, n2])];
  const out = g.input('P', [gates * m1 * m2, n1 * n2]);
  let h = g.input('h', [batch, n1 * n2]);
  for (let t = 0; t < steps; t++) {
    const x = g.reshape(h, [batch, n1, n2]);
    const shares = Array.from({ length: gates }, (_, k) => {
      const b = g.reshape(g.slice(left, 0, k, 1), [m1, n1]);
      const c = g.reshape(g.slice(right, 0, k, 1), [m2, n2]);
      return g.reshape(g.matmul(b, g.matmul(x, c, { transposeB: true })), [batch, m1 * m2]);
    });
    h = g.tanh(g.matmul(g.concat(shares, 1), out));
  }
  const found = differentiate(g, g.sum(h), [left, right]);
  return g.finish({ dB: found.get(left)!, dC: found.get(right)! });
}

describe('all passes', () => {
  it('make the gradient of Kronecker factors one product per factor and gate, whatever the number of steps', () => {
    const byFactor = (steps: number): string[] => {
      const { ops } = runPasses(kronecker(new Builder(), steps), trainingPasses);
      const flat = ops.flatMap((op) =>
        op.kind === 'matmul' && op.attrs.transposeA && op.shape.length === 2 ? [op] : [],
      );
      return flat.map((op) => op.shape.join('x')).sort();
    };
    expect(byFactor(3)).toEqual(['3x4', '3x4', '5x2', '5x2']);
    expect(byFactor(8)).toEqual(byFactor(3));
  });

  it('give the same graph whether or not repeated ops were merged while building', () => {
    const [plain, unique] = [new Builder(), new UniqueBuilder()].map((g) => runPasses(kronecker(g, 4), trainingPasses));
    expect(unique!.ops.length).toBe(plain!.ops.length);
  });
});

describe('merge-duplicates', () => {
  it('merges equal ops on equal operands and tells unlike numbers apart', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    const numbers = [1, 1, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, Number.NaN];
    const outputs = Object.fromEntries(numbers.map((value, i) => [`n${i}`, g.constant(value)]));
    const graph = g.finish({ ...outputs, y: g.mul(g.tanh(x), g.tanh(x)) });
    expect(Object.values(runPasses(graph, [mergeDuplicates]).outputs)).toEqual([1, 1, 2, 3, 4, 5, 6, 6, 8]);
  });
});

describe('drop-unused', () => {
  it('leaves out dead ops and inputs, and tells which inputs are left', () => {
    const g = new Builder();
    const [x, z] = [g.input('x', [2]), g.input('z', [2])];
    g.mul(z, g.tanh(x));
    const graph = runPasses(g.finish({ y: g.exp(x) }), [dropUnused]);
    expect(printGraph(graph)).toBe('%0 = input "x" : 2\n%1 = exp %0 : 2\ny = %1\n');
    expect(graphInputs(graph).map((op) => op.attrs.name)).toEqual(['x']);
  });
});

describe('runPasses', () => {
  const g = new Builder();
  const graph = g.finish({ y: g.exp(g.input('x', [2])) });

  it('shows the graph after each pass', () => {
    const seen: string[] = [];
    runPasses(graph, [dropUnused, joinPads], { onAfter: (name, after) => seen.push(`${name} ${after.ops.length}`) });
    expect(seen).toEqual(['drop-unused 2', 'join-pads 2']);
  });

  it('catches a pass that breaks the graph', () => {
    const broken: Pass = { name: 'broken', why: 'to be caught', run: ({ ops }) => ({ ops, outputs: { y: 7 } }) };
    expect(() => runPasses(graph, [broken])).toThrow(/output y is %7, which does not exist/);
  });
});
