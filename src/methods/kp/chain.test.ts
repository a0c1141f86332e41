import { expect, test } from 'vitest';
import { planCost } from '../../kernels/plan-cost.js';
import { parameterCount } from '../parameters.js';
import { draw, largestWithin, matrixOf, tryMethod, type Written, weightOf } from '../test-support.js';
import { chainParameters, chainRank, chainsBySize, cheapestOrder } from './chain-shapes.js';
import { chainValues } from './chain-values.js';

const three = { B: [2, 5], C: [5, 2], D: [10, 20] };

test('the factors add up: 2x5, 5x2 and 10x20 make 100x200 from 220 values', () => {
  const weight = weightOf('kp', three, matrixOf(1, 100, 200));
  expect(parameterCount(weight, 0)).toBe(10 + 10 + 200);
  expect(weight.rank).toBe(2 * 2 * 10);
  expect(weight.arguments.map((a) => `${a.name}=${a.value}`).join(', ')).toBe('B=2x5, C=5x2, D=10x20');
  expect(Object.entries(weight.tensors).map(([name, { shape }]) => [name, shape])).toEqual([
    ['B', [1, 2, 5]],
    ['C', [1, 5, 2]],
    ['D', [1, 10, 20]],
  ]);
});

test('factors multiply from left to right: W[(i1 i2 i3), (j1 j2 j3)] = B[i1, j1] C[i2, j2] D[i3, j3]', () => {
  const w = chainValues(
    [Float64Array.of(2, 3), Float64Array.of(1, 10), Float64Array.of(5, 7)],
    [
      [1, 2],
      [2, 1],
      [1, 2],
    ],
  );
  expect([...w]).toEqual([10, 14, 15, 21, 100, 140, 150, 210]);
});

test('the cheapest order is found: shrinking factors first, growing ones last', () => {
  // x is 5 * 2 * 20. B first: 10 * 40 = 400, then D: 200 * 2 * 2 = 800, then C: 10 * 2 * 10 = 200.
  const { cost, steps } = cheapestOrder([
    [2, 5],
    [5, 2],
    [10, 20],
  ]);
  expect(cost).toBe(1400);
  expect(steps.map((s) => s.factor)).toEqual([0, 2, 1]);
});

test('no order is cheaper, over all of them', () => {
  const orders = (left: readonly number[]): number[][] =>
    left.length === 0 ? [[]] : left.flatMap((k) => orders(left.filter((other) => other !== k)).map((o) => [k, ...o]));
  const chain = [
    [3, 4],
    [7, 2],
    [1, 5],
    [6, 6],
  ] as const;
  const costOf = (order: readonly number[]): number => {
    const extents = chain.map(([, columns]) => columns as number);
    return order.reduce((sum, k) => {
      const [rows, columns] = chain[k]!;
      const others = extents.reduce((all, e) => all * e, 1) / columns;
      extents[k] = rows;
      return sum + rows * columns * others;
    }, 0);
  };
  expect(cheapestOrder(chain).cost).toBe(Math.min(...orders([0, 1, 2, 3]).map(costOf)));
});

test('the plan costs what the cheapest order does', () => {
  const weight = weightOf('kp', three, matrixOf(4, 100, 50, 150));
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, name]));
  const cost = planCost(
    (p, x, y) => weight.plan(p, x, y, paths),
    200,
    400,
    () => 0,
  );
  expect(cost.multiplyAdds).toBe(4 * 1400);
});

test('shapes may be chosen for three factors: fewest values, then by goal the most that fit', () => {
  const chains = chainsBySize([650, 1300], 3);
  expect(chainParameters(chains[0]!)).toBe(Math.min(...chains.map(chainParameters)));
  const { use, weight } = tryMethod('kp', { factors: 3 }, matrixOf(4, 650, 650, 650));
  expect(use?.complete).toBe(false);
  expect(parameterCount(weight!, 0)).toBe(4 * chainParameters(chains[0]!));
  const most = Math.floor(3_380_000 / 1000);
  const found = largestWithin('kp', { factors: 3 }, matrixOf(4, 650, 650, 650), most)!;
  const sizes = chains.map((c) => 4 * chainParameters(c)).filter((s) => s <= most);
  expect(parameterCount(found, 0)).toBe(Math.max(...sizes));
  expect(chains.map(chainRank).every((rank) => rank >= 1 && rank <= 650)).toBe(true);
});

test('shapes of the stacked matrix stack the gates', () => {
  const weight = weightOf('kp', { B: [4, 5], C: [10, 4], D: [10, 10] }, matrixOf(4, 100, 200));
  expect(weight.matrix).toEqual({ gates: 1, shape: [400, 200], columns: [200] });
});

test.each<readonly [Readonly<Record<string, Written>>, string, string]>([
  [
    { B: [2, 5], C: [5, 2], D: [10, 21] },
    'kp/chain: B=2x5, C=5x2, D=10x21 make 100x210, but rnn1 is 100x200 per gate, or 400x200 for its 4 gates stacked',
    'the nearest legal factors are (B=2x5, C=5x2, D=10x20), ',
  ],
  [{ B: [2, 5], D: [50, 40] }, 'kp/missing-factor: `D` is given without `C`, which stands left of it', 'write all'],
  [{ ...three, factors: 2 }, 'kp/factor-count: 3 shapes are written, but factors=2', 'write `factors` without shapes'],
  [{ factors: 9 }, 'argument/type: `factors` expects an integer from 2 to 4, found the number 9', ''],
])('%o is refused', (given, message, hint) => {
  const { weight, diagnostics } = tryMethod('kp', given, matrixOf(4, 100, 200));
  expect(weight).toBeUndefined();
  expect(diagnostics.map((d) => `${d.code}: ${d.message}`)).toEqual([message]);
  expect(diagnostics[0]!.hint ?? '').toContain(hint);
});

test('fit of a full matrix: no small change of a factor is nearer', () => {
  const weight = weightOf('kp', { B: [2, 3], C: [3, 2], D: [2, 2] }, matrixOf(2, 12, 12));
  const dense = draw(2 * 12 * 12, 'full');
  const distance = (w: Float64Array): number => dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  const best = distance(weight.reconstruct(fitted.values));
  expect(best).toBeLessThan(distance(new Float64Array(dense.length)));
  for (const [name, values] of Object.entries(fitted.values)) {
    values.forEach((_, at) => {
      for (const change of [-0.01, 0.01]) {
        const changed = values.map((v, i) => (i === at ? v + change : v));
        expect(distance(weight.reconstruct({ ...fitted.values, [name]: changed }))).toBeGreaterThan(best);
      }
    });
  }
});
