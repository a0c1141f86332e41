/** Every distinct stored weight of a plan once, in the number format of its tensor. Places nothing. */
import { invariant } from '../support/assert.js';
import { area } from '../tensor/blocks.js';
import { float32, type NumberFormat } from '../tensor/number-format.js';
import type { CallAttrs, RegionId, RegionLayout, ScaledLayout, SparseSection } from './calls.js';
import type { SparseRef } from './planner.js';
import { regionKey } from './region-key.js';

/** What a plan cannot know from its arguments. */
export interface TensorFacts {
  /** Kept values of a masked tensor. */
  readonly keptOf: (tensor: string) => number;
  /** Number format of a tensor's values; float32 where it says nothing. */
  readonly formatOf?: (tensor: string) => NumberFormat;
  /** Vectors of integer products have scales that were calibrated. */
  readonly calibrated?: boolean;
}

/** A field that is left out when there is nothing to put in. */
export const optional = <K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T };

export class RegionStore {
  readonly layouts: RegionLayout[] = [];
  readonly #ids = new Map<string, RegionId>();
  readonly #facts: TensorFacts;
  #vectors = 0;

  constructor(facts: TensorFacts) {
    this.#facts = facts;
  }

  /** Where the scale of the next vectors lies: a tensor of its own beside the weights; undefined: nowhere. */
  vectorScale(layer: string): RegionId | undefined {
    if (this.#facts.calibrated !== true) return undefined;
    const tensor = `${layer}.vector${++this.#vectors}`;
    return this.store({ kind: 'rows', matrix: { tensor, offset: 0, rows: 1, columns: 1 } });
  }

  /** Kept values of a masked tensor. */
  kept(tensor: string): number {
    return this.#facts.keptOf(tensor);
  }

  slices(s: SparseRef, kept: number): Pick<CallAttrs['sliced'], 'order' | 'counts' | 'indices' | 'values'> {
    invariant(s.offset === 0, `a part of the sparse ${s.tensor}: its kept values are counted as a whole`);
    const store = (section: SparseSection) => this.store({ kind: 'sparse', section, matrix: s, kept, sliced: true });
    const [order, counts] = [store('order'), store('counts')];
    return { order, counts, indices: store('indices'), values: store('values') };
  }

  sparse(s: SparseRef): Pick<CallAttrs['sparse'], 'starts' | 'indices' | 'values' | 'scales'> {
    const kept = this.kept(s.tensor);
    invariant(s.offset === 0, `a part of the sparse ${s.tensor}: its kept values are counted as a whole`);
    const whole = [s.rows / s.block[0], s.columns / s.block[1], kept / area(s.block)].every(Number.isInteger);
    invariant(whole, `${s.tensor}: blocks of ${s.block.join('x')} in ${s.rows}x${s.columns}, ${kept} values kept`);
    const lay = (section: SparseSection) => ({ kind: 'sparse', section, matrix: s, kept }) as const;
    const [starts, indices] = [this.store(lay('starts')), this.store(lay('indices'))];
    const { values, scales } = this.matrix(lay('values'));
    return { starts, indices, values, ...optional('scales', scales) };
  }

  format(tensor: string): NumberFormat {
    return this.#facts.formatOf?.(tensor) ?? float32;
  }

  /** The values in the number format of their tensor, and their scales where that has some. */
  matrix(layout: ScaledLayout): { readonly values: RegionId; readonly scales: RegionId | undefined } {
    const format = this.format(layout.matrix.tensor);
    if (format.word === 'float32') return { values: this.store(layout), scales: undefined };
    const values = { ...layout, format };
    const scales: RegionLayout | undefined =
      format.kind === 'float' ? undefined : { kind: 'scales', matrix: layout.matrix, values, format };
    return { values: this.store(values), scales: scales && this.store(scales) };
  }

  store(layout: RegionLayout): RegionId {
    const key = regionKey(layout);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.layouts.length;
    this.layouts.push(layout);
    this.#ids.set(key, id);
    return id;
  }
}
