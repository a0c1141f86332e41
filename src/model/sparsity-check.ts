/** Checks the roads of pruned weights, `sparsity` of all and `sparsity(rnn1)` of some, against the rules that prune. */
import type { Span } from '../diagnostics/source.js';
import { listedBetween } from '../support/listed.js';
import { keptOf, sparsityPercent } from '../support/units.js';
import type { Setting } from '../syntax/ast.js';
import { area } from '../tensor/blocks.js';
import type { Checking } from './checking.js';
import type { Pool } from './model.js';
import type { SparsitySchedule } from './schedule.js';
import { readSparsity, type WrittenSparsity } from './schedules.js';
import { Selectable, select } from './selectors.js';
import { trainError } from './train-messages.js';
import type { Trainable } from './training-facts.js';

/** Roads of pruned weights: they must exist, and end where their rules end. */
export class SparsityCheck {
  readonly #trained: Trainable;
  readonly #checking: Checking;

  constructor(trained: Trainable, checking: Checking) {
    this.#trained = trained;
    this.#checking = checking;
  }

  common(value: Setting['value']): SparsitySchedule | undefined {
    const { pools } = this.#trained;
    const written = readSparsity(value, this.#checking);
    if (written === undefined) return undefined;
    if (pools?.length === 0) this.#reportNone(this.#trained.whole.pools, value.span, 'in the model');
    this.#checkEnd(written, pools ?? []);
    return written.schedule;
  }

  /** `sparsity(rnn1) = ...`, by layer name. */
  local(settings: readonly Setting[]): ReadonlyMap<string, SparsitySchedule> | undefined {
    const { report } = this.#checking;
    const { definitions, pools: all } = this.#trained;
    const result = new Map<string, SparsitySchedule>();
    if (definitions === undefined) return result;
    const layers = new Selectable(definitions.layers);
    const spans = new Map<string, Span>();
    let whole = true;
    for (const { selector, value } of settings) {
      const selected = select(selector!, layers, report);
      const written = readSparsity(value, this.#checking);
      whole &&= selected !== undefined && written !== undefined;
      if (selected === undefined || written === undefined) continue;
      for (const { layer } of selected) {
        const own = ({ layers }: Pool): boolean => layers.includes(layer.name);
        const pools = all?.filter(own);
        if (pools?.length === 0)
          this.#reportNone(this.#trained.whole.pools.filter(own), selector!.span, `in \`${layer.name}\``);
        if (result.has(layer.name)) report(trainError('two-schedules', selector!.span, { layer: layer.name }));
        this.#checkEnd(written, pools ?? []);
        result.set(layer.name, written.schedule);
        spans.set(layer.name, selector!.span);
      }
    }
    for (const pool of all ?? []) this.#checkRanking(pool, result, spans);
    return whole ? result : undefined;
  }

  #reportNone(taken: readonly Pool[], at: Span, where: string): void {
    const code = taken.length > 0 ? 'distort-takes-road' : 'nothing-pruned';
    this.#checking.report(trainError(code, at, { where }));
  }

  /** Layers that are ranked together have one road. */
  #checkRanking(
    { layers }: Pool,
    roads: ReadonlyMap<string, SparsitySchedule>,
    spans: ReadonlyMap<string, Span>,
  ): void {
    const meaning = (layer: string): string => JSON.stringify({ ...roads.get(layer), span: undefined });
    const own = layers.find((layer) => roads.has(layer));
    const other = own && layers.find((layer) => meaning(layer) !== meaning(own));
    if (own === undefined || other === undefined) return;
    this.#checking.report(trainError('road-in-ranking', spans.get(own)!, { layer: own, other }));
  }

  #checkEnd({ end, schedule }: WrittenSparsity, pools: readonly Pool[]): void {
    const { start, span } = schedule;
    if (span === undefined) return;
    const { report } = this.#checking;
    const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(10))}%`;
    const facts = ({ layers, kept, elements }: Pool) => ({
      layer: listedBetween(layers),
      sparsity: sparsityPercent(kept, elements),
    });
    const highest = schedule.points?.values.at(-1) ?? start;
    const above = pools.find((p) => keptOf(highest, p.elements, area(p.block)) < p.kept);
    if (above && schedule.points !== undefined)
      report(trainError('rises-above-end', span, { value: percent(highest), ...facts(above) }));
    else if (above) report(trainError('starts-above-end', span, { start: percent(start), ...facts(above) }));
    const other = end === undefined ? undefined : pools.find((p) => keptOf(end, p.elements, area(p.block)) !== p.kept);
    if (other) report(trainError('other-end', span, { end: percent(end ?? 0), ...facts(other) }));
  }
}
