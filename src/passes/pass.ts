/** What a pass is: one rewriting of a graph that leaves the value of every output as it was. */
import type { Graph } from '../graph/ops.js';

export interface Pass {
  /** Kebab-case, as `--print-after` names it. */
  readonly name: string;
  /** What it buys, in one line. */
  readonly why: string;
  /** A graph with the same outputs by name; up to rounding, the same values for every finite feed. */
  readonly run: (graph: Graph) => Graph;
}
