/**
 * What of a graph is made once for each distinct id in place of once for each id. In natural text 700 words in a row
 * are 360 different ones. Only decides; `onnx-per-id.ts` writes.
 */
import type { Graph, Op, Value } from '../../graph/ops.js';
import type { Uses } from '../graph-uses.js';
import type { DistinctRule } from './distinct-rule.js';
import { findRowsPerId, otherSide, type PerId, type Side } from './rows-per-id.js';
import { ofScatter, SumFinder, type Sums } from './sums-per-id.js';

export interface DistinctIds {
  readonly perId: ReadonlyMap<Value, PerId>;
  /** Those of them that something reads with a row for every id. */
  readonly whole: ReadonlySet<Value>;
  /** Values of which only the sums over equal ids are read, made of other such sums. */
  readonly sums: ReadonlyMap<Value, Sums>;
  /** Products that sum over ids, with their operand in `perId`; of the other one they read the sums. */
  readonly contracted: ReadonlyMap<Value, Side>;
  /** Scatters that read the sums of their updates. */
  readonly scattered: ReadonlySet<Value>;
  /** Ids over which something is summed. */
  readonly summed: ReadonlySet<Value>;
}

export const noDistinctIds: DistinctIds = {
  perId: new Map(),
  whole: new Set(),
  sums: new Map(),
  contracted: new Map(),
  scattered: new Set(),
  summed: new Set(),
};

/** Whether an op reads an operand with a row for every id. */
function readsWhole({ perId, sums, contracted, scattered }: DistinctIds, op: Op, v: Value, side: number): boolean {
  const made = sums.get(v);
  if (contracted.has(v) || scattered.has(v)) return false;
  if (made !== undefined) return op.kind === 'matmul' && side !== made.axis;
  return perId.get(v)?.operand !== side;
}

/** What of the live ops of a graph to make once for each distinct id. */
export function findDistinctIds(graph: Graph, uses: Uses, rule: DistinctRule): DistinctIds {
  const perId = findRowsPerId(graph, uses, rule);
  const finder = new SumFinder(graph, uses, { perId, rule });
  const contracted = new Map<Value, Side>();
  const scattered = new Set<Value>();
  graph.ops.forEach((op, v) => {
    if (!uses.live[v]) return;
    const met = finder.contraction(op, v);
    if (met !== undefined && finder.of(op.inputs[otherSide(met.side)]!, met.wanted) !== undefined)
      contracted.set(v, met.side);
    if (op.kind === 'scatter' && finder.of(op.inputs[1]!, ofScatter(op)) !== undefined) scattered.add(v);
  });
  const taken = finder.taken();
  const whole = new Set([...Object.values(graph.outputs), ...taken.map(([v]) => v)].filter((v) => perId.has(v)));
  const summed = new Set(taken.map(([, { ids }]) => ids));
  const found = { perId, whole, sums: finder.made(), contracted, scattered, summed };
  graph.ops.forEach((op, v) => {
    if (!uses.live[v]) return;
    for (const [side, i] of op.inputs.entries()) if (perId.has(i) && readsWhole(found, op, v, side)) whole.add(i);
  });
  return found;
}
