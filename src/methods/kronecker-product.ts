/** B (x) C in graph ops, in kernel calls and in doubles. Shared by `kp`, `dkp` and `hkp`. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { kronCosts, kronOrder } from '../kernels/costs.js';
import type { Buffer, Planner } from '../kernels/planner.js';
import { factorize } from '../tensor/linear-algebra.js';
import { size } from '../tensor/shape.js';
import { balancedBounds } from './balanced-factors.js';
import { denseProduct, once, touchedColumns, worthFactoring } from './column-blocks.js';
import { gateValues, joinGates } from './gates.js';
import type { FactorPair } from './kronecker-shapes.js';
import type { Apply, Matrix, TensorSpec } from './method.js';

/** The tensors B (gates, m1, n1) and C (gates, m2, n2) of one kind. */
export type Factors<V> = Readonly<Record<'B' | 'C', V>>;

export function factorTensors({ gates }: Matrix, { b, c }: FactorPair): Factors<TensorSpec> {
  const [boundB, boundC] = balancedBounds([size(b), size(c)]);
  return {
    B: { shape: [gates, ...b], bound: boundB!, masked: false },
    C: { shape: [gates, ...c], bound: boundC!, masked: false },
  };
}

/** B (x) C of every gate, (gates, m, n). */
export function multipliedOut(g: Builder, { B, C }: Factors<Value>, matrix: Matrix): Value {
  const [gates, m1, n1] = g.shape(B);
  const [, m2, n2] = g.shape(C);
  const outer = g.mul(g.reshape(B, [gates!, m1!, 1, n1!, 1]), g.reshape(C, [gates!, 1, m2!, 1, n2!]));
  return g.reshape(outer, [gates!, ...matrix.shape]);
}

/** The product B (x) C x of some columns: B (gates, m1, nb), C (gates, m2, n2), x (count, nb * n2). */
interface Product {
  readonly g: Builder;
  readonly pair: FactorPair;
  readonly gates: number;
}

/** (B X) C^T, for all gates and samples at once. */
function leftFirst({ g, pair, gates }: Product, { B, C }: Factors<Value>, x: Value): Value {
  const { b, c } = pair;
  const [samples] = g.shape(x);
  const nb = g.shape(B)[2]!;
  const turned = g.reshape(g.transpose(g.reshape(x, [samples!, nb, c[1]]), [0, 2, 1]), [samples! * c[1], nb]);
  const left = g.matmul(turned, g.reshape(B, [gates * b[0], nb]), { transposeB: true });
  const rows = g.transpose(g.reshape(left, [samples!, c[1], gates * b[0]]), [2, 0, 1]);
  const both = g.matmul(g.reshape(rows, [gates, b[0] * samples!, c[1]]), C, { transposeB: true });
  const apart = g.transpose(g.reshape(both, [gates * b[0], samples!, c[0]]), [1, 0, 2]);
  return g.reshape(apart, [samples!, gates * b[0] * c[0]]);
}

/** B (X C^T), for all gates and samples at once. */
function rightFirst({ g, pair, gates }: Product, { B, C }: Factors<Value>, x: Value): Value {
  const { b, c } = pair;
  const [samples] = g.shape(x);
  const nb = g.shape(B)[2]!;
  const right = g.matmul(g.reshape(x, [samples! * nb, c[1]]), g.reshape(C, [gates * c[0], c[1]]), { transposeB: true });
  const columns = g.transpose(g.reshape(right, [samples!, nb, gates, c[0]]), [2, 1, 0, 3]);
  const both = g.matmul(B, g.reshape(columns, [gates, nb, samples! * c[0]]));
  const apart = g.transpose(g.reshape(both, [gates, b[0], samples!, c[0]]), [2, 0, 1, 3]);
  return g.reshape(apart, [samples!, gates * b[0] * c[0]]);
}

/** Ops that the factored forms take beyond the one matmul of the multiplied-out form. */
const factoredOps = 11;

