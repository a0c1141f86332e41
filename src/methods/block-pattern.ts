/**
 * Blocks of values that are pruned together: which a matrix can be cut into, and what is nearest to one that does not
 * fit. Gates stand below each other, so a block may reach from one gate into the next. Shared by `prune` and `dkp`.
 */
import { type Parameter, withDefault } from '../arguments/schema.js';
import { type Block, single } from '../tensor/blocks.js';
import { formatShape } from '../tensor/shape.js';
import { apart } from './kronecker-shapes.js';
import type { Matrix, MatrixShape } from './method.js';

/** The longest side of a block: sums of one row of blocks stay in registers. */
const longestSide = 32;

const blockShape: Parameter<Block> = {
  doc: 'block of values pruned together',
  expects: `a shape such as 8x4, both sides at most ${longestSide}`,
  read: (e) => {
    if (e.kind !== 'shape' || e.dimensions.length !== 2) return undefined;
    const [rows, columns] = e.dimensions as [number, number];
    return Math.min(rows, columns) >= 1 && Math.max(rows, columns) <= longestSide ? [rows, columns] : undefined;
  },
};

/** The argument `block`. */
export const block = withDefault(blockShape, single);

/** What blocks tile: all gates below each other. */
const tiled = ({ gates, shape: [m, n] }: Matrix): MatrixShape => [gates * m, n];

const sidesOf = (extent: number): readonly number[] =>
  Array.from({ length: Math.min(extent, longestSide) }, (_, i) => i + 1).filter((side) => extent % side === 0);

const distance = (x: Block, y: Block): number => apart(x[0], y[0]) + apart(x[1], y[1]);

function nearestBlocks([m, n]: MatrixShape, wanted: Block): string {
  const all = sidesOf(m).flatMap((rows) => sidesOf(n).map((columns): Block => [rows, columns]));
  const nearest = all.sort((x, y) => distance(x, wanted) - distance(y, wanted)).slice(0, 3);
  return nearest.map((b) => `block=${formatShape(b)}`).join(', ');
}

/** What is wrong with a block, in the words of the error; undefined when it fits. */
export function blockMismatch(matrix: Matrix, wanted: Block) {
  const [m, n] = tiled(matrix);
  if (m % wanted[0] === 0 && n % wanted[1] === 0) return undefined;
  const gates = matrix.gates > 1 ? `, its ${matrix.gates} gates below each other` : '';
  return { block: formatShape(wanted), matrix: `${m}x${n}${gates}`, nearest: nearestBlocks([m, n], wanted) };
}

/** The message for a mismatch. */
export const blockMessages = {
  block: {
    severity: 'error',
    message: 'blocks of {block} do not fill the matrix of {path}: {matrix}',
    hint: 'the nearest that do are {nearest}',
  },
} as const;

/** As `explain` prints it: nothing for single values. */
export const showBlock = (b: Block): Readonly<Record<string, string>> =>
  b[0] * b[1] === 1 ? {} : { block: formatShape(b) };
