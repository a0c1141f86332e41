/**
 * Shapes of a chain of Kronecker factors: the cheapest order to apply them in, which chains a matrix has, and which are
 * nearest to what was written. Builds nothing.
 */
import { formatShape } from '../../tensor/shape.js';
import { cuts, nearestCuts, product } from '../cuts.js';
import type { MatrixShape } from '../method.js';

/** W = F1 (x) F2 (x) ... (x) Fd, left to right. */
export type Chain = readonly MatrixShape[];

/** The arguments, in order. */
export const factorNames = ['B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'] as const;
export type FactorName = (typeof factorNames)[number];

/** How many factors the compiler chooses shapes of; written shapes may be more. */
export const mostChosen = 4;

/** The shape that factors make. */
export const madeShape = (chain: Chain): MatrixShape => [
  product(chain.map((f) => f[0])),
  product(chain.map((f) => f[1])),
];

export const chainParameters = (chain: Chain): number => chain.reduce((sum, f) => sum + product(f), 0);

/** Upper bound of the rank: the product of the factors' own. */
export const chainRank = (chain: Chain): number => product(chain.map((f) => Math.min(...f)));

/** One factor applied along its axis of a vector with an extent for each factor. */
export interface Application {
  readonly factor: number;
  readonly before: number;
  readonly after: number;
}

/** Applying `factor` when those of `done`, a set of bits, are applied: their extents are rows, all others columns. */
function application(chain: Chain, done: number, factor: number): Application {
  const extents = chain.map(([rows, columns], k) => ((done >> k) & 1 ? rows : columns));
  return { factor, before: product(extents.slice(0, factor)), after: product(extents.slice(factor + 1)) };
}

/** The order with fewest multiply-adds, and how many: over all sets of factors that may be applied before. */
export function cheapestOrder(chain: Chain): { readonly cost: number; readonly steps: readonly Application[] } {
  const all = 2 ** chain.length - 1;
  const best: { cost: number; steps: readonly Application[] }[] = [{ cost: 0, steps: [] }];
  for (let done = 0; done <= all; done++) {
    const here = best[done]!;
    chain.forEach((shape, factor) => {
      const next = done | (1 << factor);
      if (next === done) return;
      const step = application(chain, done, factor);
      const cost = here.cost + product(shape) * step.before * step.after;
      if (best[next] === undefined || cost < best[next].cost) best[next] = { cost, steps: [...here.steps, step] };
    });
  }
  return best[all]!;
}

/** The best chain of every size, smallest first: the largest rank bound, then fewest multiply-adds, then the first. */
export function chainsBySize([m, n]: MatrixShape, factors: number): readonly Chain[] {
  const columns = cuts(n, factors);
  const bySize = new Map<number, Chain>();
  for (const rows of cuts(m, factors)) {
    for (const across of columns) {
      const chain = rows.map((r, k): MatrixShape => [r, across[k]!]);
      const size = chainParameters(chain);
      const known = bySize.get(size);
      if (known === undefined || isBetter(chain, known)) bySize.set(size, chain);
    }
  }
  return [...bySize].sort(([x], [y]) => x - y).map(([, chain]) => chain);
}

function isBetter(x: Chain, y: Chain): boolean {
  const rank = chainRank(x) - chainRank(y);
  return rank > 0 || (rank === 0 && cheapestOrder(x).cost < cheapestOrder(y).cost);
}

/** As a program writes it: B=2x5, C=5x2, D=10x20. */
export const formatChain = (chain: Chain): string =>
  chain.map((shape, k) => `${factorNames[k]!}=${formatShape(shape)}`).join(', ');

/** The legal chains nearest to the one written, as a program writes them. */
export function nearestChains([m, n]: MatrixShape, written: Chain): string {
  const near = (extent: number, side: 0 | 1) =>
    nearestCuts(
      extent,
      written.map((f) => f[side]),
      2,
    );
  const [rows, columns] = [near(m, 0), near(n, 1)];
  const pairs = [
    [rows[0], columns[0]],
    [rows[1], columns[0]],
    [rows[0], columns[1]],
  ] as const;
  const chains = pairs.flatMap(([r, c]) => (r && c ? [r.map((v, k): MatrixShape => [v, c[k]!])] : []));
  return chains.map((chain) => `(${formatChain(chain)})`).join(', ');
}
