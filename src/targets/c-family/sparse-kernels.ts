/** The kernels of sparse products: one for each block and width of index that a program has. */
import type { CallOf } from '../../kernels/calls.js';
import type { SharedProduct } from '../../lower/run-stages.js';
import { type Block, isSingle } from '../../tensor/blocks.js';
import { indexBits, sliceBits, sparseName } from './calls.js';
import type { Piece } from './piece.js';
import { type ProductUses, productUses } from './product-uses.js';
import type { Program } from './program.js';

/** Whether a block has a form in Arm intrinsics: over its rows, or over the columns of a single row. */
export const inVectors = ([height, width]: Block): boolean => height % 4 === 0 || (height === 1 && width % 4 === 0);

/** Sums that run side by side, so that no addition waits for the one before it. */
const chainsOf = (vectors: number): number => (vectors >= 4 ? 1 : vectors >= 2 ? 2 : 4);

/** Steps whose sums are in registers at once, of 32 and of 16: how many of them a kernel takes at a time, falling. */
function stepLadder(sums: number): readonly { readonly n: number; readonly wide: boolean }[] {
  const most = (registers: number): number => Math.max(1, Math.floor(registers / sums));
  return [6, 4, 3, 2, 1].filter((n) => n <= most(24)).map((n) => ({ n, wide: n > most(12) }));
}

function blockPiece(name: string, block: Block, bits: number, { one, many }: ProductUses): Piece {
  const [height, width] = block;
  const overRows = height % 4 === 0;
  const vectors = (overRows ? height : width) / 4;
  const chains = chainsOf(vectors);
  // Several blocks at once, where one is too small to keep all chains busy.
  const group = overRows ? Math.max(1, Math.floor(chains / width)) : chains;
  const lanes = overRows && width % 4 === 0;
  const members = Array.from({ length: group }, (_, block) => ({
    block,
    offset: block * height * width,
    first: overRows ? (block * width) % chains : block,
  }));
  const ladder = stepLadder(chains * vectors);
  const atOnce = { one, many, ladder, most: ladder[0]!.n };
  const view = { name, height, width, bits, values: height * width, overRows, flat: height === 1, ...atOnce };
  return {
    name: 'sparse-blocks',
    neon: inVectors(block),
    view: { ...view, vectors, chains, group, members, grouped: group > 1, lanes, chained: chains > 1 },
  };
}

/** In the order of their first calls; all element-wise forms are one piece. */
export function sparsePieces(calls: readonly CallOf<'sparse'>[], program: Program): readonly Piece[] {
  const bits = [16, 32].filter((n) => calls.some((call) => isSingle(call.block) && bitsOf(call) === n));
  const elements: Piece[] =
    bits.length === 0 ? [] : [{ name: 'sparse', neon: false, view: { indexTypes: bits.map((n) => ({ bits: n })) } }];
  const inBlocks = new Map<string, Piece>();
  for (const call of calls.filter(({ block }) => !isSingle(block))) {
    const name = nameOf(call);
    if (inBlocks.has(name)) continue;
    // Those that decode their values call the plain kernel row by row.
    const decoding = calls.some((other) => other.decoded !== undefined && nameOf(other) === name);
    const plain = (product: SharedProduct): boolean =>
      product.kind === 'sparse' && product.decoded === undefined && nameOf(product) === name;
    const { one, many } = productUses(program, plain);
    inBlocks.set(name, blockPiece(name, call.block, bitsOf(call), { one: one || decoding, many }));
  }
  return [...elements, ...inBlocks.values()];
}

/** Where each of 8 entries lies: its half of the values and its lane, its word of columns and its bits. */
const sliceEntries = Array.from({ length: 8 }, (_, row) => ({
  row,
  half: row < 4 ? 'low' : 'high',
  lane: row % 4,
  word: Math.floor(row / 4),
  shift: row % 4 === 0 ? '' : ` >> ${16 * (row % 4)}`,
  mask: row % 4 === 3 ? '' : ' & 0xffff',
}));

/** The kernels of sparse products in slices, one for each width of index. */
export function slicedPieces(calls: readonly CallOf<'sliced'>[], program: Program): readonly Piece[] {
  const widths = [16, 32].filter((n) => calls.some((call) => bitsOfSlices(call) === n));
  const used = widths.map((bits) =>
    productUses(program, (call) => call.kind === 'sliced' && bitsOfSlices(call) === bits),
  );
  const pieces = widths.flatMap((bits, i): readonly Piece[] => {
    const view = { bits, narrow: bits === 16, single: i === 0, entries: sliceEntries };
    const forMany = used[i]!.many ? ['slice-entries-steps', 'sliced-steps'] : [];
    const names = ['slice-entries', 'sliced', ...forMany];
    return names.map((name) => ({ name, neon: name.startsWith('slice-entries'), view }));
  });
  const many = used.some((use) => use.many);
  return [...(many ? [{ name: 'step-sums', neon: true, view: {} }] : []), ...pieces];
}

/** Rows of sparse tables. */
export function rowPieces(calls: readonly CallOf<'embedSparse'>[]): readonly Piece[] {
  const bits = [16, 32].filter((n) => calls.some(({ columns, block }) => indexBits(columns, block) === n));
  return bits.length === 0
    ? []
    : [{ name: 'sparse-row', neon: false, view: { indexTypes: bits.map((n) => ({ bits: n })) } }];
}

const nameOf = ({ block, columns }: CallOf<'sparse'>): string => sparseName(block, columns);
const bitsOf = ({ columns, block }: CallOf<'sparse'>): number => indexBits(columns, block);
const bitsOfSlices = ({ rows, columns }: CallOf<'sliced'>): number => sliceBits(rows, columns);
