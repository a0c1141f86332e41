/**
 * The timetable of a run: what every schedule says at the moments that matter, before anything is trained. Made of the
 * same functions that the run asks, so that it cannot say anything else. Knows no engine and no data.
 */
import { type Pool, poolName, type Training } from '../model/model.js';
import { momentsOf } from '../model/schedule.js';
import { defined } from '../support/assert.js';
import { resolveMoments } from './moments.js';
import { projectionSteps } from './projection.js';
import { Pruning } from './pruning.js';
import { isSparsityUpdate, keptNow, momentSteps, roadOf, scheduleAt } from './schedules.js';
import { turnAt, turnSteps } from './turns.js';

/** What holds after `step` updates; the rate is that of the update that follows. */
export interface TimetableRow {
  readonly step: number;
  /** Epochs from the start of the run. */
  readonly epoch: number;
  readonly lr: number;
  /** Share of all pruned weights that is zero; undefined where nothing is pruned. */
  readonly sparsity: number | undefined;
  /** Probability of keeping a row; undefined without co-matrix dropout. */
  readonly keep: number | undefined;
  /** The same by layer, where layers differ. */
  readonly keepOf?: Readonly<Record<string, number>>;
  /** Of every layer that drops; undefined where each keeps its own. */
  readonly dropout: number | undefined;
  /** Weight of the sum of squares, where it is scheduled. */
  readonly l2: number | undefined;
  /** The part whose turn it is; undefined without turns. */
  readonly turn: string | undefined;
}

/** How one pool gets to its count. */
export interface PoolTimetable {
  /** Those whose values are ranked as one. */
  readonly layers: readonly string[];
  readonly elements: number;
  readonly kept: number;
  /** Steps at which masks are made, and the values that each leaves. */
  readonly updates: readonly { readonly step: number; readonly kept: number }[];
  /** The update that leaves the final count, and how many steps of the run follow it. */
  readonly reachedAt: number;
  readonly stepsAfter: number;
}

export interface TurnTimetable {
  /** In steps. */
  readonly every: number;
  readonly parts: readonly { readonly part: string; readonly updates: number }[];
}

export interface ProjectionTimetable {
  /** In steps. */
  readonly every: number;
  readonly projections: number;
  /** The step of the last one, and how many steps of the run follow it. */
  readonly last: number;
  readonly stepsAfter: number;
}

export interface Timetable {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly rows: readonly TimetableRow[];
  readonly pools: readonly PoolTimetable[];
  readonly turns: TurnTimetable | undefined;
  readonly projections: ProjectionTimetable | undefined;
}

function poolTimetable(pool: Pool, training: Training, stepsPerEpoch: number): PoolTimetable {
  const schedule = roadOf(training, pool);
  const steps = training.epochs * stepsPerEpoch;
  const updates: { step: number; kept: number }[] = [];
  for (let step = 0; step <= steps; step++) {
    if (!isSparsityUpdate(schedule, step, stepsPerEpoch)) continue;
    updates.push({ step, kept: keptNow(schedule, pool, step, stepsPerEpoch) });
  }
  const { layers, elements, kept } = pool;
  const reachedAt = defined(
    updates.find((update) => update.kept === kept),
    `an update that leaves ${kept} values of ${poolName(pool)}`,
  ).step;
  return { layers, elements, kept, updates, reachedAt, stepsAfter: steps - reachedAt };
}

function turnTimetable({ alternate, epochs }: Training, stepsPerEpoch: number): TurnTimetable | undefined {
  if (alternate === undefined) return undefined;
  const last = epochs * stepsPerEpoch - 1;
  const other = alternate.first === 'structure' ? 'overlay' : 'structure';
  const parts = [alternate.first, other] as const;
  return {
    every: turnSteps(alternate, stepsPerEpoch),
    parts: parts.map((part) => ({ part, updates: turnAt(alternate, part, last, stepsPerEpoch).updates })),
  };
}

