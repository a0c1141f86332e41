/** How many values of each masked tensor are kept, while training has not said so yet. */
import { type Model, type Pool, poolName, tensorPath } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import { area, type Block, nonzeroBlocks } from '../tensor/blocks.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';

/** Elements of each masked tensor of a model, by path. */
function maskedElements(model: Model): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const unit of model.layers.flatMap((layer) => layer.units))
    for (const [name, spec] of Object.entries(unit.weight.tensors))
      if (spec.masked)
        result.set(
          tensorPath(unit.path, name),
          spec.shape.reduce((product, d) => product * d, 1),
        );
  return result;
}

/** `total` split in proportion to `sizes`, none above its size; the largest remainders get what rounding leaves. */
export function spread(total: number, sizes: readonly number[]): readonly number[] {
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const shares = sizes.map((size) => (whole === 0 ? 0 : (total * size) / whole));
  const result = shares.map(Math.floor);
  const left = total - result.reduce((sum, share) => sum + share, 0);
  const byRemainder = shares.map((share, i) => ({ i, remainder: share - Math.floor(share) }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) result[i]! += 1;
  return result;
}

/** Kept values by path: the pool's count spread over its tensors; all values where no pool prunes. */
export function plannedKept(model: Model): ReadonlyMap<string, number> {
  const elements = maskedElements(model);
  const result = new Map(elements);
  for (const { tensors, block, kept } of model.pools) {
    const values = area(block);
    const sizes = tensors.map((tensor) => defined(elements.get(tensor), `masked tensor ${tensor}`) / values);
    spread(kept / values, sizes).forEach((share, i) => {
      result.set(tensors[i]!, share * values);
    });
  }
  return result;
}

/**
 * Kept values of a pool's tensors by path: those of the blocks that are not all zero. A kept block may be zero by
 * chance; such values are counted to the first tensors of their pool that have room, so that a pool always has its
 * exact count. While it is still being pruned it has more.
 */
export function keptOfPool(
  { tensors, block, kept }: Pick<Pool, 'tensors' | 'block' | 'kept'>,
  weights: Weights,
): ReadonlyMap<string, number> {
  const values = tensors.map((tensor) => defined(weights.get(tensor), `weight ${tensor}`));
  const counts = values.map((tensor) => stored(tensor, block));
  let missing = Math.max(
    0,
    counts.reduce((left, count) => left - count, kept),
  );
  return new Map(
    tensors.map((tensor, i) => {
      const added = Math.min(missing, values[i]!.data.length - counts[i]!);
      missing -= added;
      return [tensor, counts[i]! + added];
    }),
  );
}

/** Kept values by path as training left them, each pool with its exact count; all values where no pool prunes. */
export function trainedKept(model: Model, weights: Weights): ReadonlyMap<string, number> {
  const result = new Map(maskedElements(model));
  for (const pool of model.pools) {
    let total = 0;
    for (const [tensor, count] of keptOfPool(pool, weights)) {
      result.set(tensor, count);
      total += count;
    }
    invariant(total === pool.kept, `${poolName(pool)} keeps ${total} values, ${pool.kept} are allowed`);
  }
  return result;
}

const stored = ({ shape, data }: FloatTensor, block: Block): number =>
  nonzeroBlocks(data, shape.at(-1) ?? data.length, block) * area(block);
