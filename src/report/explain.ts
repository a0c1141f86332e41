/** `rnnc explain`: selector -> weights -> method -> numbers, and every setting in force, defaults included. */

import { floatsIn } from '../model/integers.js';
import {
  type Alternation,
  type Distortion,
  type EarlyStop,
  type Loader,
  type Model,
  type Optimizer,
  readsExamples,
  type Training,
} from '../model/model.js';
import type { KeptOfTensors } from '../model/pools.js';
import type { Schedule, SparsitySchedule } from '../model/schedule.js';
import { momentText } from '../model/schedules.js';
import {
  type LayerSummary,
  type RuleSummary,
  summarize,
  summarizeRules,
  totals,
  type UnitSummary,
} from '../model/summary.js';
import { listed } from '../support/listed.js';
import { bytes, count, factor, sparsityPercent } from '../support/units.js';
import { emitSettings, type NamedText } from './emit-settings.js';
import { rankingNote, repeatedNote, smallNote } from './rule-notes.js';
import { type Column, change, formatTable } from './summary-table.js';
import { wrapText } from './wrap.js';

const percentText = (fraction: number): string => `${Number((fraction * 100).toFixed(10))}%`;

/**
 * A text of several sections, a line break at its end, its lines within `width` as far as words allow; `trained` says
 * what training has kept, where it is known.
 */
export function explain(model: Model, trained?: KeptOfTensors, width = Number.POSITIVE_INFINITY): string {
  const layers = summarize(model, trained);
  const sections = [
    `model ${model.name}\n${definitionTable(model, width)}`,
    explainRules(model, summarizeRules(model, trained), trained !== undefined, width),
    `layers\n${layerTable(layers, width)}`,
    model.training === undefined ? 'train: none\n' : settings('train', trainingSettings(model.training)),
    ...model.emits.map(
      (emit) =>
        settings(`emit ${emit.target}`, emitSettings(emit)) +
        floatsIn(model, emit)
          .map((line) => `  note: ${line}\n`)
          .join(''),
    ),
  ];
  return wrapText(sections.join('\n'), width);
}

/** What each layer reads and gives, with its defaults. */
function definitionTable({ layers, outputs }: Model, width: number): string {
  const rows = layers.map(({ name, kind, inputs, shape: { signal, family, dropout, notes: settings = [] } }) => {
    const value = signal.kind === 'ids' ? `ids out of ${count(signal.vocabulary)}` : `${count(signal.width)} values`;
    const sequence = signal.kind === 'ids' || signal.perStep ? 'at each step' : 'per sequence';
    const notes = [
      ...(outputs.includes(name) ? ['output'] : []),
      ...(family !== undefined && family.gates.length > 0 ? [`gates ${family.gates.join(', ')}`] : []),
      ...settings,
      ...(dropout > 0 ? [`dropout ${percentText(dropout)}`] : []),
    ];
    return [name, kind, inputs.join(', '), `${value} ${sequence}`, notes.join('; ')];
  });
  const titles = ['layer', 'kind', 'reads', 'gives', 'notes'].map((title) => ({ title }));
  return formatTable(titles, rows, '  ', width);
}

const right = (title: string): Column => ({ title, align: 'right' });

/** `B=13x65 C=50x20 sparsity=96.2922% (125,324 of 3,380,000 kept)`. */
export function argumentText(unit: UnitSummary, { elements, kept }: Pick<RuleSummary, 'elements' | 'kept'>): string {
  const given = unit.arguments.map(({ name, value }) => `${name}=${value}`);
  const sparsity = `sparsity=${sparsityPercent(kept, elements)}`;
  const pruned = unit.elements === 0 ? [] : [sparsity, `(${count(kept)} of ${count(elements)} kept)`];
  return [...given, ...pruned, ...formatWords(unit)].join(' ');
}

/** `then int8(per=row) (by the rule, trained straight-through)`; nothing for plain float32. */
const formatWords = ({ format, formatNote }: Pick<UnitSummary, 'format' | 'formatNote'>): readonly string[] =>
  formatNote === '' ? [] : [`then ${format} (${formatNote})`];

const matrixText = ({ gates, rows, columns }: UnitSummary): string =>
  gates === 1 ? `${rows}x${columns}` : `${gates} gates ${rows}x${columns}`;

