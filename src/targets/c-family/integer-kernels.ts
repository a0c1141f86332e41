/** The kernels of integer products: how x becomes codes, sums of codes for each format, and what they add to y. */
import type { CallOf, KernelCall } from '../../kernels/calls.js';
import { groupColumns } from '../../kernels/quads.js';
import { elementType, formatOf } from '../../kernels/regions.js';
import { defined } from '../../support/assert.js';
import { area, isSingle } from '../../tensor/blocks.js';
import { indexBits, integerSparseName } from './calls.js';
import type { Piece } from './piece.js';
import { allCalls, type Program } from './program.js';

const panels = [32, 16, 8].map((height) => ({
  height,
  vectors: height / 4,
  /** Of a group of columns. */
  bytes: 4 * height,
  /** Rows whose two sums for every 4 fit into registers. */
  part: Math.min(16, height),
}));

/** In the order in which C wants them; nothing where no product is one of integers. */
export function integerPieces(program: Program, vectors: boolean): readonly Piece[] {
  const calls = allCalls(program.plan);
  const quantized = calls.filter((call): call is CallOf<'quantize'> => call.kind === 'quantize');
  if (quantized.length === 0) return [];
  const view = { calibrated: quantized.some(({ scale }) => scale !== undefined) };
  const dense = densePieces(program, calls);
  return [
    { name: 'quantize', neon: false, view },
    ...(quantized.some(({ before, after }) => before * after > 1)
      ? [{ name: 'quantize-vectors', neon: false, view }]
      : []),
    ...(vectors && dense.length > 0 ? [{ name: 'quads', neon: true, view: {} }] : []),
    ...dense,
    ...sparsePieces(program, calls),
  ];
}

/** Of matrices, by format. */
function densePieces({ regions }: Program, calls: readonly KernelCall[]): readonly Piece[] {
  const products = new Map<string, readonly Piece[]>();
  const along = calls.flatMap((call) =>
    call.kind === 'gemm' && call.codes !== undefined ? [formatOf(defined(regions[call.w], 'region').layout).word] : [],
  );
  for (const { layout } of regions) {
    if (layout.kind !== 'quads') continue;
    const format = formatOf(layout);
    const { word } = format;
    const type = `${elementType(layout)}_t`;
    const view = { word, type, group: groupColumns(format), panels, int4: word === 'int4' };
    products.set(word, [
      { name: 'integer-sums', neon: true, view },
      { name: 'integer-gemv', neon: false, view },
      ...(along.includes(word) ? [{ name: 'integer-gemm', neon: false, view }] : []),
    ]);
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
