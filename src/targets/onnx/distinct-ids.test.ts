import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { findUses } from '../graph-uses.js';
import { findDistinctIds } from './distinct-ids.js';
import { type DistinctRule, textRule } from './distinct-rule.js';
import { graphToOnnx } from './to-onnx.js';

interface Layer {
  readonly n: number;
  readonly width: number;
  readonly units: number;
  /** Between the rows and the layer. */
  readonly dropout?: boolean;
  /** Outputs are products of the rows alone. */
  readonly evaluation?: boolean;
  /** The table is not trained. */
  readonly frozen?: boolean;
}

/** A layer that reads rows of a table of 10,000, and its gradients. */
function layerOf({ n, width, units, dropout = false, evaluation = false, frozen = false }: Layer) {
  const g = new Builder();
  const [table, ids] = [g.input('table', [10_000, width]), g.input('ids', [n], 'int32')];
  const [w, dz] = [g.input('w', [units, width]), g.input('dz', [n, units])];
  const mask = g.input('mask', [n, width]);
  const dropped = (v: Value): Value => (dropout ? g.mul(v, mask) : v);
  const x = dropped(g.gather(table, ids));
  const z = g.matmul(x, w, { transposeB: true });
  const dw = g.matmul(dz, x, { transposeA: true });
  const dx = g.matmul(dz, w);
  const rows = g.scatter(ids, dropped(dx), 10_000);
  const graph = g.finish({ z, ...(evaluation ? {} : { dw }), ...(evaluation || frozen ? {} : { rows }) });
  const found = findDistinctIds(graph, findUses(graph), textRule);
  const all = { z, dw, dx, rows };
  const has = (set: { has(v: Value): boolean }): string =>
    Object.entries(all)
      .filter(([, v]) => set.has(v))
      .map(([name]) => name)
      .join(' ');
  const decided = `${has(found.perId)} | ${has(found.sums)} | ${has(found.contracted)} | ${has(found.scattered)}`;
  return { graph, decided };
}

/** What is made of rows per id; of sums; of both; what scatters sums. */
const [everything, sumsAlone, rowsAlone, nothing] = ['z | dx | dw | rows', ' |  |  | rows', 'z |  |  | ', ' |  |  | '];

describe('findDistinctIds', () => {
  it('finds the product with rows, both gradients of it, and the update of the table', () => {
    expect(layerOf({ n: 700, width: 650, units: 2600 }).decided).toBe(everything);
    expect(layerOf({ n: 400, width: 200, units: 800 }).decided).toBe(everything);
  });

  it('finds nothing where dropout lies between but that few ids come again in the table', () => {
    expect(layerOf({ n: 700, width: 650, units: 2600, dropout: true }).decided).toBe(sumsAlone);
  });

  it('finds the product of an evaluation of any number of ids', () => {
    for (const n of [400, 4000, 20_000])
      expect(layerOf({ n, width: 200, units: 800, evaluation: true }).decided).toBe(rowsAlone);
  });

  it('sums over at most twice as many ids as the products of the sums have columns', () => {
    const [width, units] = [200, 800];
    expect(layerOf({ n: 800, width, units }).decided).toBe(everything);
    expect(layerOf({ n: 801, width, units }).decided).toBe('z |  |  | rows');
    expect(layerOf({ n: 400, width, units, frozen: true }).decided).toBe('z |  | dw | ');
    expect(layerOf({ n: 401, width, units, frozen: true }).decided).toBe(rowsAlone);
  });

  it('sums over no more ids than a matrix of ones and zeros is made for', () => {
    expect(layerOf({ n: 2048, width: 1500, units: 600 }).decided).toBe(everything);
    expect(layerOf({ n: 2049, width: 1500, units: 600 }).decided).toBe(rowsAlone);
  });

  it('leaves small products and short rows as they are', () => {
    expect(layerOf({ n: 400, width: 50, units: 200 }).decided).toBe(nothing);
    expect(layerOf({ n: 700, width: 64, units: 2600 }).decided.startsWith('z')).toBe(true);
    expect(layerOf({ n: 700, width: 63, units: 2600 }).decided.startsWith('z')).toBe(false);
    const [n, width] = [256, 256];
    expect(layerOf({ n, width, units: 256, evaluation: true }).decided).toBe(rowsAlone);
    expect(layerOf({ n, width, units: 255, evaluation: true }).decided).toBe(nothing);
    expect(layerOf({ n: 512, width: 128, units: 8, dropout: true }).decided).toBe(sumsAlone);
    expect(layerOf({ n: 511, width: 128, units: 8, dropout: true }).decided).toBe(nothing);
  });
});

describe('graphToOnnx', () => {
  const { graph } = layerOf({ n: 400, width: 200, units: 800 });
  const opsWith = (distinctIds?: DistinctRule): readonly string[] =>
    graphToOnnx(graph, distinctIds === undefined ? {} : { distinctIds }).nodes.map(({ op }) => op);

  it('reads no row twice: one gather of the table, and products of as many rows as there are distinct ids', () => {
    const { nodes } = graphToOnnx(graph, { distinctIds: textRule });
    expect(nodes.filter(({ inputs }) => inputs[0] === 'table').map(({ op }) => op)).toEqual(['Gather']);
    // The product, two gradients, and the sums over ids that come again.
    expect(nodes.filter(({ op }) => op === 'Gemm')).toHaveLength(4);
    const [unique] = nodes.filter(({ op }) => op === 'Unique');
    expect(unique!.outputs).toHaveLength(4);
  });

  it('adds nothing up by a scatter, which would work in one thread', () => {
    const { nodes } = graphToOnnx(graph, { distinctIds: textRule });
    expect(nodes.filter(({ attributes }) => attributes['reduction'] !== undefined)).toEqual([]);
  });

  it('does so only when told', () => {
    expect(opsWith(textRule)).toContain('Unique');
    expect(opsWith()).not.toContain('Unique');
    expect(opsWith()).toContain('ScatterElements');
  });
});
