/**
 * A least time of a step on this machine, from two rates that the same engine reaches in the same run: products at the
 * speed of a large one, and the start of each node. What elementwise ops read and write comes on top; how much of it
 * the caches serve is not known, so it is no part of the least.
 */
import { Builder } from '../../dist/graph/builder.js';
import { size } from '../../dist/tensor/shape.js';
import { operationsOf, profileStep } from './profiled.mjs';

/** Ops of a graph that does nothing else than starting them. */
const started = 1000;
const filled = (shape, value) => ({ shape, data: new Float32Array(size(shape)).fill(value) });

/** A chain of ops on four numbers. */
export async function startNodes(engine, threads) {
  const g = new Builder();
  let x = g.input('x', [2, 2]);
  for (let i = 0; i < started; i++) x = g.tanh(x);
  const session = await engine.load(g.finish({ 'x.next': x }), { threads, carries: new Map([['x.next', 'x']]) });
  session.set('x', filled([2, 2], 0.5));
  return { session, feeds: {}, nodes: started };
}

/** What a step needs: operations of the products that it runs, nodes. */
export async function needsOf(step, threads) {
  const { nodes } = await profileStep(step, { threads, runs: 0 });
  return { operations: operationsOf(nodes), nodes: nodes.length };
}

/** Milliseconds of each part, from the best times of the large product and the chain of nodes. */
export function leastOf({ operations, nodes }, { product, chain }) {
  const parts = [
    [`${(operations / 1e9).toFixed(1)} GFLOP of products as fast as a large one`, operations / product],
    [`${nodes} nodes at ${(1000 / chain).toFixed(1)} us`, nodes / chain],
  ];
  return { parts, total: parts.reduce((sum, [, milliseconds]) => sum + milliseconds, 0) };
}
