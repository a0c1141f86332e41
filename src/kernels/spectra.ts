/**
 * Circulant products by transforms: a circulant block is diagonal in the frequency domain, so W x costs a complex
 * number for each two values of a block. How blocks are transformed, what is stored of them and what it all costs.
 * Knows no core; rounding errors are in `spectral-errors.ts`.
 */
import type { CallOf } from './calls.js';

/** Blocks that are transformed at once: as real and imaginary parts of four numbers side by side. */
export const together = 8;

/** Rows of blocks in a panel of spectra; those left over have one of their own. */
export const spectralHeight = 16;

type Shape = Pick<CallOf<'spectral'>, 'rows' | 'columns' | 'block' | 'gates'>;

/** A transform's length as the radices of its stages: fours, a two, then odd primes. */
export function radicesOf(block: number): readonly number[] {
  const radices: number[] = [];
  let rest = block;
  for (let radix = 4; rest > 1; ) {
    if (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    } else radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2;
  }
  return radices;
}

/** Frequencies of real values of which the others are the conjugates. */
export const frequenciesOf = (block: number): number => Math.floor(block / 2) + 1;

/** Whether the spectrum of real values is real there. */
export const isRealAt = (frequency: number, block: number): boolean => frequency === 0 || 2 * frequency === block;

/** Rows of blocks of all gates, and columns of blocks. */
export const blocksOf = ({ rows, columns, block, gates }: Shape): readonly [down: number, across: number] => [
  gates * Math.ceil(rows / block),
  Math.ceil(columns / block),
];

/** Blocks in whole groups of those that are transformed at once. */
export const grouped = (blocks: number): number => Math.ceil(blocks / together) * together;

/** Floats of working memory: two for each number of eight transforms, and the spectra of x and of the sums. */
export function spectralWork(shape: Shape): number {
  const [down, across] = blocksOf(shape);
  return 2 * together * shape.block + 2 * frequenciesOf(shape.block) * (grouped(across) + grouped(down));
}

/** Cosine and sine of every turn up to the half one: 2 pi k / block for k <= block / 2. */
export const rootsOf = (block: number): Float32Array =>
  new Float32Array(2 * frequenciesOf(block)).map((_, i) => {
    const turn = (2 * Math.PI * Math.floor(i / 2)) / block;
    return i % 2 === 0 ? Math.cos(turn) : Math.sin(turn);
  });

/** A complex spectrum, frequency by frequency. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The spectrum of `block` real values: sum over t of v[t] exp(-2 pi i k t / block). */
export function spectrumOf(v: ArrayLike<number>): Spectrum {
  const block = v.length;
  const cosines = Float64Array.from({ length: block }, (_, k) => Math.cos((2 * Math.PI * k) / block));
  const sines = Float64Array.from({ length: block }, (_, k) => Math.sin((2 * Math.PI * k) / block));
  const count = frequenciesOf(block);
  const [re, im] = [new Float64Array(count), new Float64Array(count)];
  for (let k = 0; k < count; k++) {
    for (let t = 0, turn = 0; t < block; t++) {
      re[k]! += v[t]! * cosines[turn]!;
      im[k]! -= v[t]! * sines[turn]!;
      turn += k;
      if (turn >= block) turn -= block;
    }
    if (isRealAt(k, block)) im[k] = 0;
  }
  return { re, im };
}

/**
 * The spectra of all blocks (down, across, block) as they are stored, divided by 2 block: frequency by frequency, in
 * panels of 16 rows of blocks, column after column; real parts of all rows, then their imaginary parts where there are
 * some. As many values as the blocks have.
 */
export function storedSpectra(v: Float32Array, down: number, block: number): Float32Array {
  const across = v.length / down / block;
  const spectra = Array.from({ length: down * across }, (_, i) => spectrumOf(v.subarray(i * block, (i + 1) * block)));
  const stored = new Float32Array(v.length);
  let next = 0;
  for (let k = 0; k < frequenciesOf(block); k++)
    for (let top = 0; top < down; top += spectralHeight)
      for (let column = 0; column < across; column++)
        for (const part of isRealAt(k, block) ? (['re'] as const) : (['re', 'im'] as const))
          for (let row = top; row < Math.min(down, top + spectralHeight); row++)
            stored[next++] = spectra[row * across + column]![part][k]! / (2 * block);
  return stored;
}

/** Operations on four numbers, and those of them that multiply. */
export interface Work {
  readonly operations: number;
  readonly products: number;
}

/** One butterfly without its turns: loads and stores, sums, and products with cosines and sines of thirds and so on. */
function butterflyWork(radix: number): Work {
  const moved = 4 * radix;
  if (radix === 2) return { operations: moved + 4, products: 0 };
  if (radix === 4) return { operations: moved + 16, products: 0 };
  const half = (radix - 1) / 2;
  // Above 5 what is summed is stored again, and read for every pair of results.
  const again = radix > 5 ? 4 * half + 4 * half * half : 0;
  return { operations: moved + 10 * half + 4 * half * half + again, products: 4 * half * half };
}

/** Eight blocks transformed. */
export function transformWork(block: number): Work {
  let [operations, products, stride] = [0, 0, 1];
  for (const radix of radicesOf(block)) {
    const parts = block / stride / radix;
    const butterfly = butterflyWork(radix);
    const turned = 4 * (parts - 1) * stride * (radix - 1);
    operations += (block / radix) * butterfly.operations + turned;
    products += (block / radix) * butterfly.products + turned;
    stride *= radix;
  }
  return { operations, products };
}

/** Products with stored spectra for one pair of blocks. */
const pairProducts = (block: number): number => {
  const real = block % 2 === 0 ? 2 : 1;
  return real + 4 * (frequenciesOf(block) - real);
};

/** Products of a weight or a root with a value: of pairs of blocks, and of two blocks in each transform. */
export function spectralProducts(shape: Shape): number {
  const [down, across] = blocksOf(shape);
  const { products } = transformWork(shape.block);
  return down * across * pairProducts(shape.block) + (Math.ceil(across / 2) + Math.ceil(down / 2)) * products;
}

/** What is executed: products of 4 rows of blocks with a column, operations of transforms, floats moved around them. */
export function spectralWorkload(shape: Shape) {
  const [down, across] = blocksOf(shape);
  const groups = (grouped(down) + grouped(across)) / together;
  return {
    fours: (Math.ceil(down / 4) * across * pairProducts(shape.block)) / 4,
    operations: groups * (transformWork(shape.block).operations + 16 * frequenciesOf(shape.block)),
    moves: groups * together * shape.block,
  };
}
