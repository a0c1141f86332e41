/** Kernels for weights in other formats than float32, and what their templates are filled with. */
import type { KernelCall, RegionLayout } from '../../kernels/calls.js';
import { formatOf } from '../../kernels/regions.js';
import { isOfIntegers, usesOf } from '../../kernels/uses.js';
import type { SharedProduct } from '../../lower/run-stages.js';
import { defined } from '../../support/assert.js';
import { area } from '../../tensor/blocks.js';
import type { NumberFormat } from '../../tensor/number-format.js';
import type { View } from '../render.js';
import { indexBits, sparseName } from './calls.js';
import { type Dots, integerPieces } from './integer-kernels.js';
import type { Piece } from './piece.js';
import { panelUses, productUses } from './product-uses.js';
import { allCalls, type Program } from './program.js';

type Word = Exclude<NumberFormat['word'], 'float32'>;

interface Facts {
  /** C type of the elements, and how many of them hold 8 values. */
  readonly type: string;
  readonly stride: number;
  readonly what: string;
  /** y[i] from w and `first`, for any i. */
  readonly decode: readonly string[];
  /** y[i] from w, for i < 8. */
  readonly declare?: readonly string[];
  readonly load: readonly string[];
  /** What vectors need: the lanes' shifts, what they are shifted from, mask and offset. */
  readonly lanes?: { readonly shifts: string; readonly word32: string; readonly mask: string; readonly offset: number };
}

const shiftsBy = (bits: number): string =>
  Array.from({ length: 8 }, (_, i) => `${-i * bits}`.replace('-0', '0')).join(', ');

/** Little-endian, so that the first code has the lowest bits on every host. */
const bytes = (count: number): string =>
  Array.from({ length: count }, (_, i) => (i === 0 ? '(uint32_t)w[0]' : `(uint32_t)w[${i}] << ${8 * i}`)).join(' | ');

const facts: Readonly<Record<Word, Facts>> = {
  int8: {
    type: 'int8_t',
    stride: 8,
    what: 'code',
    decode: ['y[i] = (float)w[first + i];'],
    load: ['y[i] = (float)w[i];'],
  },
  int4: {
    type: 'uint8_t',
    stride: 4,
    what: 'code',
    decode: ['y[i] = (float)((w[(first + i) / 2] >> (first + i) % 2 * 4 & 15) - 8);'],
    load: ['y[i] = (float)((w[i / 2] >> i % 2 * 4 & 15) - 8);'],
    lanes: { shifts: shiftsBy(4), word32: bytes(4), mask: '15u', offset: 8 },
  },
  int3: {
    type: 'uint8_t',
    stride: 3,
    what: 'code',
    decode: [
      'const size_t bit = 3 * (first + i);',
      'unsigned bits = w[bit / 8];',
      '/* The next byte is there only when a code reaches into it. */',
      'if (bit % 8 > 5)',
      '    bits |= (unsigned)w[bit / 8 + 1] << 8;',
      'y[i] = (float)((int)(bits >> bit % 8 & 7u) - 4);',
    ],
    declare: [`const uint32_t bits = ${bytes(3)};`],
    load: ['y[i] = (float)((int)(bits >> 3 * i & 7u) - 4);'],
    lanes: { shifts: shiftsBy(3), word32: bytes(3), mask: '7u', offset: 4 },
  },
  float16: {
    type: 'uint16_t',
    stride: 8,
    what: 'value',
    decode: ['y[i] = float_of_half(w[first + i]);'],
    load: ['y[i] = float_of_half(w[i]);'],
  },
  bfloat16: {
    type: 'uint16_t',
    stride: 8,
    what: 'value',
    decode: ['const uint32_t bits = (uint32_t)w[first + i] << 16;', 'memcpy(y + i, &bits, sizeof *y);'],
    load: ['const uint32_t bits = (uint32_t)w[i] << 16;', 'memcpy(y + i, &bits, sizeof *y);'],
  },
};

const isWord = (word: NumberFormat['word']): word is Word => word !== 'float32';
const isScaled = (word: Word): boolean => word.startsWith('int');

/** Formats of the values that calls of some kinds read, each once. */
function wordsOf(program: Program, reads: (call: KernelCall, layout: RegionLayout) => boolean): readonly Word[] {
  const words = allCalls(program.plan).flatMap((call) =>
    usesOf(call).regions.flatMap((id) => {
      const { layout } = defined(program.regions[id], `region ${id}`);
      return reads(call, layout) ? [formatOf(layout).word] : [];
    }),
  );
  return [...new Set(words)].filter(isWord);
}

/** What every template of one format is filled with. */
function formatView(word: Word, scaleParameters: string): View {
  const { type, stride } = facts[word];
  return { word, type, stride, scaled: isScaled(word), scaleParameters: isScaled(word) ? scaleParameters : '' };
}

const heights = [32, 16, 8];

/** Steps that portable C takes at once, and columns of a panel that it decodes for all of them. */
const [mostSteps, decodedColumns] = [6, 8];

/** Whether portable C decodes pieces of panels for many steps. */
export const decodesForMany = (program: Program): boolean =>
  wordsOf(program, inPanels).some((word) => panelUses(program, word).many);

const inPanels = (_: KernelCall, { kind }: RegionLayout): boolean => kind === 'panels';

