/** How the kept values of a pool divide over the weights that it prunes together. */
import { maskedElements } from '../methods/parameters.js';
import { defined } from '../support/assert.js';
import { area } from '../tensor/blocks.js';
import { shares } from './cost.js';
import { type Model, type Pool, tensorPath, type Unit } from './model.js';

/** Kept values of each masked tensor by its path, as training has left them. */
export type KeptOfTensors = ReadonlyMap<string, number>;

/** The pruned units of a pool, in the order of its tensors. */
export const membersOf = ({ layers }: Pick<Model, 'layers'>, pool: Pool): readonly Unit[] =>
  layers
    .filter(({ name }) => pool.layers.includes(name))
    .flatMap(({ units }) => units.filter((u) => u.rule === pool.rule));

/** Kept values of every pruned unit: as trained, else each its share of the pool, in proportion. */
export function keptOfUnits(
  model: Pick<Model, 'layers' | 'pools'>,
  trained?: KeptOfTensors,
): ReadonlyMap<Unit, number> {
  const keptOf = new Map<Unit, number>();
  for (const pool of model.pools) {
    const members = membersOf(model, pool);
    const sizes = members.map((unit) => maskedElements(unit.weight));
    const parts = trained === undefined ? shares(pool.kept, sizes, area(pool.block)) : members.map(trainedOf(trained));
    for (const [i, unit] of members.entries()) keptOf.set(unit, parts[i]!);
  }
  return keptOf;
}

const trainedOf =
  (trained: KeptOfTensors) =>
  ({ path, weight }: Unit): number =>
    Object.entries(weight.tensors)
      .filter(([, { masked }]) => masked)
      .reduce((sum, [name]) => sum + defined(trained.get(tensorPath(path, name)), `kept values of ${path}`), 0);
