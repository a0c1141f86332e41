/** What every kernel call costs: multiply-adds with weights, and bytes of weights read. Knows no core. */
import type { CallKind, CallOf, KernelCall, RegionId, RegionLayout } from './calls.js';
import { regionBytes } from './regions.js';
import { spectralProducts } from './spectra.js';
import { usesOf } from './uses.js';

export interface Cost {
  /** Products of a weight and a value; what a cell does elementwise is not counted. */
  readonly multiplyAdds: number;
  /** Bytes of the blob that one call touches. */
  readonly bytesRead: number;
}

/** Multiply-adds of (B (x) C) x by (B X) C^T and by B (X C^T), with B (b0, b1), C (c0, c1), X (b1, c1). */
export const kronCosts = (
  [b0, b1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
): Readonly<Record<'b-first' | 'c-first', number>> => ({
  'b-first': b0 * b1 * c1 + b0 * c1 * c0,
  'c-first': b1 * c1 * c0 + b0 * b1 * c0,
});

/** The order with fewer multiply-adds. */
export function kronOrder(b: readonly [number, number], c: readonly [number, number]): 'b-first' | 'c-first' {
  const costs = kronCosts(b, c);
  return costs['b-first'] <= costs['c-first'] ? 'b-first' : 'c-first';
}

const multiplyAdds: { readonly [K in CallKind]: (call: CallOf<K>) => number } = {
  gemv: ({ rows, columns }) => rows * columns,
  quantize: () => 0,
  kron: ({ bShape, cShape, gates, order }) => gates * kronCosts(bShape, cShape)[order],
  gemm: ({ rows, columns, before, after }) => before * rows * columns * after,
  circulant: ({ rows, columns }) => rows * columns,
  spectral: spectralProducts,
  sparse: ({ kept }) => kept,
  sliced: ({ kept }) => kept,
  mix: ({ rows, columns }) => rows * columns,
  embedSparse: () => 0,
  bias: () => 0,
  clear: () => 0,
  copy: () => 0,
  embed: () => 0,
  lstmCell: () => 0,
  add: () => 0,
  gate: () => 0,
  gruCell: () => 0,
  runningMax: () => 0,
  activate: () => 0,
};

/** What a lookup reads of its table: one row, of a sparse table the mean of all. */
function gatheredBytes(call: KernelCall, layouts: readonly RegionLayout[]): number | undefined {
  if (call.kind === 'embed') return Math.ceil(bytesOf(call, layouts) / call.rows);
  if (call.kind !== 'embedSparse') return undefined;
  const stored = regionBytes(layouts[call.indices]!) + regionBytes(layouts[call.values]!);
  return 8 + Math.ceil(stored / (call.rows / call.block[0]));
}

/** The region of which a call reads only some columns, and how many of them. */
function cutRegion(call: KernelCall): { readonly id: RegionId; readonly share: number } | undefined {
  if (!('within' in call) || call.within === undefined) return undefined;
  const [id, columns] = call.kind === 'gemv' ? [call.w, call.columns] : [call.b, call.bShape[1]];
  return { id, share: columns / call.within.columns };
}

function bytesOf(call: KernelCall, layouts: readonly RegionLayout[]): number {
  const cut = cutRegion(call);
  const read = (id: RegionId): number => regionBytes(layouts[id]!) * (id === cut?.id ? cut.share : 1);
  return Math.round(usesOf(call).regions.reduce((sum, id) => sum + read(id), 0));
}

/** Cost of one call; `layouts` by region id. */
export function costOf(call: KernelCall, layouts: readonly RegionLayout[]): Cost {
  return {
    multiplyAdds: (multiplyAdds[call.kind] as (call: KernelCall) => number)(call),
    bytesRead: gatheredBytes(call, layouts) ?? bytesOf(call, layouts),
  };
}