/** Products with panels in registers, by format. */
function panelPieces(program: Program, vectors: boolean): readonly Piece[] {
  return wordsOf(program, inPanels).flatMap((word) => {
    const { declare = [], load, lanes } = facts[word];
    const panels = heights.map((height) => ({
      height,
      call: vectors ? `add_panel_${word}(${height / 4}, ` : `add_panel_${word}_${height}(`,
    }));
    const scaled = isScaled(word);
    const view = {
      ...formatView(word, 'const float *restrict scales, size_t step, size_t run, '),
      ...panelUses(program, word),
      most: mostSteps,
      decodedColumns,
      panels,
      wide: panels[0]!,
      given: scaled ? 'scales, step, run, ' : '',
      run: scaled ? 'run' : 'columns',
      loadDeclarations: declare,
      loadLines: load,
      int8: word === 'int8',
      float16: word === 'float16',
      bfloat16: word === 'bfloat16',
      inLanes: lanes !== undefined,
      ...(lanes ?? { shifts: '', word32: '', mask: '', offset: '' }),
    };
    return [
      { name: 'panel-format', neon: true, view },
      { name: 'gemv-format', neon: false, view },
    ];
  });
}

/** Whether a call's values are decoded before they are used. */
const isDecoded = (call: KernelCall): boolean => call.kind !== 'gemv' && !isOfIntegers(call);

/** Whether decoded values meet their scales run by run; those in columns have a way of their own, panels another. */
const meetsRuns = ({ values, format }: Extract<RegionLayout, { readonly kind: 'scales' }>): boolean =>
  values.kind !== 'panels' && values.kind !== 'quads' && (values.kind !== 'columns' || format.per.kind === 'tensor');

function decodePiece(program: Program, vectors: boolean): readonly Piece[] {
  const words = wordsOf(program, isDecoded);
  const halves = !vectors && wordsOf(program, inPanels).includes('float16');
  if (words.length === 0 && !halves) return [];
  const scales = program.regions.flatMap(({ layout }) => (layout.kind === 'scales' ? [layout] : []));
  const perRow = scales.filter(({ format }) => format.per.kind !== 'tensor');
  const calls = allCalls(program.plan);
  const layoutsOf = (among: readonly KernelCall[]): ReadonlySet<RegionLayout> =>
    new Set(among.flatMap((call) => usesOf(call).regions).map((id) => program.regions[id]!.layout));
  const ofFloats = layoutsOf(calls.filter((call) => !isOfIntegers(call)));
  const products = layoutsOf(calls.filter(({ kind }) => kind === 'kron' || kind === 'gemm' || kind === 'mix'));
  const inProducts = (kind: RegionLayout['kind']): boolean =>
    perRow.some((layout) => layout.values.kind === kind && products.has(layout));
  const view = {
    half: words.includes('float16') || halves,
    formats: words.map((word) => ({ ...formatView(word, ''), what: facts[word].what, lines: facts[word].decode })),
    scaled: scales.some((layout) => ofFloats.has(layout) && meetsRuns(layout)),
    rows: inProducts('rows'),
    columns: inProducts('columns'),
  };
  return [{ name: 'decode', neon: false, view }];
}

/** What products in other formats rest on: before all kernels that decode. */
export function formatPieces(program: Program, vectors: boolean, dots: Dots): readonly Piece[] {
  const halves = vectors && wordsOf(program, inPanels).includes('float16');
  return [
    ...decodePiece(program, vectors),
    ...(halves ? [{ name: 'halves', neon: true, view: {} }] : []),
    ...(vectors && decodesForMany(program) ? [{ name: 'decoded-steps', neon: true, view: {} }] : []),
    ...panelPieces(program, vectors),
    ...integerPieces(program, vectors, dots),
  ];
}

/** The circulant kernels of formats, behind the plain one. */
export const circulantPieces = (program: Program): readonly Piece[] =>
  wordsOf(program, (call) => call.kind === 'circulant').map((word) => ({
    name: 'circulant-format',
    neon: false,
    view: formatView(word, 'const float *scales, size_t each, size_t run, '),
  }));

/** The sparse kernels of formats, behind the plain ones: one for each of those and each format. */
export function sparseFormatPieces(program: Program): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  for (const call of allCalls(program.plan)) {
    if (call.kind !== 'sparse' || isOfIntegers(call)) continue;
    const { word } = formatOf(program.regions[call.values]!.layout);
    if (!isWord(word)) continue;
    const { block, columns } = call;
    const name = sparseName(block, columns);
    const facts = {
      name,
      bits: indexBits(columns, block),
      height: block[0],
      values: area(block),
      flat: block[0] === 1,
    };
    const isThis = (product: SharedProduct): boolean =>
      product.kind === 'sparse' &&
      sparseName(product.block, product.columns) === name &&
      formatOf(program.regions[product.values]!.layout).word === word;
    const uses = productUses(program, isThis);
    const given = isScaled(word) ? 'scales, step, run, ' : '';
    const view = { ...formatView(word, 'const float *scales, size_t step, size_t run, '), ...facts, ...uses, given };
    pieces.set(`${name} ${word}`, { name: 'sparse-format', neon: false, view });
  }
  return [...pieces.values()];
}

/** Looking rows up in sparse tables of formats, behind the plain kernels. */
export function rowFormatPieces(program: Program): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  for (const call of allCalls(program.plan)) {
    if (call.kind !== 'embedSparse') continue;
    const { word } = formatOf(program.regions[call.values]!.layout);
    if (!isWord(word)) continue;
    const bits = indexBits(call.columns, call.block);
    const view = { ...formatView(word, 'const float *scales, size_t step, size_t run, '), bits };
    pieces.set(`${bits} ${word}`, { name: 'sparse-row-format', neon: false, view });
  }
  return [...pieces.values()];
}
