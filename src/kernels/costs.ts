/** What every kernel call costs: multiply-adds with weights, and bytes of weights read. Knows no core. */
import type { CallKind, CallOf, KernelCall, RegionLayout } from './calls.js';
import { regionBytes } from './regions.js';
import { usesOf } from './uses.js';

export interface Cost {
  /** Products of a weight and a value; what a cell does elementwise is not counted. */
  readonly multiplyAdds: number;
  /** Bytes of the blob that one call touches. */
  readonly bytesRead: number;
}

/** (B X) C^T with B (b0, b1), C (c0, c1), X (b1, c1), or B (X C^T), whichever needs fewer multiply-adds. */
export function kronOrder(
  [b0, b1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
): { readonly order: 'b-first' | 'c-first'; readonly multiplyAdds: number } {
  const bFirst = b0 * b1 * c1 + b0 * c1 * c0;
  const cFirst = b1 * c1 * c0 + b0 * b1 * c0;
  return bFirst <= cFirst ? { order: 'b-first', multiplyAdds: bFirst } : { order: 'c-first', multiplyAdds: cFirst };
}

const multiplyAdds: { readonly [K in CallKind]: (call: CallOf<K>) => number } = {
  gemv: ({ rows, columns }) => rows * columns,
  kron: ({ bShape, cShape }) => kronOrder(bShape, cShape).multiplyAdds,
  sparse: ({ kept }) => kept,
  bias: () => 0,
  copy: () => 0,
  embed: () => 0,
  lstmCell: () => 0,
  activate: () => 0,
};

/** Cost of one call; `layouts` by region id. */
export function costOf(call: KernelCall, layouts: readonly RegionLayout[]): Cost {
  const all = usesOf(call).regions.reduce((sum, id) => sum + regionBytes(layouts[id]!), 0);
  return {
    multiplyAdds: (multiplyAdds[call.kind] as (call: KernelCall) => number)(call),
    // An embedding is gathered: one row is read of the whole table.
    bytesRead: call.kind === 'embed' ? 4 * call.width : all,
  };
}
