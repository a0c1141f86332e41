/** Runs passes in order and verifies the graph before the first and after each. */
import type { Graph } from '../graph/ops.js';
import { verifyGraph } from '../graph/verify.js';
import type { Pass } from './pass.js';

export interface RunOptions {
  /** Called after each pass, for `--print-after`. */
  readonly onAfter?: (name: string, graph: Graph) => void;
}

/** `graph` after all of `passes`. */
export function runPasses(graph: Graph, passes: readonly Pass[], options: RunOptions = {}): Graph {
  verifyGraph(graph);
  return passes.reduce((before, pass) => {
    const after = pass.run(before);
    verifyGraph(after);
    options.onAfter?.(pass.name, after);
    return after;
  }, graph);
}
