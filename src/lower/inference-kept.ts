/** How many values of each masked tensor are kept, while training has not said so yet. */
import { type Model, tensorPath } from '../model/model.js';
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
 * Kept values by path as training left them: those of the blocks that are not all zero. A kept block may be zero by
 * chance; such values are counted to the first tensors of their pool that have room,
 * so that a pool always has its exact count.
 */
export function trainedKept(model: Model, weights: Weights): ReadonlyMap<string, number> {
  const elements = maskedElements(model);
  const result = new Map(elements);
  for (const { tensors, block, kept, layer } of model.pools) {
    for (const tensor of tensors) result.set(tensor, stored(defined(weights.get(tensor), `weight ${tensor}`), block));
    let missing = kept - tensors.reduce((sum, tensor) => sum + result.get(tensor)!, 0);
    invariant(missing >= 0, `${layer} keeps ${kept - missing} values, ${kept} are allowed`);
    for (const tensor of tensors) {
      const added = Math.min(missing, elements.get(tensor)! - result.get(tensor)!);
      result.set(tensor, result.get(tensor)! + added);
      missing -= added;
    }
  }
  return result;
}

const stored = ({ shape, data }: FloatTensor, block: Block): number =>
  nonzeroBlocks(data, shape.at(-1) ?? data.length, block) * area(block);
