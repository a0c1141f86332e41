/**
 * Products of [x | h] become one product of x and one of h, where only h waits for the step before: the same matrix as
 * it is stored, some of its columns each. A step then copies nothing together, and what x adds can be computed for many
 * steps at once. Changes no weight.
 */
import type { CallOf, KernelCall, RegionLayout } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';
import { beginsRun, formatOf } from '../kernels/regions.js';
import { usesOf } from '../kernels/uses.js';
import { callOrder } from './call-order.js';
import type { PlanState } from './inference-plan.js';

/** A part of a vector that was copied together: where it is read from, and by which call. */
interface Part {
  readonly call: number;
  readonly from: Buffer;
  readonly offset: number;
}

/** The copies that make up a vector, in order; undefined when anything else writes it, or later. */
function partsOf(calls: readonly KernelCall[], x: Buffer, before: number): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (const [i, call] of calls.entries()) {
    if (!usesOf(call).writes.some(({ id }) => id === x.id)) continue;
    if (call.kind !== 'copy' || i >= before) return undefined;
    parts.push({ call: i, from: call.x, offset: call.y.offset });
  }
  parts.sort((a, b) => a.offset - b.offset);
  let end = x.offset;
  for (const { from, offset } of parts) {
    if (offset !== end) return undefined;
    end += from.size;
  }
  const changed = parts.some(({ call, from }) =>
    calls.slice(call, before).some((between) => usesOf(between).writes.some(({ id }) => id === from.id)),
  );
  return end === x.offset + x.size && parts.length > 1 && !changed ? parts : undefined;
}

/** Whether the columns of each part can be had by themselves. */
const splits = (
  { w, x, codes, within }: CallOf<'gemv'>,
  parts: readonly Part[],
  layouts: readonly RegionLayout[],
): boolean =>
  codes === undefined &&
  within === undefined &&
  parts.every(({ offset }) => beginsRun(formatOf(layouts[w]!), offset - x.offset));

const partProduct = (call: CallOf<'gemv'>, { from, offset }: Part, first: boolean): CallOf<'gemv'> => ({
  ...call,
  columns: from.size,
  within: { first: offset - call.x.offset, columns: call.columns },
  x: from,
  mode: first ? call.mode : 'add',
});

/** Copies whose result nobody reads any more are left out. */
const withoutUnread = (calls: readonly KernelCall[], kept: ReadonlySet<number>): readonly KernelCall[] =>
  calls.filter(
    (call) =>
      call.kind !== 'copy' ||
      kept.has(call.y.id) ||
      calls.some((other) => usesOf(other).reads.some(({ id }) => id === call.y.id)),
  );

/** The calls of a loop with such products split. What `kept` names is read by others and stays; layouts by region. */
export function splitProducts(
  calls: readonly KernelCall[],
  states: readonly PlanState[],
  layouts: readonly RegionLayout[],
  kept: ReadonlySet<number>,
): readonly KernelCall[] {
  const { circles } = callOrder(calls, states);
  const split = calls.flatMap((call, i): readonly KernelCall[] => {
    if (call.kind !== 'gemv' || circles[i] === undefined) return [call];
    const parts = partsOf(calls, call.x, i);
    if (parts === undefined || !splits(call, parts, layouts)) return [call];
    if (parts.every(({ call: copy }) => circles[copy] !== undefined)) return [call];
    return parts.map((part, p) => partProduct(call, part, p === 0));
  });
  return withoutUnread(split, kept);
}