/** The factored product where it is cheaper for a block and this many rows, else undefined. */
export function factoredKronecker(
  g: Builder,
  factors: Factors<Value>,
  matrix: Matrix,
  pair: FactorPair,
): (...request: Parameters<Apply>) => Value | undefined {
  const { gates, shape, columns } = matrix;
  const [m1] = pair.b;
  const n2 = pair.c[1];
  const spans = touchedColumns(matrix, n2);
  const lefts = spans.map(({ first, count }) => once(() => g.slice(factors.B, 2, first, count)));
  return (block, x, rows) => {
    const { count, before } = spans[block]!;
    const costs = kronCosts([m1, count], pair.c);
    const factored = gates * Math.min(costs['b-first'], costs['c-first']);
    const dense = gates * shape[0] * columns[block]!;
    if (!worthFactoring(rows.count, dense, factored, factoredOps)) return undefined;
    const whole = g.pad(x, 1, before, count * n2);
    const order = kronOrder([m1, count], pair.c) === 'b-first' ? leftFirst : rightFirst;
    return order({ g, pair, gates }, { B: lefts[block]!(), C: factors.C }, whole);
  };
}

/** The product with B (x) C: factored where that is cheaper for a block, else multiplied out once per graph. */
export function kroneckerProduct(g: Builder, factors: Factors<Value>, matrix: Matrix, pair: FactorPair): Apply {
  const factored = factoredKronecker(g, factors, matrix, pair);
  const product = once(() => denseProduct(g, multipliedOut(g, factors, matrix), matrix));
  return (block, x, rows) => factored(block, x, rows) ?? product()(block, x, rows);
}

/** y += (B (x) C) x of all gates. */
export function planKronecker(
  p: Planner,
  { x, y }: { readonly x: Buffer; readonly y: Buffer },
  { gates, shape }: Matrix,
  { pair, paths }: { readonly pair: FactorPair; readonly paths: Factors<string> },
): void {
  const { b, c } = pair;
  p.kron(
    { tensor: paths.B, offset: 0, rows: gates * b[0], columns: b[1] },
    { tensor: paths.C, offset: 0, rows: gates * c[0], columns: c[1] },
    x,
    { count: gates, apart: shape[0], y },
  );
}

/** Visits every element of W with its places in B and C. */
function eachElement({ b, c }: FactorPair, visit: (w: number, inB: number, inC: number) => void): void {
  const [m1, n1] = b;
  const [m2, n2] = c;
  let w = 0;
  for (let i1 = 0; i1 < m1; i1++) {
    for (let i2 = 0; i2 < m2; i2++) {
      for (let j1 = 0; j1 < n1; j1++) for (let j2 = 0; j2 < n2; j2++) visit(w++, i1 * n1 + j1, i2 * n2 + j2);
    }
  }
}

/** W[i1 m2 + i2, j1 n2 + j2] = B[i1, j1] C[i2, j2], for every gate. */
export function kroneckerValues({ B, C }: Factors<Float64Array>, gates: number, pair: FactorPair): Float64Array {
  return joinGates(gates, (gate) => {
    const b = gateValues(B, gates, gate);
    const c = gateValues(C, gates, gate);
    const w = new Float64Array(b.length * c.length);
    eachElement(pair, (at, inB, inC) => {
      w[at] = b[inB]! * c[inC]!;
    });
    return w;
  });
}

/** The nearest Kronecker product of every gate: the rank-1 fit of the rearranged matrix (Van Loan & Pitsianis). */
export function fitKronecker(dense: Float64Array, gates: number, pair: FactorPair): Factors<Float64Array> {
  const { b, c } = pair;
  const [height, width] = [b[0] * b[1], c[0] * c[1]];
  const fitted = Array.from({ length: gates }, (_, gate) => {
    const w = gateValues(dense, gates, gate);
    const rearranged = new Float64Array(w.length);
    eachElement(pair, (at, inB, inC) => {
      rearranged[inB * width + inC] = w[at]!;
    });
    return factorize(rearranged, [height, width], 1);
  });
  return { B: joinGates(gates, (gate) => fitted[gate]!.u), C: joinGates(gates, (gate) => fitted[gate]!.v) };
}
