/** A chain of Kronecker factors in doubles: multiplied out, and fitted to a matrix. */
import { factorize } from '../../tensor/linear-algebra.js';
import { product } from '../cuts.js';
import type { MatrixShape } from '../method.js';
import { type Chain, madeShape } from './chain-shapes.js';

/** A (x) B of two matrices in doubles. */
function kronecker(a: Float64Array, b: Float64Array, [, n1]: MatrixShape, [m2, n2]: MatrixShape): Float64Array {
  return new Float64Array(a.length * b.length).map((_, at) => {
    const [row, column] = [Math.floor(at / (n1 * n2)), at % (n1 * n2)];
    const inA = Math.floor(row / m2) * n1 + Math.floor(column / n2);
    return a[inA]! * b[(row % m2) * n2 + (column % n2)]!;
  });
}

/** W of one gate from its factors. */
export const chainValues = (factors: readonly Float64Array[], chain: Chain): Float64Array =>
  factors
    .slice(1)
    .reduce((left, factor, k) => kronecker(left, factor, madeShape(chain.slice(0, k + 1)), chain[k + 1]!), factors[0]!);

/** W of one gate as an array with one axis for each factor, over that factor's elements (Van Loan & Pitsianis). */
function rearranged(w: Float64Array, chain: Chain): Float64Array {
  const result = new Float64Array(w.length);
  const [, n] = madeShape(chain);
  w.forEach((value, at) => {
    let [row, column, place, unit] = [Math.floor(at / n), at % n, 0, 1];
    for (const [rows, columns] of [...chain].reverse()) {
      place += ((row % rows) * columns + (column % columns)) * unit;
      [row, column] = [Math.floor(row / rows), Math.floor(column / columns)];
      unit *= rows * columns;
    }
    result[place] = value;
  });
  return result;
}

/** The rank-1 part of the first axis against the others, then of those: exact where there is no error. */
function successive(array: Float64Array, sizes: readonly number[]): Float64Array[] {
  if (sizes.length === 1) return [array];
  const { u, v } = factorize(array, [sizes[0]!, array.length / sizes[0]!], 1);
  return [u, ...successive(v, sizes.slice(1))];
}

/** The array times all factors but `own`, over their axes. */
function contracted(array: Float64Array, factors: readonly Float64Array[], own: number): Float64Array {
  const result = new Float64Array(factors[own]!.length);
  const weight = (place: number): readonly [value: number, index: number] => {
    let [rest, value, index] = [place, 1, 0];
    for (let k = factors.length - 1; k >= 0; k--) {
      const length = factors[k]!.length;
      if (k === own) index = rest % length;
      else value *= factors[k]![rest % length]!;
      rest = Math.floor(rest / length);
    }
    return [value, index];
  };
  array.forEach((element, place) => {
    if (element === 0) return;
    const [value, index] = weight(place);
    result[index]! += element * value;
  });
  return result;
}

const squares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);

const mostRounds = 20;

/** The nearest chain to one gate's W that alternating least squares finds, from the successive rank-1 fit. */
export function fitChain(w: Float64Array, chain: Chain): readonly Float64Array[] {
  const array = rearranged(w, chain);
  const factors = successive(array, chain.map(product));
  let before = 0;
  for (let round = 0; round < mostRounds && squares(w) > 0; round++) {
    for (let own = 0; own < factors.length; own++) {
      const others = factors.reduce((all, f, k) => (k === own ? all : all * squares(f)), 1);
      if (others > 0) factors[own] = contracted(array, factors, own).map((v) => v / others);
    }
    const explained = product(factors.map(squares));
    if (explained <= before * (1 + 1e-12)) break;
    before = explained;
  }
  return evened(factors);
}

/** The same product with factors of equal mean square, as the start of training has them. */
function evened(factors: readonly Float64Array[]): readonly Float64Array[] {
  const sizes = factors.map((f) => Math.sqrt(squares(f) / f.length));
  const common = product(sizes) ** (1 / factors.length);
  return common > 0 ? factors.map((f, k) => f.map((v) => (v * common) / sizes[k]!)) : factors;
}