/** Why arguments are what they are: once where all weights of a layer have the same reason. */
function reasonsOf({ layer, units }: RuleSummary): readonly string[] {
  const [first] = units;
  const alike = units.every(({ why }) => why.join('\n') === first?.why.join('\n'));
  const said = alike && first !== undefined ? [{ path: layer, why: first.why }] : units;
  return said.flatMap(({ path, why }) => why.map((line) => `    ${path}: ${line}\n`));
}

function explainRules(model: Model, rows: readonly RuleSummary[], trained: boolean, width: number): string {
  if (model.rules.length === 0) return 'compress: no rules, every weight is dense\n';
  const texts = model.rules.map((rule, index) => {
    const mine = rows.filter((row) => row.rule === index);
    const weights = mine.flatMap((row) =>
      row.units.map((unit) => [unit.path, matrixText(unit), `${unit.method} ${argumentText(unit, row)}`.trimEnd()]),
    );
    const table = formatTable(
      [{ title: 'weight' }, { title: 'matrix' }, { title: 'stored as' }],
      weights,
      '    ',
      width,
    );
    const reached = mine.map((row) => `    ${ruleNumbers(row)}\n`).join('');
    const reasons = [...mine.flatMap(reasonsOf), ...mine.flatMap(({ units }) => units.flatMap(repeatedNote))];
    const shared = model.pools.find((pool) => pool.rule === index && pool.layers.length > 1);
    const notes = rule.method === 'small' ? [smallNote] : shared ? [rankingNote(shared, mine, trained)] : [];
    return `  ${rule.text}\n${table}${reasons.join('')}${reached}${notes.join('')}`;
  });
  return `compress\n${texts.join('\n')}`;
}

/** "rnn1: 3,382,600 -> 9,980 parameters with biases, 338.9x; 13.5 MB -> 40.3 KB, 335.7x in bytes". */
function ruleNumbers({ layer, whole, before, after, factor: reached }: RuleSummary): string {
  const parameters = change(count(before.parameters), count(after.parameters));
  const stored = change(bytes(before.bytes), bytes(after.bytes));
  return (
    `${layer}: ${parameters} parameters ${whole ? 'with' : 'without'} biases, ${factor(reached)}; ` +
    `${stored}, ${factor(before.bytes / after.bytes)} in bytes; ` +
    `${change(count(before.macs), count(after.macs))} multiply-adds`
  );
}

/** One row for each layer and one for the model; bytes stand beside parameters. */
export function layerTable(layers: readonly LayerSummary[], width = Number.POSITIVE_INFINITY): string {
  const columns = [
    { title: 'layer' },
    { title: 'kind' },
    { title: 'stored as' },
    right('parameters'),
    right('factor'),
    right('bytes'),
    right('multiply-adds'),
    right('rank'),
  ];
  const numbers = ({ before, after, factor: reached }: Pick<LayerSummary, 'before' | 'after' | 'factor'>) => [
    change(count(before.parameters), count(after.parameters)),
    factor(reached),
    change(bytes(before.bytes), bytes(after.bytes)),
    change(count(before.macs), count(after.macs)),
  ];
  const stored = layers.filter((l) => l.before.parameters > 0);
  const rows = stored.map((l) => {
    const rank = l.units.length === 0 ? '' : change(String(l.rankBefore), String(l.rankAfter));
    return [l.name, l.kind, [l.method, ...l.formats].join(' in '), ...numbers(l), rank];
  });
  return formatTable(columns, [...rows, ['all', '', '', ...numbers(totals(layers))]], '  ', width);
}

function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'constant':
      return `${schedule.value}`;
    case 'decay': {
      const { rate, by, every, after } = schedule;
      return `decay(${rate}, by=${Number(by.toPrecision(6))}, every=${momentText(every)}, after=${momentText(after)})`;
    }
    case 'steps':
    case 'piecewise':
      return `${schedule.kind}([${schedule.values.join(', ')}], at=[${schedule.at.map(momentText).join(', ')}])`;
    default: {
      const { kind, start, end, from, to } = schedule;
      return `${kind}(${start}, ${end}, from=${momentText(from)}, to=${momentText(to)})`;
    }
  }
}

/** A road of pruned weights as the language writes it. */
export const sparsityText = ({ kind, start, from, to, every, implied, points }: SparsitySchedule): string =>
  points !== undefined
    ? `${kind}([${points.values.map(percentText).join(', ')}], at=[${points.at.map(momentText).join(', ')}]` +
      `${kind === 'steps' ? '' : `, every=${every} steps`}), then each weight at its own sparsity`
    : `${kind}(from=${momentText(from)}, to=${momentText(to)}, every=${every} steps, start=${percentText(start)})` +
      `${implied ? ', the default' : ''}, each weight to its own sparsity`;

