/** What every kernel call touches: the buffers it reads and writes, and the regions it reads. */
import type { CallKind, CallOf, KernelCall, RegionId } from './calls.js';
import type { Buffer } from './planner.js';

interface Uses {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  readonly regions: readonly RegionId[];
}

const uses: { readonly [K in CallKind]: (call: CallOf<K>) => Uses } = {
  gemv: ({ w, x, y, mode }) => ({ reads: mode === 'add' ? [x, y] : [x], writes: [y], regions: [w] }),
  kron: ({ b, c, t, x, y }) => ({ reads: [x, y], writes: [t, y], regions: [b, c] }),
  gemm: ({ w, x, y, mode }) => ({ reads: mode === 'add' ? [x, y] : [x], writes: [y], regions: [w] }),
  circulant: ({ w, t, x, y }) => ({ reads: [x, y], writes: [t, y], regions: [w] }),
  sparse: ({ starts, indices, values, x, y }) => ({ reads: [x, y], writes: [y], regions: [starts, indices, values] }),
  bias: ({ w, y }) => ({ reads: [], writes: [y], regions: [w] }),
  clear: ({ y }) => ({ reads: [], writes: [y], regions: [] }),
  copy: ({ x, y }) => ({ reads: [x], writes: [y], regions: [] }),
  mix: ({ w, x, y, mode }) => ({ reads: mode === 'add' ? [x, y] : [x], writes: [y], regions: [w] }),
  embedSparse: ({ starts, indices, values, y }) => ({ reads: [], writes: [y], regions: [starts, indices, values] }),
  embed: ({ table, y }) => ({ reads: [], writes: [y], regions: [table] }),
  lstmCell: ({ z, c, cNext, h }) => ({ reads: [z, c], writes: [z, cNext, h], regions: [] }),
  add: ({ x, y }) => ({ reads: [x, y], writes: [y], regions: [] }),
  gate: ({ z, x, y, mode }) => ({ reads: mode === 'add' ? [z, x, y] : [z, x], writes: [y], regions: [] }),
  runningMax: ({ x, seen, now, seenNext, next }) => ({
    reads: [x, seen, now],
    writes: [seenNext, next],
    regions: [],
  }),
  gruCell: ({ update, candidate, h, hNext }) => ({ reads: [update, candidate, h], writes: [hNext], regions: [] }),
  activate: ({ x }) => ({ reads: [x], writes: [x], regions: [] }),
};

/** Buffers and regions of a call. */
export const usesOf = (call: KernelCall): Uses => (uses[call.kind] as (call: KernelCall) => Uses)(call);

/** The same call with every region renumbered. */
export function renumberRegions(call: KernelCall, to: (id: RegionId) => RegionId): KernelCall {
  switch (call.kind) {
    case 'gemv':
    case 'gemm':
    case 'circulant':
    case 'mix':
    case 'bias':
      return { ...call, w: to(call.w) };
    case 'kron':
      return { ...call, b: to(call.b), c: to(call.c) };
    case 'sparse':
    case 'embedSparse':
      return { ...call, starts: to(call.starts), indices: to(call.indices), values: to(call.values) };
    case 'embed':
      return { ...call, table: to(call.table) };
    default:
      return call;
  }
}
