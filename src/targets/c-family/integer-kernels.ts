/** The kernels of integer products: how x becomes codes, sums of codes for each format, and what they add to y. */
import { groupColumns } from '../../kernels/quads.js';
import { elementType, formatOf } from '../../kernels/regions.js';
import type { Piece } from './piece.js';
import type { Program } from './program.js';

const panels = [32, 16, 8].map((height) => ({
  height,
  vectors: height / 4,
  /** Of a group of columns. */
  bytes: 4 * height,
  /** Rows whose two sums for every 4 fit into registers. */
  part: Math.min(16, height),
}));

/** In the order in which C wants them; nothing where no product is one of integers. */
export function integerPieces({ regions }: Program, vectors: boolean): readonly Piece[] {
  const layouts = regions.map(({ layout }) => layout).filter(({ kind }) => kind === 'quads');
  const products = new Map<string, readonly Piece[]>();
  for (const layout of layouts) {
    const format = formatOf(layout);
    const { word } = format;
    const view = {
      word,
      type: `${elementType(layout)}_t`,
      group: groupColumns(format),
      panels,
      int4: word === 'int4',
    };
    products.set(word, [
      { name: 'integer-sums', neon: true, view },
      { name: 'integer-gemv', neon: false, view },
    ]);
  }
  const vectorWords = vectors ? [{ name: 'quads', neon: true, view: {} }] : [];
  return products.size === 0
    ? []
    : [{ name: 'quantize', neon: false, view: {} }, ...vectorWords, ...[...products.values()].flat()];
}
