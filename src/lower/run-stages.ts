/**
 * The calls of one loop over time steps, taken apart: products that wait for no earlier step run ahead, for a
 * block of steps at once, with all that they need; what waits for the step before walks; what only outputs wait for
 * comes last. Places nothing.
 */
import type { CallOf, KernelCall } from '../kernels/calls.js';
import { usesOf } from '../kernels/uses.js';
import { type CallOrder, callOrder } from './call-order.js';
import type { PlanState } from './inference-plan.js';

/** Where a call runs: stages by number, even ones ahead and odd ones walking; -1: with the outputs. */
export type StageNumber = number;
export const withOutputs = -1;

/** Products of which many steps may share each weight that is loaded, where they are not sparse ones of integers. */
export type SharedProduct = CallOf<'gemv' | 'sparse' | 'sliced'>;

/** Whether a call is one of them. */
export const sharesLoads = (call: KernelCall): call is SharedProduct =>
  call.kind === 'sliced' || call.kind === 'gemv' || (call.kind === 'sparse' && call.codes === undefined);

interface Loop {
  readonly calls: readonly KernelCall[];
  readonly states: readonly PlanState[];
  /** Buffers that others than outputs read: those that are kept for other loops. */
  readonly needed: ReadonlySet<number>;
  /** The loop that makes the outputs. */
  readonly isLast: boolean;
}

/** Calls that nothing but outputs waits for. */
function lateCalls({ calls, needed, isLast }: Loop, { after, circles }: CallOrder): readonly boolean[] {
  const late = calls.map(() => false);
  for (let i = calls.length - 1; i >= 0 && isLast; i--)
    late[i] =
      circles[i] === undefined &&
      after[i]!.every((next) => late[next]) &&
      !usesOf(calls[i]!).writes.some(({ id }) => needed.has(id));
  return late;
}

/** Calls that run ahead: products that share loads, and what they need. */
function aheadCalls({ calls }: Loop, { readers, circles }: CallOrder, late: readonly boolean[]): boolean[] {
  const ahead = calls.map(() => false);
  for (let i = calls.length - 1; i >= 0; i--)
    ahead[i] =
      circles[i] === undefined && !late[i] && (sharesLoads(calls[i]!) || readers[i]!.some((reader) => ahead[reader]));
  return ahead;
}

/** The stage of every call: as late as can be, so that little has to be kept for long. */
export function stagesOf(loop: Loop): readonly StageNumber[] {
  const { calls, states } = loop;
  const order = callOrder(calls, states);
  const { after, circles } = order;
  const late = lateCalls(loop, order);
  const ahead = aheadCalls(loop, order, late);
  const stages = calls.map((_, i): StageNumber => (late[i] ? withOutputs : ahead[i] ? 0 : 1));
  const raise = (i: number, least: number): boolean => {
    const stage = least + ((least + (ahead[i] ? 0 : 1)) % 2);
    if (late[i] || stage <= stages[i]!) return false;
    stages[i] = stage;
    return true;
  };
  for (let changed = true; changed; ) {
    changed = false;
    calls.forEach((_, i) => {
      if (late[i]) return;
      for (const next of after[i]!) changed = raise(next, stages[i]!) || changed;
      if (circles[i] !== undefined)
        circles.forEach((circle, j) => {
          if (circle === circles[i]) changed = raise(j, stages[i]!) || changed;
        });
    });
  }
  for (let i = calls.length - 1; i >= 0; i--) {
    if (late[i] || circles[i] !== undefined) continue;
    const next = after[i]!.flatMap((j) => (late[j] ? [] : [stages[j]!]));
    const most = Math.min(...next);
    if (next.length > 0) stages[i] = Math.max(stages[i]!, most % 2 === (ahead[i] ? 0 : 1) ? most : most - 1);
  }
  return stages;
}
