/**
 * How many values every pruned weight keeps when given matrices are fitted: weights that are pruned together are ranked
 * by what their methods leave without any kept value, as training ranks them. Changes no weight.
 */
import { joinValues } from '../methods/gates.js';
import { largestMagnitudes } from '../methods/magnitude.js';
import { type Model, type Pool, tensorPath, type Unit } from '../model/model.js';
import { membersOf } from '../model/pools.js';
import { area, blockMagnitudes, nonzeroBlocks } from '../tensor/blocks.js';
import type { Weights } from '../tensor/tensor.js';

/** The given matrix of a unit; undefined where the file holds the unit as the program stores it. */
export type DenseOf = (unit: Unit) => Float64Array | undefined;

/** By unit. What is stored already keeps what it has; the others share the rest of the pool's count. */
export function keptCounts(model: Model, denseOf: DenseOf, weights: Weights): ReadonlyMap<Unit, number> {
  const result = new Map<Unit, number>();
  for (const pool of model.pools) {
    const members = membersOf(model, pool);
    if (members.length === 1) result.set(members[0]!, pool.kept);
    else for (const [unit, kept] of rankedCounts(pool, members, { denseOf, weights })) result.set(unit, kept);
  }
  return result;
}

interface Source {
  readonly denseOf: DenseOf;
  readonly weights: Weights;
}

function rankedCounts(pool: Pool, members: readonly Unit[], { denseOf, weights }: Source): ReadonlyMap<Unit, number> {
  const values = area(pool.block);
  const open: { unit: Unit; magnitudes: Float64Array }[] = [];
  const result = new Map<Unit, number>();
  for (const unit of members) {
    const dense = denseOf(unit);
    const columns = unit.weight.matrix.shape[1];
    if (dense === undefined) result.set(unit, storedValues(unit, pool, weights));
    else open.push({ unit, magnitudes: blockMagnitudes(leftOver(unit, dense), columns, pool.block) });
  }
  const taken = [...result.values()].reduce((sum, kept) => sum + kept, 0);
  const all = joinValues(open.map(({ magnitudes }) => magnitudes));
  const stays = largestMagnitudes(all, Math.min(Math.max(0, pool.kept - taken) / values, all.length));
  let first = 0;
  for (const { unit, magnitudes } of open) {
    const own = stays.subarray(first, first + magnitudes.length);
    first += magnitudes.length;
    result.set(unit, own.reduce((sum, stay) => sum + stay, 0) * values);
  }
  return result;
}

/** Of a matrix, what the method without kept values does not hold: all of it for `prune`. */
function leftOver({ weight }: Unit, dense: Float64Array): Float64Array {
  const fitted = weight.fit(dense, 0);
  if (fitted.kind === 'refused') return dense;
  const held = weight.reconstruct(fitted.values);
  return dense.map((value, i) => value - held[i]!);
}

function storedValues({ path, weight }: Unit, { block }: Pool, weights: Weights): number {
  const masked = Object.entries(weight.tensors).filter(([, spec]) => spec.masked);
  return masked.reduce((sum, [name]) => {
    const tensor = weights.get(tensorPath(path, name));
    return sum + (tensor === undefined ? 0 : nonzeroBlocks(tensor.data, tensor.shape.at(-1) ?? 1, block) * area(block));
  }, 0);
}
