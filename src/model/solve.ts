/**
 * Binds the weights that one rule selects in one layer, and solves what the rule leaves open: a goal gives the
 * largest setting (rank, rich rows, kept values) within its budget. A goal beside a complete method is a check.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import { methods } from '../methods/methods.js';
import { listedWords } from '../support/listed.js';
import { bytes } from '../support/units.js';
import { formatText, isFloat32 } from '../tensor/number-format.js';
import { goalText } from './goals.js';
import { compressError } from './messages.js';
import { gateCount } from './selectors.js';
import { solveDials } from './solve-dials.js';
import { type Bound, solveKept } from './solve-kept.js';
import { matrixOf, type Solution, siteOf, type Task, writtenCostIn } from './task.js';
import { toldOnce } from './told-once.js';

/** Undefined when an error was reported. */
export function solve(task: Task, all: Report): Solution | undefined {
  const { use, goal } = task.rule;
  const report = toldOnce(all, task.drafts);
  if (reportsSubset(task, report) || reportsTable(task, report) || reportsRoom(task, report)) return undefined;
  if (!use.complete && !use.method.sparse && use.dial !== undefined && goal !== undefined)
    return solveDials(task, goal, all);
  const bound = bindAll(task, all);
  return bound && solveKept([bound], report)?.[0];
}

/** All layers of a rule with `ranking=global`; undefined when an error was reported. */
export function solveGlobal(tasks: readonly Task[], report: Report): readonly Solution[] | undefined {
  const bounds = tasks.map((task) =>
    reportsSubset(task, report) || reportsTable(task, report) ? undefined : bindAll(task, report),
  );
  const whole = bounds.flatMap((bound) => bound ?? []);
  return whole.length < tasks.length ? undefined : solveKept(whole, report);
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
    const others = methods.filter((m) => m.looksUp).map((m) => m.name);
    const fill = { method: use.call.callee.text, layer: layer.name, methods: listedWords(others) };
    report(compressError('no-lookup', node.method.callee.span, fill));
  } else if (goal?.kind === 'macs') {
    report(compressError('table-macs', node.goal?.span ?? node.span, { goal: goalText(goal), layer: layer.name }));
  } else return false;
  return true;
}

/** A size that the dense matrix has already: nothing is left for the method to do, and it may store more. */
function reportsRoom(task: Task, report: Report): boolean {
  const { rule, layer, budget } = task;
  const { goal, use, stored, small } = rule;
  if (goal?.kind !== 'bytes' || use.complete || small) return false;
  const dense = writtenCostIn(task, stored).bytes;
  if (dense > (budget ?? goal.amount)) return false;
  const [format, alone] = isFloat32(stored) ? ['', 'leave the method out'] : [formatText(stored), formatText(stored)];
  const fill = {
    layer: layer.name,
    dense: bytes(dense),
    goal: goalText(goal),
    format: format === '' ? '' : ` in ${format}`,
    instead: format === '' ? alone : `write \`${layer.name}: ${alone}\``,
  };
  report(compressError('goal-above-dense', goal.span, fill));
  return true;
}

function bindAll(task: Task, report: Report): Bound | undefined {
  const weights = task.drafts.flatMap(
    (draft) => task.rule.use.bind(matrixOf(task, draft), siteOf(task, draft), toldOnce(report, [draft])) ?? [],
  );
  return weights.length === task.drafts.length ? { task, weights } : undefined;
}
