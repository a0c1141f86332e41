/**
 * What a goal measures, and how much of it is allowed: `25x` of parameters, `2x macs`, `400 KB`. A shared goal
 * (`together`) is one budget: every layer gets the same factor, and the largest what rounding leaves. Solves nothing.
 */
import { addCosts, type Cost } from './cost.js';
import type { Goal } from './goals.js';

/** What a goal measures: a setting is within the goal when `of` its cost is at most `budget`. */
export interface Measure {
  /** Of the weights as the program writes them, dense. */
  readonly before: number;
  readonly budget: number;
  readonly of: (cost: Cost) => number;
}

/** The figure of a cost that a goal is about. */
export const measured = (goal: Goal, cost: Cost): number => cost[goal.kind];

/** Reached or exceeded: the whole part of before / factor, or the bytes as given. */
export function budgetOf(goal: Goal, before: Cost): number {
  if (goal.kind === 'bytes') return goal.amount;
  // Without the last term a goal such as 10/3x could lose one value to rounding in binary.
  return Math.floor((measured(goal, before) / goal.amount) * (1 + 1e-12));
}

export const measureBetween = (goal: Goal, before: Cost, budget: number): Measure => ({
  before: measured(goal, before),
  budget,
  of: (cost) => measured(goal, cost),
});

export interface Budgets {
  /** For each of the costs, by itself or as its share. */
  readonly budgets: readonly number[];
  /** Of all, where they share one goal. */
  readonly total: number;
  /** Index of the largest cost, the first of equals. */
  readonly largest: number;
}

/** A budget for each layer of a rule, from what each costs before. */
export function budgetsOf(goal: Goal, before: readonly Cost[]): Budgets {
  const sizes = before.map((cost) => measured(goal, cost));
  const largest = sizes.indexOf(Math.max(...sizes));
  const all = addCosts(before);
  const total = budgetOf(goal, all);
  const share = (size: number): number => Math.floor((total * size) / Math.max(measured(goal, all), 1));
  const budgets = goal.together ? sizes.map(share) : before.map((cost) => budgetOf(goal, cost));
  return { budgets, total, largest };
}