function projectionTimetable({ distort, epochs }: Training, stepsPerEpoch: number): ProjectionTimetable | undefined {
  if (distort === undefined) return undefined;
  const every = projectionSteps(distort, stepsPerEpoch);
  const steps = epochs * stepsPerEpoch;
  const projections = Math.floor(steps / every);
  const last = projections * every;
  return { every, projections, last, stepsAfter: steps - last };
}

/** First time from 0 to `last` at which `holds` does; it goes on holding. */
function firstTime(last: number, holds: (time: number) => boolean): number | undefined {
  if (!holds(last)) return undefined;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Starts of epochs, ends of roads, the end of co-matrix dropout, and the end of the run. */
function timesOf(training: Training, pruning: Pruning, pools: readonly Pool[], stepsPerEpoch: number): number[] {
  const steps = training.epochs * stepsPerEpoch;
  const moments = new Set(Array.from({ length: training.epochs + 1 }, (_, epoch) => epoch * stepsPerEpoch));
  const roads = [training.sparsity, ...training.sparsityOf.values()].flatMap((road) => road ?? []);
  const named = roads.flatMap(({ from, to, points }) => points?.at ?? [from, to]);
  for (const moment of [
    ...momentsOf(training.lr),
    ...momentsOf(training.dropout),
    ...momentsOf(training.l2),
    ...momentsOf(training.cmr?.over),
    ...(pools.length === 0 ? [] : named),
  ])
    moments.add(momentSteps(moment, stepsPerEpoch));
  for (const layer of training.cmr === undefined ? [] : pools.flatMap(({ layers }) => layers))
    moments.add(firstTime(steps, (time) => pruning.keepAt(layer, time) === 1) ?? steps);
  return [...moments].filter((time) => time <= steps).sort((a, b) => a - b);
}

/** The whole run; every pool is shown to reach its count by an update inside it. */
export function makeTimetable(
  program: Training,
  pools: readonly Pool[],
  stepsPerEpoch: number,
  doped: readonly string[] = pools.flatMap(({ layers }) => layers),
): Timetable {
  const training = resolveMoments(program, pools, stepsPerEpoch);
  const pruning = new Pruning(pools, training, stepsPerEpoch);
  const { alternate, cmr, lr, dropout, l2, epochs } = training;
  const steps = epochs * stepsPerEpoch;
  const turnOf = (time: number): string | undefined => {
    if (alternate === undefined) return undefined;
    return turnAt(alternate, 'structure', time, stepsPerEpoch).on ? 'structure' : 'overlay';
  };
  const keepAt = (layer: string, step: number): number => pruning.keepAt(layer, step);
  const times = timesOf(training, pruning, pools, stepsPerEpoch);
  const differ = doped.some((layer) => times.some((step) => keepAt(layer, step) !== keepAt(doped[0]!, step)));
  const rows = times.map((step) => ({
    step,
    epoch: step / stepsPerEpoch,
    // Nothing follows the last update: the rate is its own.
    lr: scheduleAt(lr, Math.min(step, steps - 1), stepsPerEpoch),
    sparsity: pools.length === 0 ? undefined : pruning.sparsityAt(step),
    keep: cmr === undefined || doped[0] === undefined ? undefined : keepAt(doped[0], step),
    ...(cmr === undefined || !differ
      ? {}
      : { keepOf: Object.fromEntries(doped.map((layer) => [layer, keepAt(layer, step)])) }),
    dropout: dropout && scheduleAt(dropout, Math.min(step, steps - 1), stepsPerEpoch),
    l2: l2 && l2.kind !== 'constant' ? scheduleAt(l2, Math.min(step, steps - 1), stepsPerEpoch) : undefined,
    turn: turnOf(Math.min(step, steps - 1)),
  }));
  return {
    stepsPerEpoch,
    steps,
    rows,
    pools: pools.map((pool) => poolTimetable(pool, training, stepsPerEpoch)),
    turns: turnTimetable(training, stepsPerEpoch),
    projections: projectionTimetable(training, stepsPerEpoch),
  };
}
