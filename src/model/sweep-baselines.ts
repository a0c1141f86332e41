/**
 * Iso-parameter baselines of a sweep: each of its programs with the methods of its rules replaced by one that both
 * papers compare with, at the same goal, or at the parameters that the run itself has.
 */
import { defined } from '../support/assert.js';
import type { Call, Expression, Name, Rule } from '../syntax/ast.js';
import { addCosts } from './cost.js';
import { isFormatWord } from './formats.js';
import { type RuleSummary, summarizeRules } from './summary.js';
import { type CheckProgram, named, type SkippedRun, type SweepPlan, type SweepRun, tryProgram } from './sweep.js';
import { changeRules, withGoal, withMethod } from './sweep-rewrite.js';

/** What can be added. */
export const baselineWords = ['small', 'prune', 'lmf', 'dense'] as const;
export type BaselineWord = (typeof baselineWords)[number];

/** How a run says that its rules are those of the program. */
const asWritten = 'as written';

/** The factor that a rule without a goal reaches: 3,382,600 of 9,980 parameters is `3382600/9980x`. */
function reached(rule: Rule, rows: readonly RuleSummary[]): Expression {
  const [before, after] = [addCosts(rows.map((r) => r.before)), addCosts(rows.map((r) => r.after))];
  const { span } = rule.method;
  const [over, under] = [before.parameters, after.parameters];
  return { kind: 'factor', value: over / under, text: `${over}/${under}x`, span };
}

function baselineRule(rule: Rule, word: BaselineWord, rows: readonly RuleSummary[]): Rule {
  const { callee } = rule.method;
  if (callee.text === 'dense' || isFormatWord(callee.text)) return rule;
  const name: Name = { ...callee, text: word };
  const method: Call = { ...rule.method, callee: name, args: [] };
  const goal = rule.goal === undefined ? withGoal(rule, reached(rule, rows), rows.length > 1) : rule;
  return withMethod(goal, method);
}

const isMethod = (axis: string): boolean => axis === 'method' || axis.endsWith('.method');

function baselineOf(run: SweepRun, word: BaselineWord, check: CheckProgram) {
  const rows = summarizeRules(run.model);
  const of = (index: number): readonly RuleSummary[] => rows.filter((row) => row.rule === index);
  const written = changeRules(run.written, (rule, index) => baselineRule(rule, word, of(index)));
  const values = run.values.map(({ axis, value }) => ({ axis, value: isMethod(axis) ? word : value }));
  return { values, ...tryProgram(written, check) };
}

/** The plan with baselines behind its runs; what is in it already is not added. */
export function withBaselines(plan: SweepPlan, words: readonly BaselineWord[], check: CheckProgram): SweepPlan {
  if (words.length === 0) return plan;
  const varied = plan.axes.some(isMethod);
  const axes = varied ? plan.axes : ['method', ...plan.axes];
  const runs = varied
    ? plan.runs
    : plan.runs.map((run) => ({ ...run, values: [{ axis: 'method', value: asWritten }, ...run.values] }));
  const tried = words.flatMap((word) => runs.map((run) => baselineOf(run, word, check)));
  const added = tried.flatMap((t) => ('model' in t ? [{ ...t, baseline: true }] : []));
  const skipped = tried.flatMap((t): SkippedRun[] => ('reason' in t ? [t] : []));
  const once = new Map(skipped.map((s) => [defined(JSON.stringify(s.values), 'text'), s]));
  return { axes, runs: named([...runs, ...added]), skipped: [...plan.skipped, ...once.values()] };
}
