/** Reads schedules: of the learning rate, and the road of all pruned weights to their sparsity. */
import { refuseLater } from '../arguments/later.js';
import { type Arguments, describe, readArguments, resolve } from '../arguments/read.js';
import {
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
import { trainError } from './messages.js';
import type { Moment, Schedule, SparsitySchedule } from './schedule.js';

const laterSchedules = ['steps', 'piecewise'];

const zeroEpochs: Period = { value: 0, unit: 'epochs' };
const oneEpoch: Period = { value: 1, unit: 'epochs' };
const moment = (doc: string): Parameter<Period> => named(period(doc));

const decaySchema = {
  rate: positiveReal('the rate at the start'),
  by: named(positiveReal('factor at each `every`')),
  every: withDefault(moment('how often the rate falls'), oneEpoch),
  after: withDefault(moment('how long the rate stays as it is'), zeroEpochs),
};
const linearSchema = {
  start: positiveReal('the rate until `from`'),
  end: positiveReal('the rate after `to`'),
  from: withDefault(moment('where the change starts'), zeroEpochs),
  to: moment('where the change ends'),
};
const constantSchema = { value: positiveReal('the rate') };

/** A number of steps: how often masks change cannot follow epochs. */
const stepCount: Parameter<number> = {
  doc: 'steps between two updates of the masks',
  expects: 'a number of steps such as `100 steps`',
  read: (e) => (e.kind === 'period' && e.unit === 'steps' && e.value >= 1 ? e.value : undefined),
};
const sparsitySchema = {
  from: withDefault(moment('where pruning starts'), zeroEpochs),
  to: moment('where every weight has its own sparsity'),
  every: named(withDefault(stepCount, 100)),
  start: named(withDefault(percent('sparsity before `from`'), 0)),
  end: named(optional(percent('the sparsity at `to`, which is the one of the rule', true))),
};

/** A constant, `decay(...)` or `linear(...)`; undefined when an error was reported. */
export function readRate(name: string, value: Expression, checking: Checking): Schedule | undefined {
  const { constants, report } = checking;
  const resolved = resolve(value, constants);
  if ((resolved.kind === 'number' || resolved.kind === 'ratio') && resolved.value > 0) {
    return { kind: 'constant', value: resolved.value };
  }
  const example = `${name} = decay(1.0, by=1/2, every=1 epoch, after=4 epochs)`;
  const call = resolved.kind === 'call' ? resolved : undefined;
  if (call === undefined) {
    const fill = { name, expects: 'a number above 0 or a schedule', found: describe(resolved), example };
    checking.report(trainError('not-a-call', value.span, { ...fill, example: example.slice(name.length + 3) }));
    return undefined;
  }
  switch (call.callee.text) {
    case 'constant':
      return map(readArguments(call, constantSchema, constants, report), (a) => ({
        kind: 'constant',
        value: a.values.value,
      }));
    case 'decay':
      return map(readArguments(call, decaySchema, constants, report), (a) => ({ kind: 'decay', ...a.values }));
    case 'linear':
      return map(readArguments(call, linearSchema, constants, report), (a) =>
        runsForward(a.values, call, checking) ? { kind: 'linear', ...a.values } : undefined,
      );
    default:
      return refuseSchedule(call, ['constant', 'decay', 'linear'], [...laterSchedules, 'cubic'], checking);
  }
}

function map<S extends Schema, R>(
  args: Arguments<S> | undefined,
  f: (args: Arguments<S>) => R | undefined,
): R | undefined {
  return args === undefined ? undefined : f(args);
}

function refuseSchedule(
  call: Call,
  known: readonly string[],
  later: readonly string[],
  { report }: Checking,
): undefined {
  const { callee } = call;
  const instead = `use ${known.map((k) => `\`${k}\``).join(' or ')}`;
  if (later.includes(callee.text)) return refuseLater(`the schedule \`${callee.text}\``, instead, callee.span, report);
  const fill = { name: 'a schedule here', word: callee.text, suggestion: suggestion(callee.text, known) };
  report(trainError('unknown-word', callee.span, fill));
  return undefined;
}

export const momentText = ({ value, unit }: Moment): string =>
  `${Number(value.toFixed(6))} ${value === 1 ? unit.slice(0, -1) : unit}`;

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

/** `cubic(...)` or `linear(...)`; undefined when an error was reported. */
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
  if (kind !== 'cubic' && kind !== 'linear')
    return refuseSchedule(call, ['cubic', 'linear'], [...laterSchedules, 'decay', 'constant'], checking);
  const args = readArguments(call, sparsitySchema, constants, report);
  if (args === undefined || !runsForward(args.values, call, checking)) return undefined;
  const { from, to, every, start, end } = args.values;
  return { schedule: { kind, start, from, to, every, implied: false, span: call.span }, end };
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
