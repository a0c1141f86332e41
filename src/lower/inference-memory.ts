/**
 * Where every working buffer lies: buffers that are never alive together share memory. A buffer lives from the first
 * to the last call that touches it; what the caller reads or writes lives to the end or from the start of a step.
 */
import type { KernelCall } from '../kernels/calls.js';
import type { RecordedBuffer } from '../kernels/recorder.js';
import { roundUp } from '../kernels/regions.js';
import { usesOf } from '../kernels/uses.js';
import type { PlacedBuffer } from './inference-plan.js';

/** First and last call, counted over a step and then the finish; -1 is before the first. */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}

export interface Schedule {
  readonly step: readonly KernelCall[];
  readonly finish: readonly KernelCall[];
  /** Ids of buffers that the caller fills before a step. */
  readonly fed: readonly number[];
  /** Ids of buffers that the caller reads after a step. */
  readonly readEachStep: readonly number[];
  /** Ids of buffers that the caller reads after the finish. */
  readonly readAtEnd: readonly number[];
}

/** Buffers start at multiples of this many floats: a cache line. */
export const bufferAlignment = 16;

/** Lifetimes by buffer id; buffers that nothing touches have none. */
export function lifetimes({ step, finish, fed, readEachStep, readAtEnd }: Schedule): ReadonlyMap<number, Lifetime> {
  const result = new Map<number, Lifetime>();
  const touch = (id: number, at: number): void => {
    const known = result.get(id) ?? { first: at, last: at };
    result.set(id, { first: Math.min(known.first, at), last: Math.max(known.last, at) });
  };
  for (const id of fed) touch(id, -1);
  [...step, ...finish].forEach((call, at) => {
    const { reads, writes } = usesOf(call);
    for (const buffer of [...reads, ...writes]) touch(buffer.id, at);
  });
  for (const id of readEachStep) touch(id, step.length - 1);
  for (const id of readAtEnd) touch(id, step.length + finish.length - 1);
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

/** Places working buffers, largest first; state keeps offset 0. What nothing touches is left out. */
export function placeBuffers(
  buffers: readonly RecordedBuffer[],
  schedule: Schedule,
): { readonly buffers: readonly PlacedBuffer[]; readonly workSize: number } {
  const lives = lifetimes(schedule);
  const placed: (PlacedBuffer & { readonly life: Lifetime })[] = [];
  const work = buffers.filter(({ id, role }) => role === 'work' && lives.has(id));
  for (const buffer of work.sort((a, b) => b.size - a.size || a.id - b.id)) {
    const life = lives.get(buffer.id)!;
    const taken = placed.filter((other) => meet(life, other.life));
    placed.push({ ...buffer, offset: lowestFit(buffer.size, taken), life });
  }
  const states = buffers.filter(({ role }) => role !== 'work').map((buffer) => ({ ...buffer, offset: 0 }));
  const all = [...placed.map(({ life: _, ...buffer }) => buffer), ...states].sort((a, b) => a.id - b.id);
  const workSize = placed.reduce((end, { offset, size }) => Math.max(end, roundUp(offset + size, bufferAlignment)), 0);
  return { buffers: all, workSize };
}
