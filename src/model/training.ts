/** Checks the `train` block against the model and its rules; everything left out gets its default. */
import type { Readings } from '../arguments/read.js';
import { expression, integer, optional, positiveInteger, text, withDefault, word } from '../arguments/schema.js';
import { listedBetween, listedWords } from '../support/listed.js';
import { keptOf } from '../support/units.js';
import type { Block, Name, Setting } from '../syntax/ast.js';
import { area } from '../tensor/blocks.js';
import { readAlternation } from './alternation.js';
import { type Checking, readSettings, settingsOf } from './checking.js';
import { readDistortion } from './distortion.js';
import { checkFeeds, readLoader } from './loaders.js';
import type { Alternation, Loader, Metric, Optimizer, Pool, Training } from './model.js';
import { defaultRate, readInit, readOptimizer } from './optimizers.js';
import { noRegularizers, type Regularizers, readRegularizers } from './regularizers.js';
import { checkRun } from './run-length.js';
import { momentsOf, type Schedule } from './schedule.js';
import { impliedSparsity, readRate, readShare } from './schedules.js';
import { SparsityCheck } from './sparsity-check.js';
import { readStop } from './stopping.js';
import { trainError } from './train-messages.js';
import { type Trainable, type Trained, trainableOf } from './training-facts.js';

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

/** What is measured with each loader; the last one is the default. F1 needs labels that mark chunks or relations. */
const metricsOf: Readonly<Record<Loader['kind'], readonly Metric[]>> = {
  text: ['loss', 'perplexity'],
  generated: ['loss', 'perplexity'],
  classified: ['perplexity', 'loss', 'f1', 'accuracy'],
  tagged: ['perplexity', 'loss', 'f1', 'accuracy'],
};

/** A block as it is read: the settings that are right, and what they are held against. */
interface Reading {
  readonly args: Readings<typeof trainSchema>;
  /** `sparsity(rnn1) = ...`. */
  readonly local: readonly Setting[];
  readonly rules: Trained;
  readonly checking: Checking;
}

/** Undefined when an error was reported. */
export function checkTraining(block: Block, rules: Trained, checking: Checking): Training | undefined {
  const { report } = checking;
  const settings = settingsOf(block);
  const local = settings.filter((s) => s.selector !== undefined && s.name.text === 'sparsity');
  const rest = settings.filter((s) => !local.includes(s));
  const callee: Name = { kind: 'name', text: 'train', span: block.wordSpan };
  const args = readSettings(callee, rest, trainSchema, checking);
  const reading: Reading = { args, local, rules, checking };
  const distort = args.values.distort && rules.stored && readDistortion(args.values.distort, rules.stored, checking);
  const trained = trainableOf(rules, distort);
  const data = readData(reading, trained);
  const { road, lr, sparsityOf, regularizers, ...others } = readSchedules(reading, trained, data.optimizer);
  const { loader, metric, init, optimizer } = data;
  const { epochs, seed = 1, start } = args.values;
  if (regularizers) checkCmr(regularizers, trained, checking);
  checkParts(others.alternate, trained, checking);
  const { cmr, l2 } = regularizers ?? noRegularizers;
  checkFollowers({ lr, dropout: others.dropout, l2, cmr: cmr?.over }, trained, args, checking);
  const sparsity = trained.pools?.length === 0 ? undefined : road;
  const times = { lr, lrSpan: args.at('lr'), sparsity, sparsityOf: sparsityOf ?? new Map(), ...others };
  const run = { ...times, cmr, l2, distort, epochs: epochs ?? 0, span: block.wordSpan };
  if (epochs !== undefined) for (const diagnostic of checkRun(run, undefined)) report(diagnostic);
  const whole = loader && metric && init !== undefined && optimizer && lr && road && sparsityOf && regularizers;
  if (!whole || args.failed || epochs === undefined) return undefined;
  return { ...run, lr, loader, metric, init, optimizer, epochs, seed, start };
}

/** What is trained on, from where, and by which rule; undefined where an error was reported. */
function readData({ args, checking }: Reading, { definitions }: Trainable) {
  const { data, init, optimizer } = args.values;
  const loader = data && readLoader(data, checking);
  if (loader && definitions) checkFeeds(loader, args.at('data'), definitions, checking);
  return {
    loader,
    metric: loader && readMetric(loader, args, checking),
    init: init === undefined ? 0.1 : readInit(init, checking),
    optimizer: optimizer === undefined ? plainDescent : readOptimizer(optimizer, checking),
  };
}

/** What happens when; undefined where an error was reported or nothing is said. */
function readSchedules({ args, local, checking }: Reading, trained: Trainable, optimizer: Optimizer | undefined) {
  const { lr, dropout, sparsity, regularize, stop, alternate, epochs } = args.values;
  if (dropout !== undefined) checkDropout(args.at('dropout'), trained, checking);
  const roads = new SparsityCheck(trained, checking);
  const road = sparsity === undefined ? impliedSparsity(epochs ?? 1) : roads.common(sparsity);
  return {
    road,
    lr: lr === undefined ? optimizer && defaultRate(optimizer) : readRate('lr', lr, checking),
    dropout: dropout && readShare('dropout', dropout, checking),
    sparsityOf: roads.local(local),
    regularizers: regularize === undefined ? noRegularizers : readRegularizers(regularize, checking),
    stop: stop && readStop(stop, epochs ?? Number.POSITIVE_INFINITY, checking),
    alternate: alternate && readAlternation(alternate, checking),
  };
}

/** Undefined when an error was reported. */
function readMetric(loader: Loader, args: Readings<typeof trainSchema>, { report }: Checking): Metric | undefined {
  const measured = metricsOf[loader.kind];
  const metric = args.values.metric ?? measured.at(-1)!;
  if (measured.includes(metric)) return metric;
  const known = listedWords(measured);
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
  args: Readings<typeof trainSchema>,
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
    layer: listedBetween(short.layers),
    sparsity: `${reached}%`,
  };
  report(trainError('cmr-never-ends', cmrSpan, fill));
}
