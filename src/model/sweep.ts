/**
 * The combinations of a `sweep` block: one program for each, checked like any other before anything runs. A
 * combination that cannot be met is left out with its reason; a value that can be met in none is an error.
 */
import { readValue } from '../arguments/read.js';
import { type Diagnostic, Diagnostics, type Note, type Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { defined } from '../support/assert.js';
import { count } from '../support/units.js';
import type { Block, Expression, Program } from '../syntax/ast.js';
import { dumpMeaning } from '../syntax/dump.js';
import { printExpression } from '../syntax/print.js';
import type { Checking } from './checking.js';
import type { Model } from './model.js';
import { type Axis, readAxes } from './sweep-axes.js';
import { sweepError } from './sweep-messages.js';
import { type Choice, leaveOut, rewrite } from './sweep-rewrite.js';
import { trainSchema } from './training.js';

/** What a combination has chosen: `method` and `lmf`. */
export interface SweepValue {
  readonly axis: string;
  readonly value: string;
}

/** A combination that can be trained. */
export interface SweepRun {
  /** Names its folder: `lmf_5x_seed1`. */
  readonly name: string;
  readonly values: readonly SweepValue[];
  /** As it is trained. */
  readonly program: Program;
  readonly model: Model;
  /** Settings of `train` that are about what this program has not. */
  readonly leftOut: readonly string[];
  /** With these settings. */
  readonly written: Program;
  /** Added to compare with. */
  readonly baseline: boolean;
}

export interface SkippedRun {
  readonly values: readonly SweepValue[];
  readonly reason: Diagnostic;
}

export interface SweepPlan {
  /** In the order of the program. */
  readonly axes: readonly string[];
  readonly runs: readonly SweepRun[];
  readonly skipped: readonly SkippedRun[];
}

/** Checks a program without a sweep; undefined after an error. */
export type CheckProgram = (program: Program, report: Report) => Model | undefined;

/** More than anyone waits for, and still planned in a moment. */
const mostRuns = 1000;

export const sweepOf = (program: Program): Block | undefined =>
  program.items.find((item): item is Block => item.kind === 'block' && item.word === 'sweep');

type Tried = { readonly choices: readonly Choice[] } & (
  | { readonly reason: Diagnostic }
  | Pick<SweepRun, 'program' | 'model' | 'leftOut' | 'written'>
);
type Met = Extract<Tried, { readonly model: Model }>;

/** Checks a program, without the settings that are about nothing in it. */
export function tryProgram(
  written: Program,
  check: CheckProgram,
): Pick<SweepRun, 'program' | 'model' | 'leftOut' | 'written'> | { readonly reason: Diagnostic } {
  let program = written;
  const leftOut: string[] = [];
  for (;;) {
    const found = new Diagnostics();
    const model = check(program, found.report);
    if (model !== undefined) return { program, model, leftOut, written };
    const reason = defined(
      found.all.find(({ severity }) => severity === 'error'),
      'the error of a wrong program',
    );
    const left = leaveOut(program, reason);
    if (left === undefined) return { reason };
    program = left.program;
    leftOut.push(left.word);
  }
}

/** Every choice of one value for each setting, the last one changing fastest. */
const product = (axes: readonly Axis[]): readonly (readonly Choice[])[] =>
  axes.reduce(
    (all: readonly (readonly Choice[])[], axis) =>
      all.flatMap((choices) => axis.values.map((value) => [...choices, { axis, value }])),
    [[]],
  );

const valuesOf = (choices: readonly Choice[]): readonly SweepValue[] =>
  choices.map(({ axis, value }) => ({ axis: axis.name, value: printExpression(value) }));

const textOf = (choices: readonly Choice[]): string =>
  valuesOf(choices)
    .map(({ axis, value }) => `\`${axis} = ${value}\``)
    .join(', ');

const isSeed = ({ name }: Axis): boolean => name === 'seed';
const holds = (outer: Span, { source, start, end }: Span): boolean =>
  outer.source.path === source.path && outer.start <= start && end <= outer.end;

/** Reports the combinations that cannot be met; false when one of the values can be met in none. */
function reportFailed(tried: readonly Tried[], axes: readonly Axis[], report: Report): boolean {
  const failed = tried.flatMap((t) => ('reason' in t ? [t] : []));
  const has = ({ choices }: Tried, value: Expression): boolean => choices.some((c) => c.value === value);
  const never = axes.flatMap(({ values }) => values).filter((v) => tried.every((t) => 'reason' in t || !has(t, v)));
  const told = new Set<Expression>();
  // A value that is wrong by itself explains every combination that it is in.
  for (const value of never) {
    const own = failed.find((f) => has(f, value) && holds(value.span, f.reason.span));
    if (own === undefined) continue;
    report(own.reason);
    told.add(value);
  }
  const open = () => failed.filter(({ choices }) => !choices.some(({ value }) => told.has(value)));
  for (const value of never) {
    const other = told.has(value) ? undefined : open().find((f) => has(f, value));
    if (other === undefined) continue;
    const { message, hint = 'remove it' } = other.reason;
    report(sweepError('never-met', value.span, { value: printExpression(value), reason: message, hint }));
    told.add(value);
  }
  if (told.size > 0) return false;
  warnOfSkipped(failed, report);
  return true;
}

type Failed = Extract<Tried, { readonly reason: Diagnostic }>;

/** One warning for each value that is in the way, with all its combinations. */
function warnOfSkipped(failed: readonly Failed[], report: Report): void {
  const blamed = ({ choices, reason }: Failed): Span =>
    (choices.find(({ value }) => holds(value.span, reason.span)) ?? choices.at(-1)!).value.span;
  const spans = [...new Map(failed.map(blamed).map((span) => [span.start, span])).values()];
  for (const span of spans) {
    const [first, ...others] = failed.filter((f) => blamed(f).start === span.start);
    const { message, hint = 'leave one of the two out' } = first!.reason;
    const notes = others.map(({ choices, reason }): Note => ({ message: `${textOf(choices)} too: ${reason.message}` }));
    report(sweepError('skipped', span, { combination: textOf(first!.choices), reason: message, hint }, notes));
  }
}

/** `lmf`, `10-3x`, `seed1`: a value as a part of a folder's name. */
const slug = ({ axis, value }: SweepValue): string => {
  const named = ['method', 'to', 'format'].includes(axis) ? value : `${axis}${value}`;
  return named.replaceAll(/[^\w.]+/g, '-').replaceAll(/^-+|-+$/g, '');
};

/** Runs with folders of their own: what means the same is one run, what is called the same gets a number. */
export function named(runs: readonly Omit<SweepRun, 'name'>[]): readonly SweepRun[] {
  const meanings = new Set<string>();
  const names = new Map<string, number>();
  return runs.flatMap((run) => {
    const meaning = dumpMeaning(run.program);
    if (meanings.has(meaning)) return [];
    meanings.add(meaning);
    const name = run.values.map(slug).join('_').slice(0, 100) || 'run';
    const before = names.get(name) ?? 0;
    names.set(name, before + 1);
    return [{ ...run, name: before === 0 ? name : `${name}-${before + 1}` }];
  });
}

/** A combination with one of the seeds: nothing but the draws depends on it. */
function seeded(met: Met, seed: { readonly choice: Choice; readonly value: number } | undefined) {
  if (seed === undefined) return { ...met, values: valuesOf(met.choices), baseline: false };
  const [program, written] = [met.program, met.written].map((p) => rewrite(p, [seed.choice]));
  const { training } = met.model;
  const model = { ...met.model, training: training && { ...training, seed: seed.value } };
  const values = valuesOf([...met.choices, seed.choice]);
  return { program: program!, written: written!, model, leftOut: met.leftOut, values, baseline: false };
}

/** Undefined where one is no seed: it has been reported. */
const readSeeds = (axes: readonly Axis[], { constants, report }: Checking) =>
  axes.filter(isSeed).flatMap((axis) =>
    axis.values.map((value) => {
      const read = readValue('seed', trainSchema.seed, value, { constants, report });
      return read && { choice: { axis, value }, value: read.value };
    }),
  );

/**
 * Which combinations are checked: all of them, or only until every value is met in one. That finds the same errors, in
 * a time that grows with the number of values, and warns of fewer combinations.
 */
export type Extent = 'all' | 'each-value';

/** Tries combinations in their order. */
function tryAll(
  combinations: readonly (readonly Choice[])[],
  extent: Extent,
  attempt: (of: readonly Choice[]) => Tried,
) {
  const met = new Set<Expression>();
  return combinations.flatMap((choices) => {
    if (extent === 'each-value' && choices.length > 0 && choices.every(({ value }) => met.has(value))) return [];
    const tried = attempt(choices);
    if ('model' in tried) for (const { value } of choices) met.add(value);
    return [tried];
  });
}

/** Undefined when an error was reported; warns of combinations that are left out. */
export function planSweep(
  program: Program,
  check: CheckProgram,
  checking: Checking,
  extent: Extent = 'all',
): SweepPlan | undefined {
  const { report } = checking;
  const block = defined(sweepOf(program), 'a sweep');
  if (!program.items.some((item) => item.kind === 'block' && item.word === 'train')) {
    report(sweepError('no-train', block.wordSpan, {}));
    return undefined;
  }
  const axes = readAxes(block, program, checking);
  if (axes === undefined) return undefined;
  const runs = axes.reduce((all, { values }) => all * values.length, 1);
  if (runs > mostRuns) {
    report(sweepError('too-many', block.wordSpan, { runs: count(runs), most: count(mostRuns) }));
    return undefined;
  }
  const seeds = readSeeds(axes, checking);
  const others = axes.filter((axis) => !isSeed(axis));
  const attempt = (choices: readonly Choice[]): Tried => ({
    choices,
    ...tryProgram(rewrite(program, choices), check),
  });
  const tried = tryAll(product(others), extent, attempt);
  const whole = reportFailed(tried, others, report);
  if (!whole || seeds.includes(undefined)) return undefined;
  const each = seeds.length === 0 ? [undefined] : seeds;
  const made = tried.flatMap((t) => ('model' in t ? each.map((seed) => seeded(t, seed)) : []));
  const skipped = tried.flatMap((t) => ('reason' in t ? [{ values: valuesOf(t.choices), reason: t.reason }] : []));
  return { axes: [...others, ...axes.filter(isSeed)].map(({ name }) => name), runs: named(made), skipped };
}
