/** Moments that follow the sparsity, `to=sparsity(90%)`, as steps: known once the steps of an epoch are. */
import type { CoMatrixDropout, Pool, Training } from '../model/model.js';
import type { Moment, Schedule } from '../model/schedule.js';
import { keptOf } from '../support/units.js';
import { area } from '../tensor/blocks.js';
import { keptNow, roadOf } from './schedules.js';

/** The first step behind which, over all pruned weights, as many values are gone as `sparsity` says. */
function reachedAt(sparsity: number, pools: readonly Pool[], training: Training, stepsPerEpoch: number): number {
  const sum = (left: (pool: Pool) => number): number => pools.reduce((all, pool) => all + left(pool), 0);
  const wanted = sum(({ elements, block }) => keptOf(sparsity, elements, area(block)));
  const steps = training.epochs * stepsPerEpoch;
  let time = 0;
  while (time < steps && sum((pool) => keptNow(roadOf(training, pool), pool, time, stepsPerEpoch)) > wanted) time++;
  return time;
}

/** The training with every moment in epochs or steps. */
export function resolveMoments(training: Training, pools: readonly Pool[], stepsPerEpoch: number): Training {
  const moment = (m: Moment): Moment =>
    m.unit === 'sparsity' ? { value: reachedAt(m.value, pools, training, stepsPerEpoch), unit: 'steps' } : m;
  const schedule = (s: Schedule): Schedule => {
    if (s.kind === 'decay') return { ...s, after: moment(s.after) };
    return s.kind === 'linear' || s.kind === 'cubic' ? { ...s, from: moment(s.from), to: moment(s.to) } : s;
  };
  const rows = (cmr: CoMatrixDropout): CoMatrixDropout =>
    cmr.over === undefined ? cmr : { ...cmr, over: schedule(cmr.over) };
  const { lr, dropout, l2, cmr } = training;
  return {
    ...training,
    lr: schedule(lr),
    dropout: dropout && schedule(dropout),
    l2: l2 && schedule(l2),
    cmr: cmr && rows(cmr),
  };
}
