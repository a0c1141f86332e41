/**
 * The sums that products are made of: rows of a matrix times a vector, the two products of a Kronecker call, a matrix
 * along one axis. One place says which factor meets which value; `reference.ts` adds them up, `error-bounds.ts` bounds
 * them.
 */
import type { CallOf, ColumnsWithin } from './calls.js';

/** sum over k < terms of factors[factor + k] * values[value + k * stride]. */
export interface Sum {
  readonly factor: number;
  readonly value: number;
  readonly stride: number;
  readonly terms: number;
}

/** Sums of one product, row-major, and how many there are. */
export interface Sums {
  readonly count: number;
  readonly at: (element: number) => Sum;
}

/** Every row of a (rows, columns) matrix times a vector; the matrix may be some columns of a wider one. */
export const rowSums = (rows: number, columns: number, within: ColumnsWithin = { first: 0, columns }): Sums => ({
  count: rows,
  at: (row) => ({ factor: row * within.columns + within.first, value: 0, stride: 1, terms: columns }),
});

/** F V with F (rows, terms) and V (terms, columns); F may be some columns of a wider matrix. */
const leftSums = (
  rows: number,
  terms: number,
  columns: number,
  within: ColumnsWithin = { first: 0, columns: terms },
): Sums => ({
  count: rows * columns,
  at: (element) => ({
    factor: Math.floor(element / columns) * within.columns + within.first,
    value: element % columns,
    stride: columns,
    terms,
  }),
});

/** V F^T with V (rows, terms) and F (columns, terms). */
const rightSums = (rows: number, terms: number, columns: number): Sums => ({
  count: rows * columns,
  at: (element) => ({
    factor: (element % columns) * terms,
    value: Math.floor(element / columns) * terms,
    stride: 1,
    terms,
  }),
});

/** Every W x[p], x as (before, columns, after), the sums as (before, rows, after). */
export const axisSums = ({ rows, columns, before, after }: CallOf<'gemm'>): Sums => ({
  count: before * rows * after,
  at: (element) => ({
    factor: (Math.floor(element / after) % rows) * columns,
    value: Math.floor(element / (rows * after)) * columns * after + (element % after),
    stride: after,
    terms: columns,
  }),
});

/** The (rows, columns) matrix of circulant blocks, from the first column of each. */
export function circulantMatrix(
  v: ArrayLike<number>,
  { rows, columns, block }: Pick<CallOf<'circulant'>, 'rows' | 'columns' | 'block'>,
): Float32Array {
  const across = Math.ceil(columns / block);
  return new Float32Array(rows * columns).map((_, element) => {
    const [i, j] = [Math.floor(element / columns), element % columns];
    const column = (Math.floor(i / block) * across + Math.floor(j / block)) * block;
    return v[column + ((((i - j) % block) + block) % block)]!;
  });
}

/** A (rows, columns) matrix turned: (columns, rows). */
export const turned = (v: ArrayLike<number>, rows: number, columns: number): Float32Array =>
  new Float32Array(rows * columns).map((_, at) => v[(at % rows) * columns + Math.floor(at / rows)]!);

/** The operands of one gate of a Kronecker call, and where its results begin in y. */
export interface KroneckerGate<A> {
  readonly b: A;
  readonly c: A;
  readonly y: number;
}

/** The gates of a Kronecker call, their factors cut from those of all. */
export function kroneckerGates<A extends { subarray: (from: number, to: number) => A }>(
  { bShape, cShape, within, gates, apart }: CallOf<'kron'>,
  { b, c }: { readonly b: A; readonly c: A },
): readonly KroneckerGate<A>[] {
  const [bSize, cSize] = [bShape[0] * (within?.columns ?? bShape[1]), cShape[0] * cShape[1]];
  return Array.from({ length: gates }, (_, gate) => ({
    b: b.subarray(gate * bSize, (gate + 1) * bSize),
    c: c.subarray(gate * cSize, (gate + 1) * cSize),
    y: gate * apart,
  }));
}

/** T = B X of a 'b-first' call, X C^T of a 'c-first' one; its rows are not padded here. */
export const intermediateSums = ({ bShape: [b0, b1], cShape: [c0, c1], within, order }: CallOf<'kron'>): Sums =>
  order === 'b-first' ? leftSums(b0, b1, c1, within) : rightSums(b1, c1, c0);

/** What is added to y: T C^T of a 'b-first' call, B T of a 'c-first' one. */
export const resultSums = ({ bShape: [b0, b1], cShape: [c0, c1], within, order }: CallOf<'kron'>): Sums =>
  order === 'b-first' ? rightSums(b0, c1, c0) : leftSums(b0, b1, c0, within);

/** The value of one sum, added to `start` in ascending order. */
export function addSum(factors: ArrayLike<number>, values: ArrayLike<number>, sum: Sum, start: number): number {
  let total = start;
  let value = sum.value;
  for (let k = 0; k < sum.terms; k++) {
    total += factors[sum.factor + k]! * values[value]!;
    value += sum.stride;
  }
  return total;
}

/** All sums of a product, each from zero. */
export const product = (factors: ArrayLike<number>, values: ArrayLike<number>, sums: Sums): Float64Array =>
  new Float64Array(sums.count).map((_, element) => addSum(factors, values, sums.at(element), 0));
