/**
 * Where every working buffer lies: buffers that are never alive together share memory. A buffer lives from the first
 * to the last call that touches it; what the caller reads or writes lives to the end or from the start of a step.
 */
import type { KernelCall } from '../kernels/calls.js';
import type { RecordedBuffer } from '../kernels/recorder.js';
import { roundUp } from '../kernels/regions.js';
import { usesOf } from '../kernels/uses.js';
import type { PlacedBuffer } from './inference-plan.js';

/** First and last call, counted over a step of every loop and then the finish; -1 is before the first. */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}

export interface Schedule {
  /** One behind the other over the whole sequence; a model that works step by step has one. */
  readonly loops: readonly (readonly KernelCall[])[];
  readonly finish: readonly KernelCall[];
  /** Rows of a buffer that is kept for all steps. */
  readonly maxSteps: number;
  /** Ids of buffers that the caller fills before a step. */
  readonly fed: readonly number[];
  /** Ids of buffers that the caller reads after a step. */
  readonly readEachStep: readonly number[];
  /** Ids of buffers that the caller reads after the finish. */
  readonly readAtEnd: readonly number[];
}

/** Buffers start at multiples of this many floats: a cache line. */
export const bufferAlignment = 16;

/** Lifetimes by buffer id; buffers that nothing touches have none. `kept` for all steps live through whole loops. */
export function lifetimes(schedule: Schedule, kept: ReadonlySet<number>): ReadonlyMap<number, Lifetime> {
  const { loops, finish, fed, readEachStep, readAtEnd } = schedule;
  const result = new Map<number, Lifetime>();
  const touch = (id: number, first: number, last = first): void => {
    const known = result.get(id) ?? { first, last };
    result.set(id, { first: Math.min(known.first, first), last: Math.max(known.last, last) });
  };
  for (const id of fed) touch(id, -1);
  let start = 0;
  for (const calls of [...loops, finish]) {
    const end = start + calls.length - 1;
    calls.forEach((call, i) => {
      const { reads, writes } = usesOf(call);
      for (const { id } of [...reads, ...writes])
        if (kept.has(id)) touch(id, start, end);
        else touch(id, start + i);
    });
    start = end + 1;
  }
  for (const id of readEachStep) touch(id, start - finish.length - 1);
  for (const id of readAtEnd) touch(id, start - 1);
  return result;
}

const meet = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

/** Lowest offset at which `size` floats fit between the taken runs. */
function lowestFit(size: number, taken: readonly { readonly offset: number; readonly size: number }[]): number {
  let offset = 0;
  for (const run of [...taken].sort((a, b) => a.offset - b.offset)) {
    if (offset + size <= run.offset) break;
    offset = Math.max(offset, roundUp(run.offset + run.size, bufferAlignment));
  }
  return offset;
}

/** A buffer to place: how many floats it takes and when it is alive. */
export interface LivingBuffer {
  readonly id: number;
  readonly floats: number;
  readonly life: Lifetime;
}

/** Offsets by id, largest first, so that what is alive together lies apart; and where all of it ends. */
export function placeByLifetime(buffers: readonly LivingBuffer[]): {
  readonly offsets: ReadonlyMap<number, number>;
  readonly workSize: number;
} {
  const placed: { id: number; offset: number; size: number; life: Lifetime }[] = [];
  for (const { id, floats, life } of [...buffers].sort((a, b) => b.floats - a.floats || a.id - b.id)) {
    const taken = placed.filter((other) => meet(life, other.life));
    placed.push({ id, offset: lowestFit(floats, taken), size: floats, life });
  }
  const workSize = placed.reduce((end, { offset, size }) => Math.max(end, roundUp(offset + size, bufferAlignment)), 0);
  return { offsets: new Map(placed.map(({ id, offset }) => [id, offset])), workSize };
}

/** Places working buffers; state keeps offset 0. What nothing touches is left out. */
export function placeBuffers(
  buffers: readonly RecordedBuffer[],
  schedule: Schedule,
): { readonly buffers: readonly PlacedBuffer[]; readonly workSize: number } {
  const lives = lifetimes(schedule, new Set(buffers.filter(({ role }) => role === 'rows').map(({ id }) => id)));
  const floats = ({ role, size }: RecordedBuffer): number => (role === 'rows' ? size * schedule.maxSteps : size);
  const isWork = ({ role }: RecordedBuffer): boolean => role === 'work' || role === 'rows';
  const used = buffers.filter((buffer) => !isWork(buffer) || lives.has(buffer.id));
  const { offsets, workSize } = placeByLifetime(
    used.filter(isWork).map((buffer) => ({ id: buffer.id, floats: floats(buffer), life: lives.get(buffer.id)! })),
  );
  return { buffers: used.map((buffer) => ({ ...buffer, offset: offsets.get(buffer.id) ?? 0 })), workSize };
}
