/**
 * Binds the weights that one rule selects in one layer, and solves what the rule leaves open: a goal gives the
 * largest setting (rank, rich rows, kept values) within its budget. A goal beside a complete method is a check.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { Weight } from '../methods/method.js';
import { methods } from '../methods/methods.js';
import { blockOf, maskedElements } from '../methods/parameters.js';
import { count, keptOf, sparsityPercent } from '../support/units.js';
import { area, type Block, single } from '../tensor/blocks.js';
import { reportContradiction, reportUnreachable } from './contradiction.js';
import { poolCost } from './cost.js';
import { type Goal, goalText } from './goals.js';
import { compressError } from './messages.js';
import { rightArguments } from './right-arguments.js';
import { largest } from './search.js';
import { gateCount } from './selectors.js';
import { solveDials, tolerance } from './solve-dials.js';
import { matrixOf, measureOf, type Solution, siteOf, type Task } from './task.js';
import { toldOnce } from './told-once.js';

/** Undefined when an error was reported. */
export function solve(task: Task, all: Report): Solution | undefined {
  const { use, goal } = task.rule;
  const report = toldOnce(all, task.drafts);
  if (reportsSubset(task, report) || reportsTable(task, report)) return undefined;
  if (!use.complete && !use.method.sparse && use.dial !== undefined && goal !== undefined)
    return solveDials(task, goal, all);
  const weights = bindAll(task, all);
  if (weights === undefined) return undefined;
  const elements = weights.reduce((sum, w) => sum + maskedElements(w), 0);
  const why = weights.map(({ chosen }) => (chosen === undefined ? [] : [chosen]));
  const block = sharedBlock(weights);
  if (use.sparsity !== undefined || elements === 0) {
    const kept = keptOf(use.sparsity ?? 1, elements, area(block));
    if (use.sparsity !== undefined && kept === 0) return reportNothingKept(task, { block, elements }, report);
    const solution = { weights, block, elements, kept, why };
    return goal === undefined || goal.together || agrees(task, goal, solution, report) ? solution : undefined;
  }
  if (goal !== undefined) return solveKept(task, goal, { weights, block, elements, why }, report);
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
  const { apart, gates = [] } = layer.shape.family ?? {};
  if (apart?.kind === 'gates') {
    const reason = `the gates ${gates.join(', ')} of \`${layer.name}\` read different vectors`;
    const hint = 'leave `layout=stacked` out, or write `reset_after=yes` in the layer';
    report(compressError('stacked-apart', rule.use.call.span, { reason, hint }));
    return true;
  }
  if (apart?.kind === 'blocks' && subset.blocks.length > 1) {
    const reason = `gate ${gates[apart.gate]} of \`${layer.name}\` needs the shares of input and state apart`;
    const hint = `leave \`layout=stacked\` out, or select \`${layer.name}.input, ${layer.name}.recurrent\``;
    report(compressError('stacked-apart', rule.use.call.span, { reason, hint }));
    return true;
  }
  report(compressError('stacked-subset', rule.use.call.span, { path: subset.path, layer: layer.name }));
  return true;
}

/** What cannot be done to a table whose rows are looked up. */
function reportsTable({ rule, layer }: Task, report: Report): boolean {
  const { use, goal, node } = rule;
  if (layer.shape.family?.lookup !== true) return false;
  if (!use.method.looksUp) {
    const others = methods.filter((m) => m.looksUp).map((m) => `\`${m.name}\``);
    const fill = { method: use.call.callee.text, layer: layer.name, methods: others.join(', ') };
    report(compressError('no-lookup', node.method.callee.span, fill));
  } else if (goal?.kind === 'macs') {
    report(compressError('table-macs', node.goal?.span ?? node.span, { goal: goalText(goal), layer: layer.name }));
  } else return false;
  return true;
}

function bindAll(task: Task, report: Report): readonly Weight[] | undefined {
  const weights = task.drafts.flatMap(
    (draft) => task.rule.use.bind(matrixOf(task, draft), siteOf(task, draft), toldOnce(report, [draft])) ?? [],
  );
  return weights.length === task.drafts.length ? weights : undefined;
}

/** The kept count of a sparse method. */
function solveKept(task: Task, goal: Goal, open: Omit<Solution, 'kept'>, report: Report): Solution | undefined {
  const { weights, block, elements } = open;
  const measure = measureOf(task, goal);
  const at = (kept: number): number => measure.of(poolCost(weights, kept));
  const values = area(block);
  const blocks = largest(1, elements / values, (k) => at(k * values) <= measure.budget);
  if (blocks !== undefined) {
    const kept = blocks * values;
    const reason = `${count(kept)} of ${count(elements)} values kept: the most within ${goalText(goal)}`;
    return { ...open, kept, why: open.why.map((lines, i) => (i === 0 ? [...lines, reason] : lines)) };
  }
  const { rule, layer } = task;
  reportUnreachable({ rule, layer: layer.name, goal, measure, smallest: at(values), largest: at(elements) }, report);
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
  const argumentsToo = elements === 0 ? rightArguments(task, goal) : undefined;
  reportContradiction({ task, goal, achieved, block, elements, right, rightArguments: argumentsToo }, report);
  return false;
}
