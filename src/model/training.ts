/** Checks the `train` block against the model and its rules; everything left out gets its default. */
import { refuseLater } from '../arguments/later.js';
import { type Arguments, readArguments } from '../arguments/read.js';
import { expression, integer, optional, positiveInteger, text, withDefault, word } from '../arguments/schema.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { keptOf, sparsityPercent } from '../support/units.js';
import type { Block, Name, Setting } from '../syntax/ast.js';
import { area } from '../tensor/blocks.js';
import { readAlternation } from './alternation.js';
import { asCall, type Checking, settingsOf } from './checking.js';
import type { Definitions } from './definitions.js';
import { checkFeeds, readLoader } from './loaders.js';
import { trainError } from './messages.js';
import type { Alternation, Loader, Metric, Pool, Training } from './model.js';
import { defaultRate, readInit, readOptimizer } from './optimizers.js';
import { type Regularizers, readRegularizers } from './regularizers.js';
import type { Moment, Schedule, SparsitySchedule } from './schedule.js';
import { impliedSparsity, momentText, readRate, readShare, readSparsity, type WrittenSparsity } from './schedules.js';
import { select } from './selectors.js';
import { readStop } from './stopping.js';

const metrics: readonly Metric[] = ['perplexity', 'loss', 'accuracy', 'f1'];

const schema = {
  data: expression('where the text comes from, such as `text("ptb", batch=20, unroll=35)`'),
  epochs: positiveInteger('how often the training text is read'),
  init: optional(expression('how weights are drawn')),
  optimizer: optional(expression('how weights are updated')),
  lr: optional(expression('the learning rate')),
  dropout: optional(expression('the dropout of every layer that has one')),
  sparsity: optional(expression('the road of all pruned weights')),
  regularize: optional(expression('what is added to the loss')),
  alternate: optional(expression('which part of the weights is trained when, such as `bcd(every=1 epoch)`')),
  seed: withDefault(integer('start of all random draws'), 1),
  stop: optional(expression('when the run ends before its last epoch, such as `early(patience=3)`')),
  start: optional(text('weight file to start from, in place of draws')),
  metric: optional(word('what is reported and says which epoch is the best', metrics)),
};
const laterSettings = ['distort'];

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
  /** Layers with a `dkp` weight. */
  readonly doped: ReadonlySet<string>;
}

/** Undefined when an error was reported. */
export function checkTraining(block: Block, trained: Trained, checking: Checking): Training | undefined {
  const { report, constants } = checking;
  const settings = settingsOf(block);
  const later = settings.filter((s) => laterSettings.includes(s.name.text));
  for (const { name } of later) refuseLater(`\`${name.text}\` in \`train\``, 'remove this line', name.span, report);
  const local = settings.filter((s) => s.selector !== undefined && s.name.text === 'sparsity');
  const rest = settings.filter((s) => !later.includes(s) && !local.includes(s));
  const callee: Name = { kind: 'name', text: 'train', span: block.wordSpan };
  const args = readArguments(asCall(callee, rest, schema, report), schema, constants, report);
  if (args === undefined) return undefined;
  const { data, epochs, seed, start, lr: rate, sparsity } = args.values;
  const loader = readLoader(data, checking);
  const metric = loader && readMetric(loader, args, checking);
  if (loader && trained.definitions) checkFeeds(loader, args.at('data'), trained.definitions, checking);
  const given = args.values;
  const init = given.init === undefined ? 0.1 : readInit(given.init, checking);
  const optimizer =
    given.optimizer === undefined
      ? { kind: 'sgd' as const, clip: undefined, weightDecay: 0 }
      : readOptimizer(given.optimizer, checking);
  const lr = rate === undefined ? optimizer && defaultRate(optimizer) : readRate('lr', rate, checking);
  const dropout = given.dropout === undefined ? undefined : readShare('dropout', given.dropout, checking);
  if (given.dropout !== undefined) checkDropout(args.at('dropout'), trained, checking);
  const roads = new SparsityCheck(trained, checking);
  const road = sparsity === undefined ? impliedSparsity(epochs) : roads.common(sparsity);
  const sparsityOf = roads.local(local);
  const regularizers = given.regularize === undefined ? noneGiven : readRegularizers(given.regularize, checking);
  const stop = given.stop === undefined ? undefined : readStop(given.stop, epochs, checking);
  const alternate = given.alternate === undefined ? undefined : readAlternation(given.alternate, checking);
  if (!loader || !metric || init === undefined || !optimizer || !lr || !road || !sparsityOf || !regularizers)
    return undefined;
  checkCmr(regularizers, trained, checking);
  checkParts(alternate, trained, checking);
  const pruned = trained.pools?.length === 0 ? undefined : road;
  const { cmr, l2 } = regularizers;
  const facts = { dropout, sparsity: pruned, sparsityOf, cmr, l2, alternate, seed, stop, start, span: block.wordSpan };
  const training: Training = { loader, metric, init, optimizer, lr, lrSpan: args.at('lr'), epochs, ...facts };
  for (const diagnostic of checkEnds(training, undefined)) report(diagnostic);
  return training;
}

