/**
 * Modelled cycles of every kernel call on a core, in float32: what plans are weighed by before there is a program.
 * Core-bound; counts work and multiplies it with the core's rates.
 */
import type { CallKind, CallOf, KernelCall } from './calls.js';
import type { Rates } from './cores.js';
import { kronCosts } from './costs.js';
import { roundUp } from './regions.js';

/** A dense (rows, columns) product in panels. */
export const panelCycles = (rows: number, columns: number, { panel }: Rates): number =>
  (roundUp(rows, 4) / 4) * columns * panel;

/** Both orders of a Kronecker product of `gates` gates. */
export function kronCycles(
  { bShape, cShape, gates }: Pick<CallOf<'kron'>, 'bShape' | 'cShape' | 'gates'>,
  { tile }: Rates,
): Readonly<Record<'b-first' | 'c-first', number>> {
  const costs = kronCosts(bShape, cShape);
  const cycles = (order: 'b-first' | 'c-first'): number => (gates * costs[order] * tile) / 4;
  return { 'b-first': cycles('b-first'), 'c-first': cycles('c-first') };
}

/** Whether blocks run in vectors: over their rows, or over the columns of a single row. */
const inVectors = ([height, width]: CallOf<'sparse'>['block']): boolean =>
  height % 4 === 0 || (height === 1 && width % 4 === 0);

const cycles: { readonly [K in CallKind]: (call: CallOf<K>, rates: Rates) => number } = {
  gemv: ({ rows, columns }, rates) => panelCycles(rows, columns, rates),
  quantize: ({ x }, { float }) => x.size * float,
  kron: (call, rates) => kronCycles(call, rates)[call.order],
  gemm: ({ rows, columns, before, after }, { tile }) => (before * rows * columns * after * tile) / 4,
  // Each column of a block costs about as much again as 15 of its rows.
  circulant: ({ rows, columns, block }, { turn }) => ((rows * columns * turn) / 4) * (1 + 15 / block),
  sparse: ({ kept, block }, { block: four, entry }) => (inVectors(block) ? (kept * four) / 4 : kept * entry),
  sliced: ({ kept }, { entry }) => kept * entry,
  mix: ({ rows, columns }, { tile }) => (rows * columns * tile) / 4,
  bias: ({ y }, { float }) => y.size * float,
  clear: ({ y }, { float }) => (y.size * float) / 2,
  copy: ({ y }, { float }) => y.size * float,
  embed: ({ width }, { float }) => width * float,
  embedSparse: ({ columns }, { float }) => columns * float,
  lstmCell: ({ c }, { cell }) => c.size * cell,
  add: ({ y }, { float }) => y.size * float,
  // Of the five functions of an LSTM's unit: one, two and one.
  gate: ({ y }, { cell }) => (y.size * cell) / 5,
  gruCell: ({ h }, { cell }) => (h.size * 2 * cell) / 5,
  runningMax: ({ x }, { float }) => x.size * float,
  activate: ({ function: name, x }, { cell, float }) => x.size * (name === 'relu' ? float : cell / 5),
};

/** Modelled cycles of one call. */
export const cyclesOf = (call: KernelCall, rates: Rates): number =>
  (cycles[call.kind] as (call: KernelCall, rates: Rates) => number)(call, rates);
