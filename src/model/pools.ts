/** How the kept values of a pool divide over the weights that it prunes together. */
import { maskedElements } from '../methods/parameters.js';
import { area } from '../tensor/blocks.js';
import { shares } from './cost.js';
import type { Layer, Model, Unit } from './model.js';

/** Kept values of every pruned unit of a layer: each its share of the pool, in proportion. */
export function keptOfUnits(model: Pick<Model, 'pools'>, layer: Layer): ReadonlyMap<Unit, number> {
  const keptOf = new Map<Unit, number>();
  for (const pool of model.pools.filter((p) => p.layer === layer.name)) {
    const members = layer.units.filter((u) => u.rule === pool.rule);
    const parts = shares(
      pool.kept,
      members.map((u) => maskedElements(u.weight)),
      area(pool.block),
    );
    for (const [i, unit] of members.entries()) keptOf.set(unit, parts[i]!);
  }
  return keptOf;
}