/** Undefined when an error was reported. */
function readMetric(loader: Loader, args: Arguments<typeof schema>, { report }: Checking): Metric | undefined {
  const measured = metricsOf[loader.kind];
  const metric = args.values.metric ?? measured.at(-1)!;
  if (measured.includes(metric)) return metric;
  const known = measured.map((m) => `\`${m}\``).join(', ');
  report(trainError('metric', args.at('metric'), { metric, loader: loader.kind, known }));
  return undefined;
}

function checkDropout(at: Training['span'], { definitions }: Trained, { report }: Checking): void {
  const none = definitions?.layers.every(({ shape }) => shape.dropout === 0);
  if (none === true) report(trainError('nothing-drops', at, {}));
}

function checkParts(alternate: Alternation | undefined, { doped, pools }: Trained, { report }: Checking): void {
  if (alternate?.span === undefined || pools === undefined || doped.size > 0) return;
  report(trainError('alternate-without-dkp', alternate.span, {}));
}

const noneGiven: Regularizers = { cmr: undefined, cmrSpan: undefined, l2: 0 };

/** Roads of pruned weights: they must exist, and end where their rules end. */
class SparsityCheck {
  readonly #trained: Trained;
  readonly #checking: Checking;

  constructor(trained: Trained, checking: Checking) {
    this.#trained = trained;
    this.#checking = checking;
  }

