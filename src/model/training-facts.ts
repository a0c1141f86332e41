/** What the checks of a `train` block know of the model and its rules. */
import type { Definitions } from './definitions.js';
import type { Stored } from './distortion.js';
import type { Distortion, Pool, Unit } from './model.js';

/** What the rules have made of the model, as far as training must know. */
export interface Trained {
  /** Undefined when the `model` block is wrong: what depends on it is not checked. */
  readonly definitions: Definitions | undefined;
  /** Undefined when the rules are wrong. */
  readonly pools: readonly Pool[] | undefined;
  readonly stored: Stored | undefined;
}

/** The rules' results as training meets them: without the weights that `distort` trains as dense matrices. */
export interface Trainable extends Trained {
  /** Layers with a `dkp` weight. */
  readonly doped: ReadonlySet<string>;
  /** What there would be without `distort`. */
  readonly whole: { readonly pools: readonly Pool[]; readonly doped: ReadonlySet<string> };
}

/** What is left to be trained as it is stored. */
export function trainableOf(trained: Trained, distort: Distortion | undefined): Trainable {
  const taken = (rule: number | undefined): boolean => rule !== undefined && distort?.rules.includes(rule) === true;
  const { stored, pools } = trained;
  const doped = (u: Unit): boolean => u.weight.method === 'dkp';
  const layersWith = (test: (u: Unit) => boolean): ReadonlySet<string> =>
    new Set(stored?.layers.filter((l) => l.units.some(test)).map((l) => l.name));
  return {
    ...trained,
    pools: pools?.filter(({ rule }) => !taken(rule)),
    doped: layersWith((u) => doped(u) && !taken(u.rule)),
    whole: { pools: pools ?? [], doped: layersWith(doped) },
  };
}
