/**
 * Modelled cycles of every kernel call on a core: what plans are weighed by before there is a program. Core-bound;
 * counts work and multiplies it with the core's rates. Products in integers and in panels of codes have rates of their
 * own; other formats cost what float32 does.
 */
import { float32, type NumberFormat } from '../tensor/number-format.js';
import type { CallKind, CallOf, KernelCall, RegionId } from './calls.js';
import { type Rates, typicalRates } from './cores.js';
import { kronCosts } from './costs.js';
import type { Buffer } from './planner.js';
import { filledColumns } from './quads.js';
import { roundUp } from './regions.js';
import { spectralWorkload } from './spectra.js';

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

/** Circulant blocks written out: each column of a block costs about as much again as 15 of its rows. */
export const circulantCycles = (
  { rows, columns, block }: Pick<CallOf<'circulant'>, 'rows' | 'columns' | 'block'>,
  { turn }: Rates,
): number => ((rows * columns * turn) / 4) * (1 + 15 / block);

/** Circulant blocks by transforms. */
export function spectralCycles(
  call: Pick<CallOf<'spectral'>, 'rows' | 'columns' | 'block' | 'gates'>,
  { spectrum, butterfly, move }: Rates,
): number {
  const { fours, operations, moves } = spectralWorkload(call);
  return 4 * fours * spectrum + operations * butterfly + moves * move;
}

/**
 * Whether transforms are the cheaper form of circulant blocks: on a typical core, whatever the code is for, so that a
 * program takes the same bytes on all of them and `check` can say how many.
 */
export const isSpectral = (shape: Pick<CallOf<'spectral'>, 'rows' | 'columns' | 'block' | 'gates'>): boolean =>
  shape.block > 1 && spectralCycles(shape, typicalRates) < shape.gates * circulantCycles(shape, typicalRates);

/** Whether blocks run in vectors: over their rows, or over the columns of a single row. */
const inVectors = ([height, width]: CallOf<'sparse'>['block']): boolean =>
  height % 4 === 0 || (height === 1 && width % 4 === 0);

/** Number format of a region's values. */
export type FormatOf = (region: RegionId) => NumberFormat;

const codeWord = ({ word }: NumberFormat): 'int8' | 'int4' => (word === 'int8' ? 'int8' : 'int4');

/** A product of integers with panels of codes, their rows and columns filled up. */
const codeCycles = (rows: number, columns: number, format: NumberFormat, { codes }: Rates): number =>
  (roundUp(rows, 8) / 4) * filledColumns(format, columns) * codes[codeWord(format)];

/** The same in float32: codes become floats in registers. */
const decodedCycles = (rows: number, columns: number, format: NumberFormat, { decoded }: Rates): number =>
  (roundUp(rows, 8) / 4) * columns * decoded[codeWord(format)];

/** Codes of whole factors that become floats before a product. */
const unpackCycles = ({ unpack }: Rates, ...decoded: readonly (Buffer | undefined)[]): number =>
  decoded.reduce((sum, buffer) => sum + (buffer?.size ?? 0) * unpack, 0);

const cycles: { readonly [K in CallKind]: (call: CallOf<K>, rates: Rates, formatOf: FormatOf) => number } = {
  gemv: ({ w, codes, rows, columns }, rates, formatOf) => {
    const format = formatOf(w);
    if (format.kind === 'float') return panelCycles(rows, columns, rates);
    return (codes === undefined ? decodedCycles : codeCycles)(rows, columns, format, rates);
  },
  quantize: ({ x, before, after }, { float, around }) => x.size * (before * after === 1 ? float : around),
  kron: (call, rates) => kronCycles(call, rates)[call.order] + unpackCycles(rates, call.bValues, call.cValues),
  gemm: ({ w, codes, decoded, rows, columns, before, after }, rates, formatOf) => {
    if (codes === undefined) return (before * rows * columns * after * rates.tile) / 4 + unpackCycles(rates, decoded);
    return before * after * (codeCycles(rows, columns, formatOf(w), rates) + roundUp(rows, 8) * rates.around);
  },
  circulant: circulantCycles,
  spectral: spectralCycles,
  sparse: ({ codes, kept, block }, { block: four, entry, codeEntry }) => {
    if (codes !== undefined) return kept * codeEntry;
    return inVectors(block) ? (kept * four) / 4 : kept * entry;
  },
  sliced: ({ kept }, { entry }) => kept * entry,
  mix: ({ rows, columns, decoded }, rates) => (rows * columns * rates.tile) / 4 + unpackCycles(rates, decoded),
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
export const cyclesOf = (call: KernelCall, rates: Rates, formatOf: FormatOf = () => float32): number =>
  (cycles[call.kind] as (call: KernelCall, rates: Rates, formatOf: FormatOf) => number)(call, rates, formatOf);
