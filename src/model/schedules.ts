/** Reads schedules: of the learning rate, and the road of all pruned weights to their sparsity. */
import { type Arguments, describe, numberForPercent, readArguments, resolve } from '../arguments/read.js';
import {
  listOf,
  named,
  optional,
  type Parameter,
  type Period,
  percent,
  period,
  positiveReal,
  type Schema,
  withDefault,
} from '../arguments/schema.js';
import { suggestion } from '../support/suggest.js';
import type { Call, Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import { reportsValuesAsMoments } from './misplaced-values.js';
import type { Moment, Points, Schedule, SparsitySchedule } from './schedule.js';
import { trainError } from './train-messages.js';

const zeroEpochs: Period = { value: 0, unit: 'epochs' };
const oneEpoch: Period = { value: 1, unit: 'epochs' };
const moment = (doc: string): Parameter<Period> => named(period(doc));

/** A moment of the run, or of the road of the pruned weights. */
const turningPoint = (doc: string): Parameter<Moment> => {
  const { read } = period(doc);
  const reached = percent('the sparsity reached', true);
  return named({
    doc,
    expects: 'a span of training such as `6 epochs` or `100 steps`, or `sparsity(90%)`',
    read: (e) => {
      if (e.kind !== 'call' || e.callee.text !== 'sparsity') return read(e);
      const [first, ...others] = e.args;
      const value = first === undefined || others.length > 0 ? undefined : reached.read(first.value);
      return value === undefined ? undefined : { value, unit: 'sparsity' };
    },
  });
};

const decaySchema = {
  rate: positiveReal('the rate at the start'),
  by: named(positiveReal('factor at each `every`')),
  every: withDefault(moment('how often the rate falls'), oneEpoch),
  after: withDefault(turningPoint('how long the rate stays as it is'), zeroEpochs as Moment),
};
/** Moments of one unit, each after the one before. */
const moments = (doc: string): Parameter<readonly Period[]> => {
  const list = listOf(period(doc), 'a list of rising moments in one unit such as [2 epochs, 4 epochs]');
  const rise = (at: readonly Period[]): boolean =>
    at.every(({ value, unit }, i) => i === 0 || (unit === at[0]!.unit && value > at[i - 1]!.value));
  const read: typeof list.read = (e) => {
    const at = list.read(e);
    return at !== undefined && rise(at) ? at : undefined;
  };
  return named({ ...list, read });
};
/** A number of steps: how often masks change cannot follow epochs. */
const stepCount: Parameter<number> = {
  doc: 'steps between two updates of the masks',
  expects: 'a number of steps such as `100 steps`',
  read: (e) => (e.kind === 'period' && e.unit === 'steps' && e.value >= 1 ? e.value : undefined),
};
const every = named(withDefault(stepCount, 100));
const sparsityValues = listOf(percent('sparsities on the way'), 'a list of percents below 100% such as [0%, 50%]');
const ownAtLast = moments('where they hold, at the last the own one');
const sparsityPiecewiseSchema = { values: sparsityValues, at: ownAtLast, every };
const sparsityStepsSchema = {
  ...sparsityPiecewiseSchema,
  at: moments('where the next holds, at the last the own one'),
};
/** What a schedule is of: how one of its values is read, and a list of them. */
interface Scheduled {
  readonly value: (doc: string) => Parameter<number>;
  readonly expects: string;
  readonly list: string;
  readonly words: readonly Schedule['kind'][];
  readonly example: string;
  /** A constant. */
  readonly plain: string;
}
const rates: Scheduled = {
  value: positiveReal,
  expects: 'a number above 0',
  list: 'a list of numbers above 0 such as [1.0, 0.5, 0.1]',
  words: ['constant', 'decay', 'linear', 'cubic', 'steps', 'piecewise'],
  example: 'decay(1.0, by=1/2, every=1 epoch, after=4 epochs)',
  plain: '0.5',
};
/** Shares of which something must be left. */
const keptShares: Scheduled = {
  value: (doc) => ({
    ...percent(doc, true),
    expects: 'a percent above 0% and up to 100%',
    read: (e) => (e.kind === 'percent' && e.value > 0 && e.value <= 1 ? e.value : undefined),
  }),
  expects: 'a percent above 0% and up to 100%',
  list: 'a list of percents above 0% such as [50%, 100%]',
  words: ['constant', 'linear', 'cubic', 'steps', 'piecewise'],
  example: 'linear(50%, 100%, to=4 epochs)',
  plain: '50%',
};
/** Between their values no schedule of these leaves 0% to below 100%. */
const shares: Scheduled = {
  value: (doc) => percent(doc),
  expects: 'a percent below 100%',
  list: 'a list of percents below 100% such as [0%, 50%]',
  words: ['constant', 'linear', 'cubic', 'steps', 'piecewise'],
  example: 'linear(0%, 50%, to=4 epochs)',
  plain: '50%',
};

const linearSchema = ({ value }: Scheduled) => ({
  start: value('what holds until `from`'),
  end: value('what holds after `to`'),
  from: withDefault(turningPoint('where the change starts'), zeroEpochs as Moment),
  to: turningPoint('where the change ends'),
});
const pointsSchema = ({ value, list }: Scheduled) => ({
  values: listOf(value('the values, in order'), list),
  at: moments('where they hold'),
});

const sparsitySchema = {
  from: withDefault(moment('where pruning starts'), zeroEpochs),
  to: moment('where every weight has its own sparsity'),
  every,
  start: named(withDefault(percent('sparsity before `from`'), 0)),
  end: named(optional(percent('the sparsity at `to`, which is the one of the rule', true))),
};

/** Of rates, by the word of the schedule. */
export const rateSchemas: Readonly<Record<string, Schema>> = {
  constant: { value: rates.value('the value') },
  ...{ decay: decaySchema, linear: linearSchema(rates), cubic: linearSchema(rates) },
  ...{ steps: pointsSchema(rates), piecewise: pointsSchema(rates) },
};
/** Of the sparsity, by the word of the schedule. */
export const sparsitySchemas: Readonly<Record<string, Schema>> = {
  ...{ cubic: sparsitySchema, linear: sparsitySchema },
  ...{ steps: sparsityStepsSchema, piecewise: sparsityPiecewiseSchema },
};

/** A rate or a schedule of rates; undefined when an error was reported. */
export const readRate = (name: string, value: Expression, checking: Checking): Schedule | undefined =>
  readSchedule(name, value, rates, checking);

/** A percent or a schedule of percents; undefined when an error was reported. */
export const readShare = (name: string, value: Expression, checking: Checking): Schedule | undefined =>
  readSchedule(name, value, shares, checking);

/** A percent above 0% or a schedule of such; undefined when an error was reported. */
export const readKept = (name: string, value: Expression, checking: Checking): Schedule | undefined =>
  readSchedule(name, value, keptShares, checking);

function readSchedule(name: string, value: Expression, of: Scheduled, checking: Checking): Schedule | undefined {
  const resolved = resolve(value, checking.constants);
  const constant = of.value(name).read(resolved);
  if (constant !== undefined) return { kind: 'constant', value: constant };
  if (resolved.kind === 'call') return readCall(resolved, of, checking);
  const plain = resolved.kind === 'number' || resolved.kind === 'ratio' || resolved.kind === 'percent';
  const example = plain ? of.plain : of.example;
  const expects = `${of.expects} or a schedule`;
  const fill = { name, expects, found: describe(resolved), example };
  checking.report(numberForPercent(name, expects, resolved) ?? trainError('not-a-call', value.span, fill));
  return undefined;
}

function readCall(call: Call, of: Scheduled, checking: Checking): Schedule | undefined {
  const { constants, report } = checking;
  const kind = of.words.find((word) => word === call.callee.text);
  switch (kind) {
    case 'constant': {
      const schema = { value: of.value('the value') };
      return map(readArguments(call, schema, constants, report), (a) => ({ kind, value: a.values.value }));
    }
    case 'decay':
      return map(readArguments(call, decaySchema, constants, report), (a) => ({ kind, ...a.values }));
    case 'linear':
    case 'cubic':
      if (reportsValuesAsMoments(call, of.value(''), checking)) return undefined;
      return map(readArguments(call, linearSchema(of), constants, report), (a) =>
        runsForward(a.values, call, checking) ? { kind, ...a.values } : undefined,
      );
    case 'steps':
    case 'piecewise':
      return map(readArguments(call, pointsSchema(of), constants, report), ({ values }) =>
        pair(values, kind === 'steps' ? 1 : 0, call, checking) ? { kind, ...values } : undefined,
      );
    default:
      return refuseSchedule(call, of.words, checking);
  }
}

/** There are `more` more values than moments; the last value of a sparsity is the rule's own and not written. */
function pair({ values, at }: Points, more: number, call: Call, { report }: Checking): boolean {
  if (values.length === at.length + more) return true;
  const fill = { word: call.callee.text, values: values.length, moments: at.length, wanted: at.length + more };
  report(trainError('values-and-moments', call.span, fill));
  return false;
}

function map<S extends Schema, R>(
  args: Arguments<S> | undefined,
  f: (args: Arguments<S>) => R | undefined,
): R | undefined {
  return args === undefined ? undefined : f(args);
}

function refuseSchedule(call: Call, known: readonly string[], { report }: Checking): undefined {
  const { callee } = call;
  const fill = { name: 'a schedule here', word: callee.text, suggestion: suggestion(callee.text, known) };
  report(trainError('unknown-word', callee.span, fill));
  return undefined;
}

export const momentText = ({ value, unit }: Moment): string =>
  unit === 'sparsity'
    ? `sparsity(${Number((value * 100).toFixed(10))}%)`
    : `${Number(value.toFixed(6))} ${value === 1 ? unit.slice(0, -1) : unit}`;

/** Moments of different units are compared when the steps of an epoch are known. */
function runsForward(
  { from, to }: { readonly from: Moment; readonly to: Moment },
  call: Call,
  { report }: Checking,
): boolean {
  if (from.unit !== to.unit || to.value >= from.value) return true;
  report(trainError('ends-before-start', call.span, { from: momentText(from), to: momentText(to) }));
  return false;
}

/** A sparsity schedule as written, with the end it names, which its weights must share. */
export interface WrittenSparsity {
  readonly schedule: SparsitySchedule;
  readonly end: number | undefined;
}

/** A schedule of the sparsity; undefined when an error was reported. */
export function readSparsity(value: Expression, checking: Checking): WrittenSparsity | undefined {
  const { constants, report } = checking;
  const call = callOf(value, constants);
  if (call === undefined) {
    const example = 'cubic(from=2 epochs, to=20 epochs, every=100 steps)';
    const fill = { name: 'sparsity', expects: 'a schedule', found: describe(resolve(value, constants)), example };
    report(trainError('not-a-call', value.span, fill));
    return undefined;
  }
  const kind = call.callee.text;
  if (kind === 'steps' || kind === 'piecewise') return readSparsityPoints(kind, call, checking);
  if (kind !== 'cubic' && kind !== 'linear')
    return refuseSchedule(call, ['cubic', 'linear', 'steps', 'piecewise'], checking);
  const args = readArguments(call, sparsitySchema, constants, report);
  if (args === undefined || !runsForward(args.values, call, checking)) return undefined;
  const { from, to, every, start, end } = args.values;
  return { schedule: { kind, start, from, to, every, implied: false, span: call.span }, end };
}

function readSparsityPoints(kind: 'steps' | 'piecewise', call: Call, checking: Checking): WrittenSparsity | undefined {
  const { constants, report } = checking;
  const schema = kind === 'steps' ? sparsityStepsSchema : sparsityPiecewiseSchema;
  const args = readArguments(call, schema, constants, report);
  if (args === undefined || !pair(args.values, kind === 'steps' ? 0 : -1, call, checking)) return undefined;
  const { values, at, every } = args.values;
  const fall = values.findIndex((value, i) => i > 0 && value < values[i - 1]!);
  if (fall > 0) {
    const [from, to] = [values[fall - 1]!, values[fall]!].map((v) => `${Number((v * 100).toFixed(10))}%`);
    report(trainError('sparsity-falls', args.at('values'), { from: from!, to: to! }));
    return undefined;
  }
  const [from, to] = [at[0]!, at.at(-1)!];
  const road = { kind, start: values[0]!, from, to, every, implied: false, span: call.span };
  return { schedule: { ...road, points: { values, at } }, end: undefined };
}

/** Cubic over the first 60% of the run, every 100 steps. */
export const impliedSparsity = (epochs: number): SparsitySchedule => ({
  kind: 'cubic',
  start: 0,
  from: zeroEpochs,
  to: { value: 0.6 * epochs, unit: 'epochs' },
  every: 100,
  implied: true,
});
