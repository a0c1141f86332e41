/** What every kernel call touches: the buffers it reads and writes, and the regions it reads. */
import type { CallKind, CallOf, KernelCall, RegionId } from './calls.js';
import type { Buffer } from './planner.js';

interface Uses {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  readonly regions: readonly RegionId[];
}

const present = <T>(...values: readonly (T | undefined)[]): T[] =>
  values.flatMap((value) => (value === undefined ? [] : [value]));

const uses: { readonly [K in CallKind]: (call: CallOf<K>) => Uses } = {
  gemv: ({ w, scales, codes, x, y, mode }) => ({
    reads: mode === 'add' ? [codes ?? x, y] : [codes ?? x],
    writes: [y],
    regions: [w, ...present(scales)],
  }),
  quantize: ({ x, codes, t, scale }) => ({ reads: [x], writes: [...present(t), codes], regions: present(scale) }),
  kron: ({ b, bScales, c, cScales, t, bValues, cValues, x, y }) => ({
    reads: [x, y],
    writes: [...present(bValues, cValues), t, y],
    regions: [b, c, ...present(bScales, cScales)],
  }),
  gemm: ({ w, scales, codes, decoded, t, x, y, mode }) => ({
    reads: mode === 'add' ? [codes ?? x, y] : [codes ?? x],
    writes: [...present(decoded, t), y],
    regions: [w, ...present(scales)],
  }),
  circulant: ({ w, scales, decoded, t, x, y }) => ({
    reads: [x, y],
    writes: [...present(decoded), t, y],
    regions: [w, ...present(scales)],
  }),
  spectral: ({ w, roots, t, x, y }) => ({ reads: [x, y], writes: [t, y], regions: [w, roots] }),
  sparse: ({ starts, indices, values, scales, codes, decoded, x, y }) => ({
    reads: [codes ?? x, y],
    writes: [...present(decoded), y],
    regions: [starts, indices, values, ...present(scales)],
  }),
  bias: ({ w, y }) => ({ reads: [], writes: [y], regions: [w] }),
  clear: ({ y }) => ({ reads: [], writes: [y], regions: [] }),
  copy: ({ x, y }) => ({ reads: [x], writes: [y], regions: [] }),
  sliced: ({ order, counts, indices, values, t, x, y }) => ({
    reads: [x, y],
    writes: [...present(t), y],
    regions: [order, counts, indices, values],
  }),
  mix: ({ w, scales, decoded, x, y, mode }) => ({
    reads: mode === 'add' ? [x, y] : [x],
    writes: [...present(decoded), y],
    regions: [w, ...present(scales)],
  }),
  embedSparse: ({ starts, indices, values, scales, decoded, y }) => ({
    reads: [],
    writes: [...present(decoded), y],
    regions: [starts, indices, values, ...present(scales)],
  }),
  embed: ({ table, scales, y }) => ({ reads: [], writes: [y], regions: [table, ...present(scales)] }),
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

/** Whether a call is a product of integers: it reads codes. */
export const isOfIntegers = (call: KernelCall): boolean =>
  call.kind !== 'quantize' && 'codes' in call && call.codes !== undefined;

/** Fields of calls that hold regions. */
const regionFields: ReadonlySet<string> = new Set<string>([
  ...(['w', 'scales', 'scale', 'b', 'bScales', 'c', 'cScales', 'roots'] as const),
  ...(['starts', 'order', 'counts', 'indices', 'values', 'table'] as const),
]);

/** Whether a field of this name and value holds a region, and not a number or a buffer of the same name. */
export const isRegionField = (name: string, value: unknown): value is RegionId =>
  regionFields.has(name) && typeof value === 'number';

/** The same call with every region renumbered. */
export function renumberRegions(call: KernelCall, to: (id: RegionId) => RegionId): KernelCall {
  const fields = Object.entries(call).map(([name, value]) => [name, isRegionField(name, value) ? to(value) : value]);
  return Object.fromEntries(fields) as unknown as KernelCall;
}
