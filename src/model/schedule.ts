/** Values that change over a run, as data. They are evaluated in train/. */
import type { Span } from '../diagnostics/source.js';

/**
 * A point of the run: a number of epochs or of steps from its start, or the first step behind which the sparsity of all
 * pruned weights (a fraction) is reached.
 */
export interface Moment {
  readonly value: number;
  readonly unit: 'epochs' | 'steps' | 'sparsity';
}

/** Values at moments, which rise and share a unit. */
export interface Points {
  readonly values: readonly number[];
  readonly at: readonly Moment[];
}

export type Schedule =
  | { readonly kind: 'constant'; readonly value: number }
  /** `rate`, times `by` at each `every` after `after`. decay(1.0, by=1/1.2, every=1 epoch, after=6 epochs). */
  | {
      readonly kind: 'decay';
      readonly rate: number;
      readonly by: number;
      readonly every: Moment;
      readonly after: Moment;
    }
  /** From `start` at `from` to `end` at `to`, constant before and after. */
  | {
      readonly kind: 'linear' | 'cubic';
      readonly start: number;
      readonly end: number;
      readonly from: Moment;
      readonly to: Moment;
    }
  /** `steps`: the first value, and the next one from each moment on. `piecewise`: a value at each, straight between. */
  | ({ readonly kind: 'steps' | 'piecewise' } & Points);

/** How every pruned weight goes from `start` to its own sparsity. */
export interface SparsitySchedule {
  readonly kind: 'cubic' | 'linear' | 'steps' | 'piecewise';
  /** Of `steps` and `piecewise`: all values but the last, which is the weight's own. */
  readonly points?: Points;
  /** Sparsity before `from`, a fraction. */
  readonly start: number;
  readonly from: Moment;
  readonly to: Moment;
  /** In steps. */
  readonly every: number;
  /** Not written in the program: the default was taken. */
  readonly implied: boolean;
  /** Where it is written. */
  readonly span?: Span;
}

/** Where a value starts or ends to change; one that decays goes on from its start. */
export function momentsOf(schedule: Schedule | undefined): readonly Moment[] {
  if (schedule === undefined || schedule.kind === 'constant') return [];
  if (schedule.kind === 'decay') return [schedule.after];
  return 'at' in schedule ? schedule.at : [schedule.from, schedule.to];
}
