/** Holds every schedule of a run against its length: in epochs, or in steps once the data has said how many. */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Training } from './model.js';
import type { Moment, Schedule } from './schedule.js';
import { momentText } from './schedules.js';
import { trainError } from './train-messages.js';

/** What of a run is held against its length; no rate where it could not be read. */
type Run = Pick<
  Training,
  'sparsity' | 'sparsityOf' | 'dropout' | 'l2' | 'cmr' | 'alternate' | 'distort' | 'epochs' | 'lrSpan' | 'span'
> & { readonly lr: Schedule | undefined };

interface Road {
  readonly kind: 'linear' | 'cubic' | 'steps' | 'piecewise';
  readonly from: Moment;
  readonly to: Moment;
  readonly at: Training['span'];
}

function roadsOf({ sparsity, sparsityOf, lr, lrSpan, dropout, l2, cmr, span }: Run): readonly Road[] {
  const roads = [sparsity, ...sparsityOf.values()].flatMap((road) =>
    road === undefined ? [] : [{ kind: road.kind, from: road.from, to: road.to, at: road.span ?? span }],
  );
  const others = [
    { schedule: lr, at: lrSpan ?? span },
    { schedule: dropout, at: span },
    { schedule: l2, at: span },
    { schedule: cmr?.over, at: span },
  ];
  return [...roads, ...others.flatMap(({ schedule, at }) => roadOf(schedule, at) ?? [])];
}

/** Where a schedule starts and ends to change; undefined where it has no end. */
function roadOf(schedule: Schedule | undefined, at: Training['span']): Road | undefined {
  if (schedule?.kind === 'steps' || schedule?.kind === 'piecewise')
    return { kind: schedule.kind, from: schedule.at[0]!, to: schedule.at.at(-1)!, at };
  if (schedule?.kind !== 'linear' && schedule?.kind !== 'cubic') return undefined;
  return { kind: schedule.kind, from: schedule.from, to: schedule.to, at };
}

/** What is said of something that happens every so often, and would first happen when the run is over. */
const neverCodes = {
  /** A turn that lasts to the end of the run leaves the other part as it was drawn. */
  alternate: 'alternate-never-turns',
  /** Projections that would all come after the run leave a dense model that is cut once. */
  distort: 'distort-never',
} as const;

function checkPeriod(
  setting: keyof typeof neverCodes,
  training: Run,
  stepsPerEpoch: number | undefined,
): readonly Diagnostic[] {
  const { every, span } = training[setting] ?? {};
  if (every === undefined || span === undefined) return [];
  const run = training.epochs * (every.unit === 'epochs' ? 1 : (stepsPerEpoch ?? Number.POSITIVE_INFINITY));
  if (every.value < run) return [];
  const fill = { every: momentText(every), run: momentText({ value: run, unit: every.unit }) };
  return [trainError(neverCodes[setting], span, fill)];
}

/** A rate that would first fall when the run is over is a constant one. */
function checkDecay({ lr, lrSpan, span, epochs }: Run, stepsPerEpoch: number | undefined): readonly Diagnostic[] {
  if (lr?.kind !== 'decay' || lr.after.unit === 'sparsity') return [];
  const steps = epochs * (stepsPerEpoch ?? Number.POSITIVE_INFINITY);
  // The first fall is at `after`.
  const run = lr.after.unit === 'epochs' ? epochs : steps;
  if (lr.after.value < run) return [];
  const fill = { first: momentText(lr.after), run: momentText({ value: run, unit: lr.after.unit }) };
  return [trainError('starts-late', lrSpan ?? span, fill)];
}

/** What is wrong with the schedules' ends, as far as epochs alone or also steps per epoch are known. */
export function checkRun(training: Run, stepsPerEpoch: number | undefined): readonly Diagnostic[] {
  const { epochs } = training;
  const ends = roadsOf(training).flatMap(({ kind, from, to, at }) => {
    const scale = (m: Moment): number | undefined =>
      m.unit === 'steps' ? 1 : m.unit === 'epochs' ? stepsPerEpoch : undefined;
    const [first, end] = [from.value * (scale(from) ?? Number.NaN), to.value * (scale(to) ?? Number.NaN)];
    // With one unit this was found when the schedule was read.
    if (from.unit !== to.unit && end < first)
      return [trainError('ends-before-start', at, { from: momentText(from), to: momentText(to) })];
    const last = to.unit === 'epochs' ? epochs : epochs * (stepsPerEpoch ?? Number.POSITIVE_INFINITY);
    // When a sparsity is reached, the roads of the sparsity say, and they are held against the run themselves.
    if (to.unit === 'sparsity' || to.value <= last) return [];
    const run = momentText({ value: last, unit: to.unit });
    const listed = kind === 'steps' || kind === 'piecewise';
    const hint = listed ? `let the last moment of \`at\` be ${run} or less` : `use \`to=${run}\` or less`;
    return [trainError('ends-late', at, { to: momentText(to), run, hint })];
  });
  const periods = (['alternate', 'distort'] as const).flatMap((setting) =>
    checkPeriod(setting, training, stepsPerEpoch),
  );
  return [...ends, ...checkDecay(training, stepsPerEpoch), ...periods];
}

/** Errors of schedules that end after the last step, once the data has said how many steps an epoch has. */
export const checkScheduleAgainst = (training: Training, stepsPerEpoch: number): readonly Diagnostic[] =>
  checkRun(training, stepsPerEpoch);