function loaderText(loader: Loader): string {
  if (readsExamples(loader)) {
    const { kind, directory, batch, maxSteps, buckets, lower } = loader;
    const sizes = `batch=${batch}, max_steps=${maxSteps}, buckets=${buckets}`;
    return `${kind}("${directory}", ${sizes}, lower=${lower ? 'yes' : 'no'})`;
  }
  const { batch, unroll } = loader;
  if (loader.kind === 'text') {
    const { directory, unit, lower } = loader;
    return `text("${directory}", batch=${batch}, unroll=${unroll}, unit=${unit}, lower=${lower ? 'yes' : 'no'})`;
  }
  const { order, vocabulary, tokens } = loader;
  return `generated(order=${order}, vocab=${vocabulary}, tokens=${tokens}, batch=${batch}, unroll=${unroll})`;
}

function optimizerText(optimizer: Optimizer): string {
  const { kind, clip, weightDecay, ...rule } = optimizer;
  const own = Object.entries(rule).map(([name, value]) => `${name}=${value}`);
  return `${kind}(${[...own, `clip=${clip ?? 'none'}`, `weight_decay=${weightDecay}`].join(', ')})`;
}

function regularizeText({ cmr, l2 }: Training): string {
  const parts: string[] = [];
  if (cmr !== undefined) {
    const until = cmr.until === undefined ? '' : `, until=sparsity(${percentText(cmr.until)})`;
    const p = cmr.over === undefined ? percentText(cmr.keep) : scheduleText(cmr.over);
    parts.push(`cmr(p=${p}${until})`);
  }
  if (l2 !== undefined) parts.push(`l2(${scheduleText(l2)})`);
  return parts.join(', ') || 'none';
}

/** Settings one below the other, `=` under `=`. */
function settings(title: string, pairs: readonly NamedText[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return `${title}\n${pairs.map(([name, value]) => `  ${name.padEnd(width)} = ${value}\n`).join('')}`;
}

const alternationText = ({ every, first }: Alternation): string =>
  `bcd(every=${momentText(every)}, first=${first}): one of structure (B, C, alpha) and overlay (S, beta) at a time`;

const distortionText = ({ every, paths }: Distortion): string =>
  `distort(every=${momentText(every)}): ${listed(paths)} trained dense, each projected onto its method`;

const stopText = ({ patience }: EarlyStop): string =>
  `early(patience=${patience}), counted in epochs at full sparsity; the best weights are kept`;

const lossText = (loader: Loader): string =>
  readsExamples(loader)
    ? 'cross entropy of the labels, summed over each example, averaged over the examples'
    : 'cross entropy of the next token, summed over the steps, averaged over the batch';

/** Every setting of a training in force, by its word in the language. */
export function trainingSettings(training: Training): readonly NamedText[] {
  const {
    loader,
    metric,
    init,
    optimizer,
    lr,
    epochs,
    sparsity,
    sparsityOf,
    dropout,
    alternate,
    distort,
    seed,
    start,
    stop,
  } = training;
  return [
    ['data', loaderText(loader)],
    ['init', `uniform(${init}), biases 0; structured weights drawn for the same variance`],
    ['optimizer', optimizerText(optimizer)],
    ['lr', scheduleText(lr)],
    ['epochs', `${epochs}`],
    ['sparsity', sparsity === undefined ? 'nothing is pruned' : sparsityText(sparsity)],
    ...[...sparsityOf].map(([layer, road]) => [`sparsity(${layer})`, sparsityText(road)] as const),
    ['regularize', regularizeText(training)],
    ['dropout', dropout === undefined ? 'of each layer, as written' : scheduleText(dropout)],
    ['alternate', alternate === undefined ? 'all parts of all weights at every step' : alternationText(alternate)],
    ['distort', distort === undefined ? 'every weight is trained as it is stored' : distortionText(distort)],
    ['loss', lossText(loader)],
    ['metric', metric],
    ['seed', `${seed}`],
    ['start', start === undefined ? 'draws of the seed' : `"${start}"`],
    ['stop', stop === undefined ? 'after the last epoch' : stopText(stop)],
  ];
}