  common(value: Setting['value']): SparsitySchedule | undefined {
    const { pools } = this.#trained;
    const written = readSparsity(value, this.#checking);
    if (written === undefined) return undefined;
    if (pools?.length === 0) this.#checking.report(trainError('nothing-pruned', value.span, { where: 'in the model' }));
    this.#checkEnd(written, pools ?? []);
    return written.schedule;
  }

  /** `sparsity(rnn1) = ...`, by layer name. */
  local(settings: readonly Setting[]): ReadonlyMap<string, SparsitySchedule> | undefined {
    const { report } = this.#checking;
    const { definitions, pools: all } = this.#trained;
    const result = new Map<string, SparsitySchedule>();
    if (definitions === undefined) return result;
    let whole = true;
    for (const { selector, value } of settings) {
      const selected = select(selector!, definitions.layers, report);
      const written = readSparsity(value, this.#checking);
      whole &&= selected !== undefined && written !== undefined;
      if (selected === undefined || written === undefined) continue;
      for (const { layer } of selected) {
        const pools = all?.filter((p) => p.layer === layer.name);
        if (pools?.length === 0)
          report(trainError('nothing-pruned', selector!.span, { where: `in \`${layer.name}\`` }));
        if (result.has(layer.name)) report(trainError('two-schedules', selector!.span, { layer: layer.name }));
        this.#checkEnd(written, pools ?? []);
        result.set(layer.name, written.schedule);
      }
    }
    return whole ? result : undefined;
  }

  #checkEnd({ end, schedule }: WrittenSparsity, pools: readonly Pool[]): void {
    const { start, span } = schedule;
    if (span === undefined) return;
    const { report } = this.#checking;
    const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(10))}%`;
    const facts = ({ layer, kept, elements }: Pool) => ({ layer, sparsity: sparsityPercent(kept, elements) });
    const highest = schedule.points?.values.at(-1) ?? start;
    const above = pools.find((p) => keptOf(highest, p.elements, area(p.block)) < p.kept);
    if (above && schedule.points !== undefined)
      report(trainError('rises-above-end', span, { value: percent(highest), ...facts(above) }));
    else if (above) report(trainError('starts-above-end', span, { start: percent(start), ...facts(above) }));
    const other = end === undefined ? undefined : pools.find((p) => keptOf(end, p.elements, area(p.block)) !== p.kept);
    if (other) report(trainError('other-end', span, { end: percent(end ?? 0), ...facts(other) }));
  }
}

function checkCmr({ cmr, cmrSpan }: Regularizers, { doped, pools }: Trained, { report }: Checking): void {
  if (cmr === undefined || cmrSpan === undefined || pools === undefined) return;
  if (doped.size === 0) report(trainError('cmr-without-dkp', cmrSpan, {}));
  const until = cmr.until ?? 0;
  // Counts are compared: `sparsity=90%` of 1,248 values is 89.98% when rounded to a count, and is meant to reach 90%.
  const short = pools.find((p) => doped.has(p.layer) && p.kept > keptOf(until, p.elements, area(p.block)));
  if (short === undefined) return;
  const reached = Math.floor((1 - short.kept / short.elements) * 1000) / 10;
  const fill = { until: `${Number((until * 100).toFixed(10))}%`, layer: short.layer, sparsity: `${reached}%` };
  report(trainError('cmr-never-ends', cmrSpan, fill));
}

interface Road {
  readonly from: Moment;
  readonly to: Moment;
  readonly at: Training['span'];
}

function roadsOf({ sparsity, sparsityOf, lr, lrSpan, dropout, span }: Training): readonly Road[] {
  const roads = [sparsity, ...sparsityOf.values()].flatMap((road) =>
    road === undefined ? [] : [{ from: road.from, to: road.to, at: road.span ?? span }],
  );
  const others = [
    { schedule: lr, at: lrSpan ?? span },
    { schedule: dropout, at: span },
  ];
  return [...roads, ...others.flatMap(({ schedule, at }) => roadOf(schedule, at) ?? [])];
}

/** Where a schedule starts and ends to change; undefined where it has no end. */
function roadOf(schedule: Schedule | undefined, at: Training['span']): Road | undefined {
  if (schedule?.kind === 'steps' || schedule?.kind === 'piecewise')
    return { from: schedule.at[0]!, to: schedule.at.at(-1)!, at };
  if (schedule?.kind !== 'linear' && schedule?.kind !== 'cubic') return undefined;
  return { from: schedule.from, to: schedule.to, at };
}

/** A turn that lasts to the end of the run leaves the other part as it was drawn. */
function checkTurns({ alternate, epochs }: Training, stepsPerEpoch: number | undefined): readonly Diagnostic[] {
  if (alternate?.span === undefined) return [];
  const { every, span } = alternate;
  const run = every.unit === 'epochs' ? epochs : epochs * (stepsPerEpoch ?? Number.POSITIVE_INFINITY);
  if (every.value < run) return [];
  const fill = { every: momentText(every), run: momentText({ value: run, unit: every.unit }) };
  return [trainError('alternate-never-turns', span, fill)];
}

/** What is wrong with the schedules' ends, as far as epochs alone or also steps per epoch are known. */
function checkEnds(training: Training, stepsPerEpoch: number | undefined): readonly Diagnostic[] {
  const { epochs } = training;
  const turns = checkTurns(training, stepsPerEpoch);
  const ends = roadsOf(training).flatMap(({ from, to, at }) => {
    const scale = (m: Moment): number | undefined => (m.unit === 'steps' ? 1 : stepsPerEpoch);
    const [first, end] = [from.value * (scale(from) ?? Number.NaN), to.value * (scale(to) ?? Number.NaN)];
    // With one unit this was found when the schedule was read.
    if (from.unit !== to.unit && end < first)
      return [trainError('ends-before-start', at, { from: momentText(from), to: momentText(to) })];
    const last = to.unit === 'epochs' ? epochs : epochs * (stepsPerEpoch ?? Number.POSITIVE_INFINITY);
    if (to.value <= last) return [];
    const run = momentText({ value: last, unit: to.unit });
    return [trainError('ends-late', at, { to: momentText(to), run })];
  });
  return [...ends, ...turns];
}

/** Errors of schedules that end after the last step, once the data has said how many steps an epoch has. */
export const checkScheduleAgainst = (training: Training, stepsPerEpoch: number): readonly Diagnostic[] =>
  checkEnds(training, stepsPerEpoch);
