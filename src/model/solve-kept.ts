/**
 * Solves how many values a ranking keeps: those of one layer, or with `ranking=global` of all layers of the rule. A
 * sparsity says it, or a goal gives the most within its budget. Which values stay is decided by the weights, later.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { Weight } from '../methods/method.js';
import { blockOf, maskedElements } from '../methods/parameters.js';
import { listedBetween } from '../support/listed.js';
import { count, keptOf, sparsityPercent } from '../support/units.js';
import { area, type Block, single } from '../tensor/blocks.js';
import { reportContradiction, reportUnreachable } from './contradiction.js';
import { poolCost, shares } from './cost.js';
import { type Goal, goalText } from './goals.js';
import { compressError } from './messages.js';
import { rightArguments } from './right-arguments.js';
import { largest } from './search.js';
import { tolerance } from './solve-dials.js';
import { measureOf, type Solution, type Task } from './task.js';

/** A task with its weights, in the order of its drafts. */
export interface Bound {
  readonly task: Task;
  readonly weights: readonly Weight[];
}

/** Tasks of one rule whose values are ranked as one. */
interface Ranking {
  readonly tasks: readonly Task[];
  readonly weights: readonly Weight[];
  /** One argument of the rule says it for all: blocks of a ranking are of one size. */
  readonly block: Block;
  readonly elements: number;
}

/** A solution for each task, with its share of the count until training; undefined when an error was reported. */
export function solveKept(bounds: readonly Bound[], report: Report): readonly Solution[] | undefined {
  const weights = bounds.flatMap((bound) => bound.weights);
  const elements = weights.reduce((sum, weight) => sum + maskedElements(weight), 0);
  const block = weights[0] === undefined ? single : blockOf(weights[0]);
  const ranking = { tasks: bounds.map(({ task }) => task), weights, block, elements };
  const { use, goal } = ranking.tasks[0]!.rule;
  if (use.sparsity === undefined && elements > 0) {
    if (goal !== undefined) return solveGoal(bounds, ranking, goal, report);
    const { callee, span } = use.call;
    report(compressError('open-argument', span, { method: callee.text, argument: 'sparsity' }));
    return undefined;
  }
  const kept = keptOf(use.sparsity ?? 1, elements, area(block));
  if (use.sparsity !== undefined && kept === 0) return reportNothingKept(ranking, report);
  // What several rankings have together is checked when all are solved.
  const checked = goal !== undefined && (use.global || !goal.together);
  return checked && !agrees(ranking, goal, kept, report) ? undefined : divide(bounds, block, kept);
}

/** Every weight has its share of the count, in proportion to its elements. */
function divide(bounds: readonly Bound[], block: Block, kept: number): readonly Solution[] {
  const elementsOf = bounds.map(({ weights }) => weights.map(maskedElements));
  const parts = shares(kept, elementsOf.flat(), area(block));
  let first = 0;
  return bounds.map(({ weights }, i) => {
    const own = parts.slice(first, first + weights.length);
    first += weights.length;
    const why = weights.map(({ chosen }) => (chosen === undefined ? [] : [chosen]));
    return { weights, block, elements: sum(elementsOf[i]!), kept: sum(own), why };
  });
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** As messages quote them: the names between the first and the last quote. */
const namesOf = ({ tasks }: Ranking): string => listedBetween(tasks.map(({ layer }) => layer.name));

function reportNothingKept(ranking: Ranking, report: Report): undefined {
  const { tasks, block, elements } = ranking;
  const { use } = tasks[0]!.rule;
  const fill = {
    sparsity: `${Number(((use.sparsity ?? 0) * 100).toFixed(10))}%`,
    elements: count(elements),
    layer: namesOf(ranking),
    most: sparsityPercent(area(block), elements, area(block)),
  };
  report(compressError('nothing-kept', use.sparsitySpan, fill));
}

/** The most values within a goal. */
function solveGoal(
  bounds: readonly Bound[],
  ranking: Ranking,
  goal: Goal,
  report: Report,
): readonly Solution[] | undefined {
  const { tasks, weights, block, elements } = ranking;
  const measure = measureOf(tasks, goal);
  const at = (kept: number): number => measure.of(poolCost(weights, kept));
  const values = area(block);
  const blocks = largest(1, elements / values, (k) => at(k * values) <= measure.budget);
  if (blocks !== undefined) {
    const kept = blocks * values;
    const reason = `${count(kept)} of ${count(elements)} values kept: the most within ${goalText(goal)}`;
    const [head, ...others] = divide(bounds, block, kept);
    return [{ ...head!, why: head!.why.map((lines, i) => (i === 0 ? [...lines, reason] : lines)) }, ...others];
  }
  const bounding = { smallest: at(values), largest: at(elements) };
  reportUnreachable({ rule: tasks[0]!.rule, layer: namesOf(ranking), goal, measure, ...bounding }, report);
  return undefined;
}

/** Whether a complete method gives what the goal beside it says. */
function agrees({ tasks, weights, block, elements }: Ranking, goal: Goal, kept: number, report: Report): boolean {
  const task = tasks[0]!;
  const measure = measureOf(tasks, goal);
  const at = (k: number): number => measure.of(poolCost(weights, k));
  const achieved = goal.kind === 'bytes' ? at(kept) : measure.before / at(kept);
  if (Math.abs(achieved - goal.amount) <= tolerance * goal.amount) return true;
  const values = area(block);
  const blocks = elements === 0 ? undefined : largest(1, elements / values, (k) => at(k * values) <= measure.budget);
  const right = blocks === undefined ? undefined : blocks * values;
  const argumentsToo = elements === 0 ? rightArguments(task, goal) : undefined;
  reportContradiction({ task, goal, achieved, block, elements, right, rightArguments: argumentsToo }, report);
  return false;
}
