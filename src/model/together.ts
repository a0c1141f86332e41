/**
 * A goal that several layers share, `to 25x together`: every layer gets the same factor, and the largest takes what
 * rounding and whole settings have left of the budget. Each layer is solved as if its share were its own goal.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import { reportTogether } from './contradiction.js';
import { addCosts, poolCost } from './cost.js';
import type { Goal } from './goals.js';
import { budgetsOf, measureBetween } from './measure.js';
import { solve, solveGlobal } from './solve.js';
import { tolerance } from './solve-dials.js';
import { measureOf, type Solution, type Task, writtenCost } from './task.js';

/** The solutions of a rule in each of its layers, in order; undefined where an error was reported. */
export function solveAll(tasks: readonly Task[], report: Report): readonly (Solution | undefined)[] {
  if (tasks[0]?.rule.use.global === true) return solveGlobal(tasks, report) ?? tasks.map(() => undefined);
  const goal = tasks[0]?.rule.goal;
  if (goal === undefined || !goal.together) return tasks.map((task) => solve(task, report));
  return solveShared(tasks, goal, report);
}

/** What a goal measures of a solution, biases included where its task is the whole layer. */
const used = (task: Task, goal: Goal, { weights, kept }: Solution): number =>
  measureOf([task], goal).of(poolCost(weights, kept));

function solveShared(tasks: readonly Task[], goal: Goal, report: Report): readonly (Solution | undefined)[] {
  const before = tasks.map(writtenCost);
  const { budgets, total, largest } = budgetsOf(goal, before);
  const solved = tasks.map((task, i) => (i === largest ? undefined : solve({ ...task, budget: budgets[i]! }, report)));
  const spent = tasks.reduce((sum, task, i) => {
    const solution = solved[i];
    return sum + (solution === undefined ? 0 : used(task, goal, solution));
  }, 0);
  const failed = solved.some((solution, i) => i !== largest && solution === undefined);
  const budget = failed ? budgets[largest]! : total - spent;
  const all = solved.map((s, i) => (i === largest ? solve({ ...tasks[i]!, budget }, report) : s));
  const whole = all.flatMap((s) => s ?? []);
  if (whole.length < all.length) return all;
  const after = tasks.reduce((sum, task, i) => sum + used(task, goal, whole[i]!), 0);
  const measure = measureBetween(goal, addCosts(before), total);
  const achieved = goal.kind === 'bytes' ? after : measure.before / after;
  const agrees = Math.abs(achieved - goal.amount) <= tolerance * goal.amount;
  // A solved goal may be exceeded by what a count rounds; a complete method is held to it.
  if (agrees || (after <= total && !tasks[0]!.rule.use.complete)) return all;
  reportTogether(tasks[0]!.rule, goal, achieved, report);
  return all.map(() => undefined);
}
