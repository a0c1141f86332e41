/** The pools of a program over the run: what is left of each at any time, and the masks made anew when due. */
import type { Draw } from '../lower/training-graph.js';
import { type Pool, poolName, type Training } from '../model/model.js';
import type { SparsitySchedule } from '../model/schedule.js';
import { defined, invariant } from '../support/assert.js';
import { keptOf } from '../support/units.js';
import { area } from '../tensor/blocks.js';
import type { Weights } from '../tensor/tensor.js';
import type { LiveGraph } from './live-graph.js';
import { applyMask, holdsMask, selectLargest } from './masks.js';
import { coMatrixKeep, isSparsityFinal, isSparsityUpdate, keptAt, keptNow, roadOf, scheduleAt } from './schedules.js';

export class Pruning {
  private readonly pools: readonly Pool[];
  private readonly training: Training;
  private readonly stepsPerEpoch: number;

  constructor(pools: readonly Pool[], training: Training, stepsPerEpoch: number) {
    this.pools = pools;
    this.training = training;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  private scheduleOf(pool: Pool): SparsitySchedule {
    return roadOf(this.training, pool);
  }

  private sparsityOf(pools: readonly Pool[], time: number): number {
    const elements = pools.reduce((sum, pool) => sum + pool.elements, 0);
    const kept = pools.reduce((sum, pool) => sum + keptNow(this.scheduleOf(pool), pool, time, this.stepsPerEpoch), 0);
    return elements === 0 ? 0 : 1 - kept / elements;
  }

  /** Share of all pruned weights that is zero. */
  sparsityAt(time: number): number {
    return this.sparsityOf(this.pools, time);
  }

  /** True when every pool has its final count. */
  isFinalAt(time: number): boolean {
    return this.pools.every((pool) => isSparsityFinal(this.scheduleOf(pool), time, this.stepsPerEpoch));
  }

  /** Probability of keeping a row of co-matrix dropout, by the sparsity of the pools it is in. */
  keepAt(layer: string, time: number): number {
    const { cmr } = this.training;
    if (cmr === undefined) return 1;
    if (cmr.over !== undefined) return scheduleAt(cmr.over, time, this.stepsPerEpoch);
    const own = this.pools.filter((pool) => pool.layers.includes(layer));
    const followed = own.length > 0 ? own : this.pools;
    if (cmr.until !== undefined && this.haveReached(cmr.until, followed, time)) return 1;
    const start = followed[0] === undefined ? 0 : this.scheduleOf(followed[0]).start;
    return coMatrixKeep(cmr, this.sparsityOf(followed, time), start);
  }

  /** The last update, counted from 0, at which co-matrix dropout drops rows of any layer that draws them; -1: none. */
  lastRowDrop(draws: readonly Draw[], steps: number): number {
    const layers = [...new Set(draws.flatMap(({ role }) => (role.kind === 'cmr' ? [role.layer] : [])))];
    let time = layers.length === 0 ? -1 : steps - 1;
    // From the end: a scheduled p may come back from 100%.
    while (time >= 0 && layers.every((layer) => this.keepAt(layer, time) === 1)) time--;
    return time;
  }

  /** By counts: what a sparsity rounds to may be a little below it. */
  private haveReached(sparsity: number, pools: readonly Pool[], time: number): boolean {
    const left = (pool: Pool): number => keptNow(this.scheduleOf(pool), pool, time, this.stepsPerEpoch);
    return pools.every((pool) => left(pool) <= keptOf(sparsity, pool.elements, area(pool.block)));
  }

  /** Makes the masks that are due after `time` updates; weights behind them become exactly zero. */
  async update(live: LiveGraph, time: number): Promise<void> {
    for (const pool of this.pools) {
      const schedule = this.scheduleOf(pool);
      if (!isSparsityUpdate(schedule, time, this.stepsPerEpoch)) continue;
      await this.makeMasks(live, pool, keptAt(schedule, pool, time, this.stepsPerEpoch));
    }
  }

  /** The masks of the run's end, for weights that were pruned before. */
  async finish(live: LiveGraph): Promise<void> {
    for (const pool of this.pools) await this.makeMasks(live, pool, pool.kept);
  }

  private async makeMasks(live: LiveGraph, pool: Pool, kept: number): Promise<void> {
    const tensors = await Promise.all(pool.tensors.map((name) => live.get(name)));
    const masks = selectLargest(tensors, kept, pool.block);
    pool.tensors.forEach((name, i) => {
      const parameter = live.step.parameters.find((p) => p.name === name);
      live.set(name, applyMask(tensors[i]!, masks[i]!));
      live.set(defined(parameter?.mask, `mask of ${name}`), masks[i]!);
    });
  }

  /** Counts the masks' ones, and checks that every masked weight is zero, before anything is written. */
  verify(live: LiveGraph, tensors: Weights, time: number): void {
    for (const pool of this.pools) {
      let ones = 0;
      for (const name of pool.tensors) {
        const mask = defined(tensors.get(live.step.parameters.find((p) => p.name === name)?.mask ?? ''), name);
        for (const value of mask.data) ones += value;
        invariant(holdsMask(defined(tensors.get(name), name), mask), `${name} has a pruned weight that is not zero`);
      }
      const wanted = keptNow(this.scheduleOf(pool), pool, time, this.stepsPerEpoch);
      invariant(ones === wanted, `${poolName(pool)} has ${ones} weights left of ${wanted} at step ${time}`);
    }
  }
}
