/** The suite that every method which stores tables passes: rows by id, in graph ops and in kernel calls. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { finiteDifferences } from '../autodiff/finite-differences.js';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Weight } from './method.js';
import { methods } from './methods.js';
import { draw, randomValues, runLookup, tableOf, type Written, weightOf } from './test-support.js';

const given: Readonly<Record<string, readonly Readonly<Record<string, Written>>[]>> = {
  dense: [{}],
  prune: [{ sparsity: { percent: 50 } }, { sparsity: { percent: 50 }, block: [4, 2] }],
  lmf: [{ r: 1 }, { r: 5 }],
  hlf: [
    { j: 1, k: 1 },
    { j: 10, k: 2 },
    { j: 3, k: 4 },
  ],
};

test('every method that looks rows up is here', () => {
  expect(Object.keys(given)).toEqual(methods.filter((m) => m.looksUp).map((m) => m.name));
});

const [rows, columns] = [12, 6];
const cases = Object.entries(given).flatMap(([method, all]) =>
  all.map((args) => ({
    title: `${method} ${JSON.stringify(args)}`,
    weight: weightOf(method, args, tableOf(rows, columns)),
  })),
);

/** The rows of `ids`, the tensors without gate axes. */
function lookedUp(weight: Weight, count: number) {
  const g = new Builder();
  const tensors = Object.fromEntries(
    Object.entries(weight.tensors).map(([name, { shape }]) => [name, g.input(name, shape.slice(1))]),
  );
  const y = weight.lookup!.prepare(g, tensors, g.input('ids', [count], 'int32'));
  return { g, tensors, y };
}

const feedOf = (weight: Weight, values: Readonly<Record<string, Float64Array>>, ids: readonly number[]): Feed => ({
  ids: { shape: [ids.length], data: Int32Array.from(ids) },
  ...Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, { shape: weight.tensors[name]!.shape.slice(1), data }]),
  ),
});

function expectNear(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThan(tolerance);
}

describe.each(cases)('$title', ({ weight }) => {
  const values = randomValues(weight);
  const w = weight.reconstruct(values);
  const ids = [0, 11, 3, 3, 9, 10, 2];
  const wanted = ids.flatMap((id) => [...w.subarray(id * columns, (id + 1) * columns)]);

  test('forward gives rows of the matrix it stands for', () => {
    const { g, y } = lookedUp(weight, ids.length);
    expectNear(evaluate(g.finish({ y }), feedOf(weight, values, ids))['y']!.data, wanted, 1e-12);
  });

  test('the plan gives each row', () => {
    for (let id = 0; id < rows; id++)
      expectNear(runLookup(weight, values, id), w.subarray(id * columns, (id + 1) * columns), 1e-12);
  });

  test('autodiff is what finite differences give', () => {
    const { g, tensors, y } = lookedUp(weight, ids.length);
    const loss = g.sum(g.mul(g.input('direction', g.shape(y)), g.tanh(y)));
    const found = differentiate(g, loss, Object.values(tensors));
    const outputs = Object.entries(tensors).map(([name, v]) => [`d ${name}`, found.get(v)!] as const);
    const graph = g.finish({ loss, ...Object.fromEntries(outputs) });
    const direction = { shape: [ids.length, columns], data: draw(ids.length * columns, 'direction') };
    const feed: Feed = { ...feedOf(weight, values, ids), direction };
    const gradients = evaluate(graph, feed);
    for (const name of Object.keys(tensors))
      expectNear(gradients[`d ${name}`]!.data, finiteDifferences(graph, 'loss', feed, name), 1e-7);
  });
});
