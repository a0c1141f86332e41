/** The kernels of integer products: how x becomes codes, sums of codes for each format, and what they add to y. */

import type { CallOf, KernelCall } from '../../kernels/calls.js';
import { hasDots } from '../../kernels/cores.js';
import { groupColumns } from '../../kernels/quads.js';
import { elementType, formatOf } from '../../kernels/regions.js';
import type { Emit } from '../../model/model.js';
import { defined } from '../../support/assert.js';
import { area, isSingle } from '../../tensor/blocks.js';
import type { View } from '../render.js';
import { indexBits, integerSparseName } from './calls.js';
import type { Piece } from './piece.js';
import { panelUses } from './product-uses.js';
import { allCalls, type Program } from './program.js';

const panels = [32, 16, 8].map((height) => ({
  height,
  vectors: height / 4,
  /** Of a group of columns. */
  bytes: 4 * height,
  /** Rows whose two sums for every 4 fit into registers. */
  part: Math.min(16, height),
}));

/** How products of dots are had: as the compiler is told, or both ways, chosen at run time. */
export type Dots = 'as compiled' | 'chosen';

/** Whether a program that is for these cores chooses at run time. */
export const dotsOf = (cpus: Emit['cpus'] = []): Dots =>
  new Set(cpus.map(hasDots)).size === 2 ? 'chosen' : 'as compiled';

/** Whether a program has products of integers that dots can do. */
export const hasIntegerSums = ({ regions }: Program): boolean => regions.some(({ layout }) => layout.kind === 'quads');

/** Steps whose sums are kept side by side: those of a block, most often. */
const mostSteps = 6;

/** In the order in which C wants them; nothing where no product is one of integers. */
export function integerPieces(program: Program, vectors: boolean, dots: Dots): readonly Piece[] {
  const calls = allCalls(program.plan);
  const quantized = calls.filter((call): call is CallOf<'quantize'> => call.kind === 'quantize');
  if (quantized.length === 0) return [];
  const view = { calibrated: quantized.some(({ scale }) => scale !== undefined) };
  const dense = densePieces(program, calls, vectors ? dots : 'as compiled');
  return [
    { name: 'quantize', neon: false, view },
    ...(quantized.some(({ before, after }) => before * after > 1)
      ? ['strided', 'quantize-vectors'].map((name) => ({ name, neon: false, view }))
      : []),
    ...(vectors && dense.length > 0 ? [{ name: 'quads', neon: true, view: { chosen: dots === 'chosen' } }] : []),
    ...(dense.length > 0 ? [{ name: 'add-scaled', neon: false, view: {} }] : []),
    ...dense,
    ...sparsePieces(program, calls),
  ];
}

/** What a form of the kernels has: which products, and how its names end. */
const noForm = { asCompiled: false, dots: false, quads: false, macros: false, suffix: '', attribute: '' };

const asCompiled = (word: string): View => ({
  ...noForm,
  ...{ asCompiled: true, dots: true, quads: true, macros: word === 'int4' },
});

/** One form for processors with products of dots, one for those without, and the choice between them. */
function bothForms(
  form: (facts: View) => readonly Piece[],
  choice: View & { readonly word: string },
): readonly Piece[] {
  return [
    ...form({ ...noForm, quads: true, suffix: '_quads', macros: choice.word === 'int4' }),
    ...form({ ...noForm, dots: true, suffix: '_dots', attribute: 'WITH_DOTS\n' }).map((piece) => ({
      ...piece,
      ifDots: true as const,
    })),
    { name: 'integer-choice', neon: true, view: choice },
  ];
}

/** Of matrices, by format. */
function densePieces(program: Program, calls: readonly KernelCall[], dots: Dots): readonly Piece[] {
  const { regions } = program;
  const products = new Map<string, readonly Piece[]>();
  const along = calls.flatMap((call) =>
    call.kind === 'gemm' && call.codes !== undefined ? [formatOf(defined(regions[call.w], 'region').layout).word] : [],
  );
  for (const { layout } of regions) {
    if (layout.kind !== 'quads') continue;
    const format = formatOf(layout);
    const { word } = format;
    const type = `${elementType(layout)}_t`;
    const { one, many } = panelUses(program, word, true);
    const gemm = along.includes(word);
    const facts = { word, type, group: groupColumns(format), int4: word === 'int4' };
    const view = { ...facts, panels, called: one || gemm, many, most: mostSteps };
    const form = (own: View): readonly Piece[] => [
      { name: 'integer-sums', neon: true, view: { ...view, ...own } },
      { name: 'integer-gemv', neon: false, view: { ...view, ...own } },
      ...(gemm ? [{ name: 'integer-gemm', neon: false, view: { ...view, ...own } }] : []),
    ];
    const choice = { word, type, one, many, along: gemm, before: one || many };
    products.set(word, dots === 'chosen' ? bothForms(form, choice) : form(asCompiled(word)));
  }
  return [...products.values()].flat();
}

/** Of sparse matrices: one for each block, width of index and format. */
function sparsePieces({ regions }: Program, calls: readonly KernelCall[]): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  const words = new Set<string>();
  for (const call of calls) {
    if (call.kind !== 'sparse' || call.codes === undefined) continue;
    const { layout } = defined(regions[call.values], 'region');
    const { word } = formatOf(layout);
    const { block, columns } = call;
    const name = integerSparseName(block, columns, word);
    if (pieces.has(name)) continue;
    const [height, width] = block;
    const facts = {
      name,
      word,
      type: `${elementType(layout)}_t`,
      bits: indexBits(columns, block),
      int4: word === 'int4',
    };
    const view = { ...facts, first: !words.has(word), blocks: !isSingle(block), height, width, area: area(block) };
    words.add(word);
    pieces.set(name, { name: 'integer-sparse', neon: false, view });
  }
  return [...pieces.values()];
}
