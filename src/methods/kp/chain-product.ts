/** The product with a chain of Kronecker factors: in graph ops and in kernel calls. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { type Buffer, type Planner, part } from '../../kernels/planner.js';
import { denseProduct, once, touchedColumns, worthFactoring } from '../column-blocks.js';
import { product } from '../cuts.js';
import { multipliedOut } from '../kronecker-product.js';
import type { Apply, Matrix, MatrixShape } from '../method.js';
import { type Chain, cheapestOrder, madeShape } from './chain-shapes.js';

/** W of every gate, (gates, m, n), from factors (gates, rows, columns). */
const wholeChain = (g: Builder, factors: readonly Value[], chain: Chain, { gates, columns }: Matrix): Value =>
  factors.slice(1).reduce((left, factor, k) => {
    const shape = madeShape(chain.slice(0, k + 2));
    return multipliedOut(g, { B: left, C: factor }, { gates, shape, columns });
  }, factors[0]!);

/** A factor along its axis: z (samples * before, columns, after), for all gates alike or each its own. */
interface Along {
  readonly g: Builder;
  readonly gates: number;
  readonly shape: MatrixShape;
  /** The samples included. */
  readonly before: number;
  readonly after: number;
}

/** The first factor: z is one for all gates. (gates, before, rows, after). */
function applyFirst({ g, gates, shape: [rows, columns], before, after }: Along, factor: Value, z: Value): Value {
  const all = g.reshape(factor, [gates * rows, columns]);
  const turned = g.reshape(g.transpose(g.reshape(z, [before, columns, after]), [0, 2, 1]), [before * after, columns]);
  const made = g.matmul(turned, all, { transposeB: true });
  return g.transpose(g.reshape(made, [before, after, gates, rows]), [2, 0, 3, 1]);
}

/** A later factor: z has a gate axis. */
function applyNext({ g, gates, shape: [rows, columns], before, after }: Along, factor: Value, z: Value): Value {
  if (after === 1) return g.matmul(g.reshape(z, [gates, before, columns]), factor, { transposeB: true });
  const turned = g.transpose(g.reshape(z, [gates, before, columns, after]), [0, 2, 1, 3]);
  const made = g.matmul(factor, g.reshape(turned, [gates, columns, before * after]));
  return g.transpose(g.reshape(made, [gates, rows, before, after]), [0, 2, 1, 3]);
}

/** W x for x (samples, columns), factor by factor: (samples, gates * rows). */
function factored(g: Builder, factors: readonly Value[], chain: Chain, x: Value): Value {
  const [gates] = g.shape(factors[0]!);
  const [samples] = g.shape(x);
  let z = x;
  cheapestOrder(chain).steps.forEach(({ factor, before, after }, i) => {
    const along = { g, gates: gates!, shape: chain[factor]!, before: samples! * before, after };
    z = (i === 0 ? applyFirst : applyNext)(along, factors[factor]!, z);
  });
  const [rows] = madeShape(chain);
  return g.reshape(g.transpose(g.reshape(z, [gates!, samples!, rows]), [1, 0, 2]), [samples!, gates! * rows]);
}

/** Ops of the factored form beyond the one matmul of the other. */
const factoredOps = (factors: number): number => 6 * factors;

/** The product: factor by factor in the cheapest order where that is cheaper, else multiplied out once per graph. */
export function chainProduct(g: Builder, factors: readonly Value[], matrix: Matrix, chain: Chain): Apply {
  const { gates, shape, columns } = matrix;
  const [first, ...others] = chain;
  const width = product(others.map((f) => f[1]));
  const spans = touchedColumns(matrix, width);
  const starts = spans.map((span) => once(() => g.slice(factors[0]!, 2, span.first, span.count)));
  const whole = once(() => denseProduct(g, wholeChain(g, factors, chain, matrix), matrix));
  return (block, x, rows) => {
    const { count, before } = spans[block]!;
    const part: Chain = [[first![0], count], ...others];
    const dense = gates * shape[0] * columns[block]!;
    if (!worthFactoring(rows.count, dense, gates * cheapestOrder(part).cost, factoredOps(chain.length)))
      return whole()(block, x, rows);
    return factored(g, [starts[block]!(), ...factors.slice(1)], part, g.pad(x, 1, before, count * width));
  };
}

/** y += W x in the cheapest order, gate by gate; `paths` of the factors. */
export function planChain(
  p: Planner,
  { x, y }: { readonly x: Buffer; readonly y: Buffer },
  { gates, shape }: Matrix,
  { chain, paths }: { readonly chain: Chain; readonly paths: readonly string[] },
): void {
  const { steps } = cheapestOrder(chain);
  for (let gate = 0; gate < gates; gate++) {
    let from = x;
    steps.forEach(({ factor, before, after }, i) => {
      const [rows, columns] = chain[factor]!;
      const last = i === steps.length - 1;
      const to = last ? part(y, gate * shape[0], shape[0]) : p.scratch(before * rows * after);
      const w = { tensor: paths[factor]!, offset: gate * rows * columns, rows, columns };
      p.gemm(w, from, to, { before, after, mode: last ? 'add' : 'set' });
      from = to;
    });
  }
}
