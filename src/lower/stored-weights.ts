/**
 * Weights as they are stored: every tensor's values rounded to its number format. What evaluates, predicts or is
 * emitted as a graph has these values; the emitted C rounds by itself, to the same ones.
 */
import { sparseValues } from '../kernels/pack.js';
import { lookups, planRows, products } from '../kernels/plan-cost.js';
import type { SparseRef } from '../kernels/planner.js';
import { storedPart, storedSparse } from '../kernels/stored-values.js';
import type { Weight } from '../methods/method.js';
import { defined } from '../support/assert.js';
import { placesOf } from '../tensor/blocks.js';
import { scalesName } from '../tensor/grid.js';
import { hasLearnedScales, isFloat32 } from '../tensor/number-format.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { keptOfPool } from './inference-kept.js';
import type { Parameter, StoredAs } from './training-graph.js';

/** Values of a row of each tensor of a weight, by its name. */
export function rowsOf(weight: Weight): ReadonlyMap<string, number> {
  const { gates, shape } = weight.matrix;
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, name]));
  const { lookup, matrix } = weight;
  return planRows(
    matrix.lookup === true && lookup !== undefined
      ? lookups((p, ids, y) => lookup.plan(p, ids, y, paths), shape)
      : products((p, x, y) => weight.plan(p, x, y, paths), [gates * shape[0], shape[1]]),
  );
}

/** The values of one tensor as stored; what is kept of it depends on the tensors that are pruned with it. */
export function storedTensor({ name, stored }: Parameter, weights: Weights): FloatTensor {
  const tensor = defined(weights.get(name), `weight ${name}`);
  if (stored === undefined || isFloat32(stored.format)) return tensor;
  const { format, row, pruned } = stored;
  const { shape, data } = tensor;
  const grouped = format.kind === 'integer' && format.per.kind === 'group';
  if (pruned !== undefined && grouped) {
    const kept = pruned.pool === undefined ? data.length : keptOfPool(pruned.pool, weights).get(name);
    const matrix = { tensor: name, offset: 0, rows: data.length / row, columns: row, block: pruned.block };
    return { shape, data: storedInBlocks(data, matrix, defined(kept, `kept values of ${name}`), format) };
  }
  const learned = hasLearnedScales(format)
    ? defined(weights.get(scalesName(name)), `scales of ${name}`).data
    : undefined;
  return { shape, data: storedPart(data, { tensor: name, offset: 0, count: data.length, row }, format, learned) };
}

/** Runs of stored values follow the order in which the blocks lie, those that are zero by chance among them. */
function storedInBlocks(data: Float32Array, matrix: SparseRef, kept: number, format: StoredAs['format']): Float32Array {
  const { stored, ...sparse } = sparseValues({ kind: 'sparse', section: 'values', matrix, kept }, data);
  const values = storedSparse(sparse, format);
  const result = new Float32Array(data.length);
  const across = matrix.columns / matrix.block[1];
  let next = 0;
  for (let down = 0; down + 1 < stored.starts.length; down++)
    for (let k = stored.starts[down]!; k < stored.starts[down + 1]!; k++)
      for (const place of placesOf(down * across + stored.indices[k]!, matrix.columns, matrix.block))
        result[place] = values[next++]!;
  return result;
}

/** All weights as stored, by what the parameters of a graph say of them. */
export const storedWeights = (parameters: readonly Parameter[], weights: Weights): Weights =>
  new Map([
    ...weights,
    ...parameters.flatMap((parameter) =>
      weights.has(parameter.name) ? [[parameter.name, storedTensor(parameter, weights)] as const] : [],
    ),
  ]);
