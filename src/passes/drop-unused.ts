/** Leaves out what no output needs, inputs included: an input that is not left need not be fed. */
import type { Graph, OpOf } from '../graph/ops.js';
import type { Pass } from './pass.js';
import { withoutUnused } from './rebuild.js';

export const dropUnused: Pass = {
  name: 'drop-unused',
  why: 'gradients and states that nobody asked for cost nothing',
  run: withoutUnused,
};

/** The inputs of a graph, in order: what a feed must hold. */
export const graphInputs = (graph: Graph): readonly OpOf<'input'>[] => graph.ops.filter((op) => op.kind === 'input');
