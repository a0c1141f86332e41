/**
 * Schedules evaluated. Time is the number of updates made so far: 0 before the first step, `total` after the last.
 * Everything here is a pure function of time, so a resumed run sees what an uninterrupted one would.
 */
import type { CoMatrixDropout, Pool, Training } from '../model/model.js';
import type { Moment, Schedule, SparsitySchedule } from '../model/schedule.js';
import { defined, invariant, unreachable } from '../support/assert.js';
import { keptOf } from '../support/units.js';
import { area } from '../tensor/blocks.js';

/** A moment in steps; epochs are rounded to the nearest step. */
export const momentSteps = (moment: Moment, stepsPerEpoch: number): number => {
  invariant(moment.unit !== 'sparsity', 'moments that follow the sparsity are resolved first');
  return moment.unit === 'steps' ? moment.value : Math.round(moment.value * stepsPerEpoch);
};

/** From 0 at `from` to 1 at `to`, constant before and after. */
const progress = (time: number, from: number, to: number): number =>
  time >= to ? 1 : time <= from ? 0 : (time - from) / (to - from);

/** From `start` to `end` as `f` goes from 0 to 1; cubic is steep at first (Zhu & Gupta 2017). */
function blend(kind: 'linear' | 'cubic', start: number, end: number, f: number): number {
  if (f === 1) return end;
  return kind === 'linear' ? start + (end - start) * f : end + (start - end) * (1 - f) ** 3;
}

interface Scheduled {
  readonly dropoutAt?: (time: number) => number;
  readonly squaresAt?: (time: number) => number;
}

/** What a program schedules, as feeds ask for it; nothing where layers keep their own dropout, or without l2. */
export function scheduledOf({ dropout, l2 }: Training, stepsPerEpoch: number): Scheduled {
  const at = (schedule: Schedule) => (time: number) => scheduleAt(schedule, time, stepsPerEpoch);
  return {
    ...(dropout === undefined ? {} : { dropoutAt: at(dropout) }),
    ...(l2 === undefined ? {} : { squaresAt: at(l2) }),
  };
}

/** `steps` has a value before its first moment and one from each on, `piecewise` one at each and straight lines. */
function pointsAt(kind: 'steps' | 'piecewise', values: readonly number[], at: readonly number[], time: number): number {
  const passed = at.filter((moment) => moment <= time).length;
  if (kind === 'steps') return values[passed]!;
  if (passed === 0) return values[0]!;
  if (passed === at.length) return values.at(-1)!;
  return blend('linear', values[passed - 1]!, values[passed]!, progress(time, at[passed - 1]!, at[passed]!));
}

/** The value with which the update after `time` is made. */
export function scheduleAt(schedule: Schedule, time: number, stepsPerEpoch: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.value;
    case 'decay': {
      const since = time - momentSteps(schedule.after, stepsPerEpoch);
      if (since < 0) return schedule.rate;
      const every = Math.max(1, momentSteps(schedule.every, stepsPerEpoch));
      return schedule.rate * schedule.by ** (Math.floor(since / every) + 1);
    }
    case 'linear':
    case 'cubic': {
      const from = momentSteps(schedule.from, stepsPerEpoch);
      const to = momentSteps(schedule.to, stepsPerEpoch);
      return blend(schedule.kind, schedule.start, schedule.end, progress(time, from, to));
    }
    case 'steps':
    case 'piecewise': {
      const at = schedule.at.map((moment) => momentSteps(moment, stepsPerEpoch));
      return pointsAt(schedule.kind, schedule.values, at, time);
    }
    default:
      return unreachable(schedule);
  }
}

/** The road of a pool: layers that are ranked together have one. */
export function roadOf({ sparsity, sparsityOf }: Training, { layers }: Pool): SparsitySchedule {
  return defined(sparsityOf.get(layers[0]!) ?? sparsity, `sparsity schedule of ${layers.join(', ')}`);
}

const stepTimes = ({ points }: SparsitySchedule, stepsPerEpoch: number): number[] =>
  (points?.at ?? []).map((moment) => momentSteps(moment, stepsPerEpoch));

/** The sparsity that an update at `time` makes, on the road to `final`. */
function roadAt(schedule: SparsitySchedule, final: number, time: number, stepsPerEpoch: number): number {
  const { kind, points, start } = schedule;
  if (kind === 'steps' || kind === 'piecewise')
    return pointsAt(kind, [...(points?.values ?? []), final], stepTimes(schedule, stepsPerEpoch), time);
  const from = momentSteps(schedule.from, stepsPerEpoch);
  const to = momentSteps(schedule.to, stepsPerEpoch);
  return blend(kind, start, final, progress(time, from, to));
}

/** True at the times at which masks are made anew: `from`, every `every` steps after it, and `to`. */
export function isSparsityUpdate(schedule: SparsitySchedule, time: number, stepsPerEpoch: number): boolean {
  const from = momentSteps(schedule.from, stepsPerEpoch);
  const to = momentSteps(schedule.to, stepsPerEpoch);
  // What `start` asks for is there from the beginning.
  if (time === 0) return schedule.start > 0 || from === 0;
  if (schedule.kind === 'steps') return stepTimes(schedule, stepsPerEpoch).includes(time);
  return time === to || (time >= from && time < to && (time - from) % schedule.every === 0);
}

/** The last time up to `time` at which masks were made, or undefined when there was none. */
function lastUpdate(schedule: SparsitySchedule, time: number, stepsPerEpoch: number): number | undefined {
  const from = momentSteps(schedule.from, stepsPerEpoch);
  const to = momentSteps(schedule.to, stepsPerEpoch);
  if (time >= to) return to;
  if (time < from) return schedule.start > 0 ? 0 : undefined;
  if (schedule.kind === 'steps') return stepTimes(schedule, stepsPerEpoch).findLast((at) => at <= time);
  return from + Math.floor((time - from) / schedule.every) * schedule.every;
}

/** Values of a pool that are left at an update; exactly `pool.kept` from `to` on. */
export function keptAt(schedule: SparsitySchedule, pool: Pool, time: number, stepsPerEpoch: number): number {
  if (time >= momentSteps(schedule.to, stepsPerEpoch)) return pool.kept;
  const sparsity = roadAt(schedule, 1 - pool.kept / pool.elements, time, stepsPerEpoch);
  return Math.max(pool.kept, Math.min(pool.elements, keptOf(sparsity, pool.elements, area(pool.block))));
}

/** Values of a pool that are left at any time: what its last update left. */
export function keptNow(schedule: SparsitySchedule, pool: Pool, time: number, stepsPerEpoch: number): number {
  const update = lastUpdate(schedule, time, stepsPerEpoch);
  return update === undefined ? pool.elements : keptAt(schedule, pool, update, stepsPerEpoch);
}

/** True when a pool has its final count and its mask is held for the rest of the run. */
export const isSparsityFinal = (schedule: SparsitySchedule, time: number, stepsPerEpoch: number): boolean =>
  time >= momentSteps(schedule.to, stepsPerEpoch);

/**
 * Probability of keeping a row ([D] eq. 8): from `keep` at the schedule's start to 1 when the sparsity in force
 * reaches `until`, linear in between; constant without `until`.
 */
export function coMatrixKeep(cmr: CoMatrixDropout, sparsity: number, start: number): number {
  if (cmr.until === undefined) return cmr.keep;
  return cmr.keep + (1 - cmr.keep) * progress(sparsity, start, cmr.until);
}
