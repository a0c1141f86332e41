/** Checks the `train` block against the model and its rules; everything left out gets its default. */
import { type Arguments, readArguments } from '../arguments/read.js';
import { expression, integer, optional, positiveInteger, text, withDefault, word } from '../arguments/schema.js';
import type { Span } from '../diagnostics/source.js';
import { keptOf, sparsityPercent } from '../support/units.js';
import type { Block, Name, Setting } from '../syntax/ast.js';
import { area } from '../tensor/blocks.js';
import { readAlternation } from './alternation.js';
import { asCall, type Checking, settingsOf } from './checking.js';
import type { Definitions } from './definitions.js';
import { readDistortion, type Stored } from './distortion.js';
import { checkFeeds, readLoader } from './loaders.js';
import type { Alternation, Distortion, Loader, Metric, Optimizer, Pool, Training, Unit } from './model.js';
import { defaultRate, readInit, readOptimizer } from './optimizers.js';
import { noRegularizers, type Regularizers, readRegularizers } from './regularizers.js';
import { checkRun } from './run-length.js';
import { momentsOf, type Schedule, type SparsitySchedule } from './schedule.js';
import { impliedSparsity, readRate, readShare, readSparsity, type WrittenSparsity } from './schedules.js';
import { select } from './selectors.js';
import { readStop } from './stopping.js';
import { trainError } from './train-messages.js';

const metrics: readonly Metric[] = ['perplexity', 'loss', 'accuracy', 'f1'];

/** What `train` may say. */
export const trainSchema = {
  data: expression('where the text comes from, such as `text("ptb", batch=20, unroll=35)`'),
  epochs: positiveInteger('how often the training text is read'),
  init: optional(expression('how weights are drawn')),
  optimizer: optional(expression('how weights are updated')),
  lr: optional(expression('the learning rate')),
  dropout: optional(expression('the dropout of every layer that has one')),
  sparsity: optional(expression('the road of all pruned weights')),
  regularize: optional(expression('what is added to the loss')),
  alternate: optional(expression('which part of the weights is trained when, such as `bcd(every=1 epoch)`')),
  distort: optional(expression('how often dense weights are projected, such as `distort(lmf, every=500 steps)`')),
  seed: withDefault(integer('start of all random draws'), 1),
  stop: optional(expression('when the run ends before its last epoch, such as `early(patience=3)`')),
  start: optional(text('weight file to start from, in place of draws')),
  metric: optional(word('what is reported and says which epoch is the best', metrics)),
};

/** What is measured with each loader; the last one is the default. F1 needs labels that mark chunks. */
const metricsOf: Readonly<Record<Loader['kind'], readonly Metric[]>> = {
  text: ['loss', 'perplexity'],
  generated: ['loss', 'perplexity'],
  classified: ['perplexity', 'loss', 'accuracy'],
  tagged: ['perplexity', 'loss', 'f1', 'accuracy'],
};

/** What the rules have made of the model, as far as training must know. */
export interface Trained {
  /** Undefined when the `model` block is wrong: what depends on it is not checked. */
  readonly definitions: Definitions | undefined;
  /** Undefined when the rules are wrong. */
  readonly pools: readonly Pool[] | undefined;
  readonly stored: Stored | undefined;
}

/** The rules' results as training meets them: without the weights that `distort` trains as dense matrices. */
interface Trainable extends Trained {
  /** Layers with a `dkp` weight. */
  readonly doped: ReadonlySet<string>;
  /** What there would be without `distort`. */
  readonly whole: { readonly pools: readonly Pool[]; readonly doped: ReadonlySet<string> };
}

function trainableOf(trained: Trained, distort: Distortion | undefined): Trainable {
  const taken = (rule: number | undefined): boolean => rule !== undefined && distort?.rules.includes(rule) === true;
  const { stored, pools } = trained;
  const doped = (u: Unit): boolean => u.weight.method === 'dkp';
  const layersWith = (test: (u: Unit) => boolean): ReadonlySet<string> =>
    new Set(stored?.layers.filter((l) => l.units.some(test)).map((l) => l.name));
  return {
    ...trained,
    pools: pools?.filter(({ rule }) => !taken(rule)),
    doped: layersWith((u) => doped(u) && !taken(u.rule)),
    whole: { pools: pools ?? [], doped: layersWith(doped) },
  };
}

