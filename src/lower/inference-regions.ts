/** Order, names and offsets of the weights in the blob. */
import type { RegionId, RegionLayout } from '../kernels/calls.js';
import { elementCount, elementType, regionAlignment, regionBytes } from '../kernels/regions.js';
import type { Region } from './inference-plan.js';

export interface PlacedRegions {
  readonly regions: readonly Region[];
  readonly weightBytes: number;
  /** New number of a region as it was recorded. */
  readonly renumber: (id: RegionId) => RegionId;
}

/**
 * By falling alignment, else as recorded. A region's bytes are a multiple of its alignment, so no gap arises and the
 * total is a plain sum.
 */
export function placeRegions(layouts: readonly RegionLayout[]): PlacedRegions {
  const order = layouts.map((_, id) => id);
  order.sort((a, b) => regionAlignment(layouts[b]!) - regionAlignment(layouts[a]!) || a - b);
  const names = regionNames(layouts);
  const regions: Region[] = [];
  let offset = 0;
  for (const id of order) {
    const layout = layouts[id]!;
    const bytes = regionBytes(layout);
    const facts = { element: elementType(layout), elements: elementCount(layout), alignment: regionAlignment(layout) };
    regions.push({ name: names[id]!, layout, ...facts, offset, bytes });
    offset += bytes;
  }
  const places = new Map(order.map((id, place) => [id, place]));
  return { regions, weightBytes: offset, renumber: (id) => places.get(id)! };
}

/** `rnn1_W`, `rnn1_B_0` where several regions hold parts of a tensor, `rnn1_S_indices`. */
function regionNames(layouts: readonly RegionLayout[]): readonly string[] {
  const seen = new Map<string, number>();
  const taken = new Set<string>();
  return layouts.map((layout) => {
    const { tensor } = layout.matrix;
    const base = tensor.replace(/[^A-Za-z0-9_]/g, '_');
    const alike = (other: RegionLayout): boolean =>
      other.matrix.tensor === tensor && other.kind !== 'sparse' && (other.kind === 'scales') === scales;
    const scales = layout.kind === 'scales';
    const counted = scales ? `${tensor} scales` : tensor;
    const nth = seen.get(counted) ?? 0;
    if (layout.kind !== 'sparse') seen.set(counted, nth + 1);
    const number = layouts.filter(alike).length > 1 ? `_${nth}` : '';
    const suffix = layout.kind === 'sparse' ? `_${layout.section}` : number + (scales ? '_scales' : '');
    let name = base + suffix;
    // Paths a.b and a_b give one identifier.
    for (let n = 2; taken.has(name); n++) name = `${base}${suffix}_${n}`;
    taken.add(name);
    return name;
  });
}
