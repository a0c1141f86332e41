/**
 * What weights cost as they are stored and applied: parameters from tensor sizes, bytes and multiply-adds from the
 * kernel plan. There is no second formula for any of them.
 */
import { lookups, type PlanCost, products, productsAlone, storedCost } from '../kernels/plan-cost.js';
import { plainBytes } from '../kernels/regions.js';
import type { LayerShape } from '../layers/layer.js';
import { blockStarts } from '../methods/column-blocks.js';
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
 * A weight whose masked tensors keep `kept` values. Where the shares of column blocks are needed apart, each has its
 * product: the multiply-adds of pruned values are then those of an even spread, as only training says which gate keeps
 * how many.
 */
export function weightCost(weight: Weight, kept: number): Cost {
  const { multiplyAdds, bytes } = planOf(weight, kept);
  const macs = weight.matrix.apart === true ? apartMacs(weight, kept) : multiplyAdds;
  return { parameters: parameterCount(weight, kept), bytes, macs };
}

/** Multiply-adds of one product with all columns. */
export const macsAtOnce = (weight: Weight, kept: number): number => planOf(weight, kept).multiplyAdds;

/** Multiply-adds of a product for each column block, all others zero. */
function apartMacs(weight: Weight, kept: number): number {
  const starts = blockStarts(weight.matrix);
  const of = (first: number, block: number) => ({ first, count: weight.matrix.columns[block]! });
  return starts.reduce((sum, first, block) => sum + planOf(weight, kept, of(first, block)).multiplyAdds, 0);
}

/** A product with all columns, or with a run of them. */
function planOf(weight: Weight, kept: number, columns?: { readonly first: number; readonly count: number }): PlanCost {
  const { gates, shape } = weight.matrix;
  const masked = Object.entries(weight.tensors).filter(([, spec]) => spec.masked);
  const parts = shares(
    kept,
    masked.map(([, spec]) => size(spec.shape)),
    area(blockOf(weight)),
  );
  const keptOf = new Map(masked.map(([name], i) => [name, parts[i]!]));
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, name]));
  const { lookup } = weight;
  const facts = { keptOf: (tensor: string) => keptOf.get(tensor) ?? 0, formatOf: () => weight.format ?? float32 };
  if (weight.matrix.lookup === true && lookup !== undefined)
    return storedCost(
      lookups((p, ids, y) => lookup.plan(p, ids, y, paths), shape),
      facts,
    );
  const sides = [gates * shape[0], shape[1]] as const;
  const plan: Parameters<typeof products>[0] = (p, x, y) => weight.plan(p, x, y, paths);
  return storedCost(columns === undefined ? products(plan, sides) : productsAlone(plan, sides, columns), facts);
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
