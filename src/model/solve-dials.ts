/**
 * Solves the open argument of a structured method: every weight that the rule selects in the layer gets its share of
 * the budget, in proportion to its size, and the largest setting within it. Says why it is that setting.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { Dial, Weight } from '../methods/method.js';
import { defined } from '../support/assert.js';
import { count } from '../support/units.js';
import { single } from '../tensor/blocks.js';
import { reportUnreachable } from './contradiction.js';
import { noCost, poolCost, weightCost } from './cost.js';
import { type Goal, goalText, unitOf } from './goals.js';
import type { Measure } from './measure.js';
import { largest, largestOfAny } from './search.js';
import { denseParameters, matrixOf, measureOf, type Solution, siteOf, type Task } from './task.js';
import { toldOnce } from './told-once.js';
import type { UnitDraft } from './units.js';

/** Agreement asked of a goal beside a complete method, and of a dial at its end. */
export const tolerance = 0.005;

/** The dials of a task and what a goal measures of them. */
interface Dialling {
  readonly dials: readonly Dial[];
  readonly goal: Goal;
  readonly measure: Measure;
  /** Indices of dials with one setting. */
  readonly groups: readonly (readonly number[])[];
}

const weightsAt = ({ dials }: Dialling, settings: readonly number[]): readonly Weight[] =>
  dials.map((dial, i) => dial.at(defined(settings[i], 'a setting')));

const measuredAt = (dialling: Dialling, settings: readonly number[]): number =>
  dialling.measure.of(poolCost(weightsAt(dialling, settings), 0));

/**
 * Matrices of one shape have one setting, all gates of a layer above all, though one of them may be applied more often
 * and so cost more multiply-adds. Indices of the dials, the group of most parameters first.
 */
function groupsOf(drafts: readonly UnitDraft[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [i, { matrix }] of drafts.entries()) {
    const key = `${matrix.gates} ${matrix.shape.join('x')}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const size = (group: readonly number[]): number => group.reduce((sum, i) => sum + denseParameters(drafts[i]!), 0);
  return [...groups.values()].sort((a, b) => size(b) - size(a));
}

/** The largest setting of a group with which what is measured stays within `budget`; the others as they are. */
function largestSetting(
  dialling: Dialling,
  settings: readonly number[],
  group: readonly number[],
  budget: number,
): number | undefined {
  // Parameters grow with the setting; multiply-adds and bytes need not.
  const search = dialling.goal.kind === 'parameters' ? largest : largestOfAny;
  const { least, most } = dialling.dials[group[0]!]!;
  const others = settings.map((_, i) => i).filter((i) => !group.includes(i) && settings[i] !== undefined);
  const rest = others.reduce((sum, i) => sum + costAt(dialling, i, settings[i]!), 0);
  const fits = (setting: number): boolean =>
    rest + group.reduce((sum, i) => sum + costAt(dialling, i, setting), 0) <= budget;
  return search(least, most, fits);
}

/** What one dial adds to what is measured. */
const costAt = ({ dials, measure }: Dialling, i: number, setting: number): number =>
  measure.of(weightCost(dials[i]!.at(setting), 0)) - measure.of(noCost);

/** A setting for every dial: each group its share of the budget, and what rounding leaves to the largest. */
function settingsWithin(dialling: Dialling, drafts: readonly UnitDraft[]): readonly number[] | undefined {
  const { dials, measure, groups } = dialling;
  const budget = measure.budget - measure.of(noCost);
  const dense = (of: readonly number[]): number => of.reduce((sum, i) => sum + denseParameters(drafts[i]!), 0);
  const all = dense(dials.map((_, i) => i));
  const settings: number[] = [];
  for (const group of groups) {
    const own = largestSetting(dialling, [], group, (budget * dense(group)) / all);
    if (own === undefined) return undefined;
    for (const i of group) settings[i] = own;
  }
  for (const group of groups) {
    const own = largestSetting(dialling, settings, group, budget) ?? settings[group[0]!]!;
    for (const i of group) settings[i] = own;
  }
  return settings;
}

const argumentsText = (weight: Weight, other: Weight): string =>
  weight.arguments
    .filter(({ name, value }) => other.arguments.find((a) => a.name === name)?.value !== value)
    .map(({ name, value }) => `${name}=${value}`)
    .join(', ');

/** `j=102 is the most within 5x: j=103 would give 4.98x`, for one of the dials. */
function reason(dialling: Dialling, settings: readonly number[], index: number): string {
  const { dials, goal, measure, groups } = dialling;
  const { most, at, among } = dials[index]!;
  const setting = settings[index]!;
  const choice = among === undefined ? '' : `; ${among}`;
  const text = (weight: Weight, other: Weight): string => argumentsText(weight, other) || weight.method;
  if (setting === most) return `the most that the method can store, within ${goalText(goal)}${choice}`;
  const group = defined(
    groups.find((of) => of.includes(index)),
    'the group of a dial',
  );
  const next = settings.map((s, i) => (group.includes(i) ? s + 1 : s));
  const found = measuredAt(dialling, next);
  const gives = `${Number((measure.before / found).toPrecision(5))}x${unitOf(goal)}`;
  const would = goal.kind === 'bytes' ? `take ${count(found)} bytes` : `give ${gives}`;
  const [mine, others] = [at(setting), at(setting + 1)];
  return `${text(mine, others)} is the most within ${goalText(goal)}: ${text(others, mine)} would ${would}${choice}`;
}

/** The settings that may be the least or the most of what a goal measures, the cheapest first. */
function cheapestFirst({ goal, measure }: Dialling, { least, most, at }: Dial): readonly number[] {
  if (goal.kind === 'parameters') return [least, most];
  const costs = Array.from({ length: most - least + 1 }, (_, i) => ({
    setting: least + i,
    cost: measure.of(weightCost(at(least + i), 0)),
  }));
  return costs.sort((x, y) => x.cost - y.cost).map(({ setting }) => setting);
}

/** Undefined when an error was reported. */
export function solveDials(task: Task, goal: Goal, report: Report): Solution | undefined {
  const { drafts, rule, layer } = task;
  const dials = drafts.flatMap(
    (draft) => rule.use.dial?.(matrixOf(task, draft), siteOf(task, draft), toldOnce(report, [draft])) ?? [],
  );
  if (dials.length < drafts.length) return undefined;
  const measure = measureOf([task], goal);
  const dialling = { dials, goal, measure, groups: groupsOf(drafts) };
  const settings = settingsWithin(dialling, drafts);
  if (settings !== undefined) {
    const atEnd = dials.every((dial, i) => settings[i] === dial.most);
    const asked = goal.kind === 'bytes' ? 0 : measuredAt(dialling, settings) * goal.amount * (1 + tolerance);
    const beyond = atEnd && task.budget === undefined && goal.kind !== 'bytes' && measure.before > asked;
    const why = dials.map((_, i) => [reason(dialling, settings, i)]);
    if (!beyond) return { weights: weightsAt(dialling, settings), block: single, elements: 0, kept: 0, why };
  }
  const ends = dials.map((dial) => cheapestFirst(dialling, dial));
  const bound = (at: number): number =>
    measuredAt(
      dialling,
      ends.map((settings) => defined(settings.at(at), 'an end')),
    );
  const bounds = { smallest: bound(0), largest: bound(-1) };
  reportUnreachable({ rule, layer: layer.name, goal, measure, ...bounds }, toldOnce(report, drafts));
  return undefined;
}
