/**
 * Binds the weights that one rule selects in one layer, and solves what the rule leaves open: a goal gives the
 * largest setting (rank, rich rows, kept values) within its budget. A goal beside a complete method is a check.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { Dial, Weight } from '../methods/method.js';
import { blockOf, maskedElements } from '../methods/parameters.js';
import { count, keptOf, sparsityPercent } from '../support/units.js';
import { area, type Block, single } from '../tensor/blocks.js';
import { reportContradiction, reportUnreachable } from './contradiction.js';
import { noCost, poolCost, weightCost } from './cost.js';
import type { Goal } from './goals.js';
import { compressError } from './messages.js';
import { gateCount } from './selectors.js';
import { denseParameters, matrixOf, measureOf, type Solution, siteOf, type Task } from './task.js';

/** Agreement asked of a goal beside a complete method. */
const tolerance = 0.005;

/** The largest whole number from `least` to `most` that fits, or undefined when `least` does not. */
export function largest(least: number, most: number, fits: (setting: number) => boolean): number | undefined {
  if (least > most || !fits(least)) return undefined;
  let low = least;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Undefined when an error was reported. */
export function solve(task: Task, report: Report): Solution | undefined {
  const { use, goal } = task.rule;
  if (reportsSubset(task, report)) return undefined;
  if (!use.complete && !use.method.sparse && use.dial !== undefined && goal !== undefined)
    return solveDials(task, goal, report);
  const weights = bindAll(task, report);
  if (weights === undefined) return undefined;
  const elements = weights.reduce((sum, w) => sum + maskedElements(w), 0);
  if (use.sparsity !== undefined || elements === 0) {
    const block = sharedBlock(weights);
    const kept = keptOf(use.sparsity ?? 1, elements, area(block));
    if (use.sparsity !== undefined && kept === 0) return reportNothingKept(task, { block, elements }, report);
    const solution = { weights, block, elements, kept };
    return goal === undefined || agrees(task, goal, solution, report) ? solution : undefined;
  }
  if (goal !== undefined) return solveKept(task, goal, weights, report);
  const { callee, span } = use.call;
  report(compressError('open-argument', span, { method: callee.text, argument: 'sparsity' }));
  return undefined;
}

/** What the weights of a rule are pruned in: one argument says it for all. */
const sharedBlock = (weights: readonly Weight[]): Block => (weights[0] === undefined ? single : blockOf(weights[0]));

function reportNothingKept(
  { layer, rule }: Task,
  { block, elements }: Pick<Solution, 'block' | 'elements'>,
  report: Report,
): undefined {
  const sparsity = `${Number(((rule.use.sparsity ?? 0) * 100).toFixed(10))}%`;
  const fill = {
    sparsity,
    elements: count(elements),
    layer: layer.name,
    most: sparsityPercent(area(block), elements, area(block)),
  };
  report(compressError('nothing-kept', rule.use.sparsitySpan, fill));
}

/** `layout=stacked` where only some gates are selected. */
function reportsSubset({ rule, layer, drafts }: Task, report: Report): boolean {
  const all = layer.shape.family === undefined ? 1 : gateCount(layer.shape.family);
  const subset = rule.use.stacked ? drafts.find(({ gates }) => gates.length < all) : undefined;
  if (subset === undefined) return false;
  report(compressError('stacked-subset', rule.use.call.span, { path: subset.path, layer: layer.name }));
  return true;
}

function bindAll(task: Task, report: Report): readonly Weight[] | undefined {
  const weights = task.drafts.flatMap(
    (draft) => task.rule.use.bind(matrixOf(task, draft), siteOf(task, draft), report) ?? [],
  );
  return weights.length === task.drafts.length ? weights : undefined;
}

/** The kept count of a sparse method. */
function solveKept(task: Task, goal: Goal, weights: readonly Weight[], report: Report): Solution | undefined {
  const measure = measureOf(task, goal);
  const elements = weights.reduce((sum, w) => sum + maskedElements(w), 0);
  const at = (kept: number): number => measure.of(poolCost(weights, kept));
  const block = sharedBlock(weights);
  const values = area(block);
  const blocks = largest(1, elements / values, (k) => at(k * values) <= measure.budget);
  if (blocks !== undefined) return { weights, block, elements, kept: blocks * values };
  reportUnreachable({ task, goal, measure, smallest: at(values), largest: at(elements) }, report);
  return undefined;
}

/** The dial of a structured method: every unit gets its share of the budget, in proportion to its size. */
function solveDials(task: Task, goal: Goal, report: Report): Solution | undefined {
  const { drafts, rule } = task;
  const dials = drafts.flatMap((draft) => rule.use.dial?.(matrixOf(task, draft), siteOf(task, draft), report) ?? []);
  if (dials.length < drafts.length) return undefined;
  const measure = measureOf(task, goal);
  const measured = (settings: (dial: Dial, i: number) => number): number =>
    measure.of(
      poolCost(
        dials.map((dial, i) => dial.at(settings(dial, i))),
        0,
      ),
    );
  const fixed = measure.of(noCost);
  const dense = drafts.reduce((sum, draft) => sum + denseParameters(draft), 0);
  const settings = dials.map((dial, i) => {
    const share = ((measure.budget - fixed) * denseParameters(drafts[i]!)) / dense;
    return largest(dial.least, dial.most, (s) => measure.of(weightCost(dial.at(s), 0)) - fixed <= share);
  });
  const weights = dials.flatMap((dial, i) => (settings[i] === undefined ? [] : dial.at(settings[i])));
  const atEnd = dials.every((dial, i) => settings[i] === dial.most);
  const far =
    goal.kind !== 'bytes' && measure.before / measure.of(poolCost(weights, 0)) > goal.amount * (1 + tolerance);
  if (weights.length === dials.length && !(atEnd && far)) return { weights, block: single, elements: 0, kept: 0 };
  const [smallest, most] = [measured((dial) => dial.least), measured((dial) => dial.most)];
  reportUnreachable({ task, goal, measure, smallest, largest: most }, report);
  return undefined;
}

/** Whether a complete method gives what the goal beside it says. */
function agrees(task: Task, goal: Goal, { weights, block, elements, kept }: Solution, report: Report): boolean {
  const measure = measureOf(task, goal);
  const at = (k: number): number => measure.of(poolCost(weights, k));
  const achieved = goal.kind === 'bytes' ? at(kept) : measure.before / at(kept);
  if (Math.abs(achieved - goal.amount) <= tolerance * goal.amount) return true;
  const values = area(block);
  const blocks = elements === 0 ? undefined : largest(1, elements / values, (k) => at(k * values) <= measure.budget);
  const right = blocks === undefined ? undefined : blocks * values;
  reportContradiction({ task, goal, achieved, block, elements, right }, report);
  return false;
}