/** Undefined when an error was reported. */
export function checkTraining(block: Block, rules: Trained, checking: Checking): Training | undefined {
  const { report, constants } = checking;
  const settings = settingsOf(block);
  const local = settings.filter((s) => s.selector !== undefined && s.name.text === 'sparsity');
  const rest = settings.filter((s) => !local.includes(s));
  const callee: Name = { kind: 'name', text: 'train', span: block.wordSpan };
  const args = readArguments(asCall(callee, rest, trainSchema, report), trainSchema, constants, report);
  if (args === undefined) return undefined;
  const given = args.values;
  const { data, epochs, seed, start, lr: rate, sparsity } = given;
  const { stored } = rules;
  const distort = given.distort && stored && readDistortion(given.distort, stored, checking);
  const trained = trainableOf(rules, distort);
  const loader = readLoader(data, checking);
  const metric = loader && readMetric(loader, args, checking);
  if (loader && trained.definitions) checkFeeds(loader, args.at('data'), trained.definitions, checking);
  const init = given.init === undefined ? 0.1 : readInit(given.init, checking);
  const optimizer = given.optimizer === undefined ? plainDescent : readOptimizer(given.optimizer, checking);
  const lr = rate === undefined ? optimizer && defaultRate(optimizer) : readRate('lr', rate, checking);
  const dropout = given.dropout === undefined ? undefined : readShare('dropout', given.dropout, checking);
  if (given.dropout !== undefined) checkDropout(args.at('dropout'), trained, checking);
  const roads = new SparsityCheck(trained, checking);
  const road = sparsity === undefined ? impliedSparsity(epochs) : roads.common(sparsity);
  const sparsityOf = roads.local(local);
  const regularizers = given.regularize === undefined ? noRegularizers : readRegularizers(given.regularize, checking);
  const stop = given.stop === undefined ? undefined : readStop(given.stop, epochs, checking);
  const alternate = given.alternate === undefined ? undefined : readAlternation(given.alternate, checking);
  if (!loader || !metric || init === undefined || !optimizer || !lr || !road || !sparsityOf || !regularizers)
    return undefined;
  checkCmr(regularizers, trained, checking);
  checkParts(alternate, trained, checking);
  checkFollowers({ lr, dropout, l2: regularizers.l2, cmr: regularizers.cmr?.over }, trained, args, checking);
  const pruned = trained.pools?.length === 0 ? undefined : road;
  const { cmr, l2 } = regularizers;
  const regimes = { dropout, sparsity: pruned, sparsityOf, cmr, l2, alternate, distort };
  const facts = { ...regimes, seed, stop, start, span: block.wordSpan };
  const training: Training = { loader, metric, init, optimizer, lr, lrSpan: args.at('lr'), epochs, ...facts };
  for (const diagnostic of checkRun(training, undefined)) report(diagnostic);
  return training;
}

/** Undefined when an error was reported. */
function readMetric(loader: Loader, args: Arguments<typeof trainSchema>, { report }: Checking): Metric | undefined {
  const measured = metricsOf[loader.kind];
  const metric = args.values.metric ?? measured.at(-1)!;
  if (measured.includes(metric)) return metric;
  const known = measured.map((m) => `\`${m}\``).join(', ');
  report(trainError('metric', args.at('metric'), { metric, loader: loader.kind, known }));
  return undefined;
}

function checkDropout(at: Training['span'], { definitions }: Trainable, { report }: Checking): void {
  const none = definitions?.layers.every(({ shape }) => shape.dropout === 0);
  if (none === true) report(trainError('nothing-drops', at, {}));
}

function checkParts(alternate: Alternation | undefined, trained: Trainable, { report }: Checking): void {
  if (alternate?.span === undefined || trained.pools === undefined || trained.doped.size > 0) return;
  const taken = trained.whole.doped.size > 0;
  const fill = { name: 'alternate' };
  const at = alternate.span;
  report(taken ? trainError('distort-takes-parts', at, fill) : trainError('alternate-without-dkp', at, {}));
}

const plainDescent: Optimizer = { kind: 'sgd', clip: undefined, weightDecay: 0 };

/** Moments that follow the sparsity: there must be one, and it must get there. */
function checkFollowers(
  schedules: Readonly<Record<string, Schedule | undefined>>,
  { pools }: Trainable,
  args: Arguments<typeof trainSchema>,
  { report }: Checking,
): void {
  const sum = (of: (pool: Pool) => number): number => (pools ?? []).reduce((all, pool) => all + of(pool), 0);
  const [elements, kept] = [sum((p) => p.elements), sum((p) => p.kept)];
  for (const [name, schedule] of Object.entries(schedules)) {
    const at = args.at(name === 'lr' || name === 'dropout' ? name : 'regularize');
    for (const { value, unit } of momentsOf(schedule)) {
      if (unit !== 'sparsity' || pools === undefined) continue;
      const wanted = `${Number((value * 100).toFixed(10))}%`;
      if (pools.length === 0) report(trainError('follows-nothing', at, { name }));
      else if (kept > sum((p) => keptOf(value, p.elements, area(p.block)))) {
        const sparsity = `${Math.floor((1 - kept / elements) * 1000) / 10}%`;
        report(trainError('never-reached', at, { name, wanted, sparsity }));
      }
    }
  }
}

/** Roads of pruned weights: they must exist, and end where their rules end. */
class SparsityCheck {
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
    const spans = new Map<string, Span>();
    let whole = true;
    for (const { selector, value } of settings) {
      const selected = select(selector!, definitions.layers, report);
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

  #reportNone(taken: readonly Pool[], at: Training['span'], where: string): void {
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
      layer: layers.join('`, `'),
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

function checkCmr({ cmr, cmrSpan }: Regularizers, trained: Trainable, { report }: Checking): void {
  const { doped, pools, whole } = trained;
  if (cmr === undefined || cmrSpan === undefined || pools === undefined) return;
  if (doped.size === 0 && whole.doped.size > 0) report(trainError('distort-takes-parts', cmrSpan, { name: 'cmr' }));
  else if (doped.size === 0) report(trainError('cmr-without-dkp', cmrSpan, {}));
  const until = cmr.until ?? 0;
  // Counts are compared: `sparsity=90%` of 1,248 values is 89.98% when rounded to a count, and is meant to reach 90%.
  const short = pools.find(
    (p) => p.layers.some((layer) => doped.has(layer)) && p.kept > keptOf(until, p.elements, area(p.block)),
  );
  if (short === undefined) return;
  const reached = Math.floor((1 - short.kept / short.elements) * 1000) / 10;
  const fill = {
    until: `${Number((until * 100).toFixed(10))}%`,
    layer: short.layers.join('`, `'),
    sparsity: `${reached}%`,
  };
  report(trainError('cmr-never-ends', cmrSpan, fill));
}
