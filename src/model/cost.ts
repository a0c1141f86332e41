/**
 * What weights cost as they are stored and applied: parameters from tensor sizes, bytes and multiply-adds from the
 * kernel plan. There is no second formula for any of them.
 */
import { lookups, products, storedCost } from '../kernels/plan-cost.js';
import { plainBytes } from '../kernels/regions.js';
import type { LayerShape } from '../layers/layer.js';
import type { Weight } from '../methods/method.js';
import { blockOf, maskedElements, parameterCount } from '../methods/parameters.js';
import { area } from '../tensor/blocks.js';
import { float32 } from '../tensor/number-format.js';
import { size } from '../tensor/shape.js';

export interface Cost {
  /** Stored values; masks and indices are not parameters. */
  readonly parameters: number;
  /** As the emitted C stores them: values, indices, padding. */
  readonly bytes: number;
  /** For one time step, batch 1. */
  readonly macs: number;
}

export const noCost: Cost = { parameters: 0, bytes: 0, macs: 0 };

export const addCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (a, b) => ({ parameters: a.parameters + b.parameters, bytes: a.bytes + b.bytes, macs: a.macs + b.macs }),
    noCost,
  );

/** `amount` divided in proportion to `sizes`, in multiples of `unit`, of which all are multiples. */
export function shares(amount: number, sizes: readonly number[], unit = 1): readonly number[] {
  if (unit > 1) {
    return shares(
      amount / unit,
      sizes.map((s) => s / unit),
    ).map((s) => s * unit);
  }
  const total = sizes.reduce((sum, s) => sum + s, 0);
  if (total === 0) return sizes.map(() => 0);
  let before = 0;
  let given = 0;
  return sizes.map((s) => {
    before += s;
    const share = Math.floor((amount * before) / total) - given;
    given += share;
    return share;
  });
}

/**
 * A weight whose masked tensors keep `kept` values. Where one gate is applied more often than others, the multiply-adds
 * of pruned values are those of an even spread: only training says which gate keeps how many.
 */
export function weightCost(weight: Weight, kept: number): Cost {
  const { gates, shape, times = 1 } = weight.matrix;
  const masked = Object.entries(weight.tensors).filter(([, spec]) => spec.masked);
  const parts = shares(
    kept,
    masked.map(([, spec]) => size(spec.shape)),
    area(blockOf(weight)),
  );
  const keptOf = new Map(masked.map(([name], i) => [name, parts[i]!]));
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, name]));
  const { lookup } = weight;
  const ask =
    weight.matrix.lookup === true && lookup !== undefined
      ? lookups((p, ids, y) => lookup.plan(p, ids, y, paths), shape)
      : products((p, x, y) => weight.plan(p, x, y, paths), [gates * shape[0], shape[1]]);
  const plan = storedCost(ask, {
    keptOf: (tensor) => keptOf.get(tensor) ?? 0,
    formatOf: () => weight.format ?? float32,
  });
  return { parameters: parameterCount(weight, kept), bytes: plan.bytes, macs: times * plan.multiplyAdds };
}

/** Weights that are pruned by one ranking to `kept` values: each has its share in proportion. */
export function poolCost(weights: readonly Weight[], kept: number): Cost {
  const unit = weights[0] === undefined ? 1 : area(blockOf(weights[0]));
  const parts = shares(kept, weights.map(maskedElements), unit);
  return addCosts(weights.map((weight, i) => weightCost(weight, parts[i]!)));
}

/** Biases, which no method stores. */
export const plainCost = ({ tensors }: LayerShape): Cost =>
  addCosts(
    Object.values(tensors).map(({ shape }) => ({ parameters: size(shape), bytes: plainBytes(size(shape)), macs: 0 })),
  );
