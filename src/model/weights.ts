/** From checked rules to the stored weights of every layer: units, pools of pruned values, and rules as solved. */
import type { Report } from '../diagnostics/diagnostic.js';
import type { Weight } from '../methods/method.js';
import { maskedElements } from '../methods/parameters.js';
import { count } from '../support/units.js';
import { printRule } from '../syntax/print.js';
import { formatText, hasLearnedScales } from '../tensor/number-format.js';
import { type Shape, size } from '../tensor/shape.js';
import type { DefinedLayer } from './definitions.js';
import { bindDense } from './dense.js';
import { formatError } from './format-messages.js';
import { inFormat } from './formats.js';
import { hiddenUnits } from './hidden-units.js';
import { modelError } from './messages.js';
import { type Layer, type Pool, type ResolvedRule, tensorPath, type Unit, type WeightFormat } from './model.js';
import type { Claims } from './rules.js';
import { cellsOf } from './selectors.js';
import type { Solution, Task } from './task.js';
import { solveAll } from './together.js';
import { draftUnits, type UnitDraft } from './units.js';

/** What an index of 32 bits, as in C and in the engines, can address. */
const mostValues = 2 ** 31 - 1;

export interface StoredLayers {
  readonly layers: readonly Layer[];
  readonly pools: readonly Pool[];
  readonly rules: readonly ResolvedRule[];
}

/** Undefined when a rule does not fit a layer; every such pair has been reported. */
export function storeLayers(
  defined: readonly DefinedLayer[],
  claims: Claims,
  report: Report,
): StoredLayers | undefined {
  const columnwise = (rule: number | undefined): boolean =>
    rule === undefined || claims.rules[rule]!.small || claims.rules[rule]!.use.method.columnwise;
  const draftsOf = (layer: DefinedLayer) => draftUnits(layer, claims.of.get(layer.name), columnwise);
  const drafted = defined.map((layer): Drafted => ({ layer, drafts: draftsOf(layer) }));
  const units = new Map<UnitDraft, Unit>();
  const pools: Pool[] = [];
  for (const { layer, drafts } of drafted) {
    for (const draft of drafts) if (isDense(draft, claims)) units.set(draft, denseUnit(layer, draft, claims));
  }
  const tasksOf = tasksByRule(drafted, claims);
  for (const [index, rule] of claims.rules.entries()) {
    const tasks = rule.small ? [] : tasksOf[index]!;
    const own = solveAll(tasks, report).flatMap((solution, i) => {
      const task = tasks[i]!;
      if (solution === undefined || refusesGroups(task, solution, report)) return [];
      return storeSolution({ task, rule: index, solution }, units);
    });
    pools.push(...(rule.use.global ? asOne(own) : own));
  }
  if (drafted.some(({ drafts }) => drafts.some((draft) => !units.has(draft)))) return undefined;
  const layers = drafted.map(({ layer, drafts }) => {
    const stored = drafts.map((d) => units.get(d)!);
    return layerOf(layer, stored);
  });
  const sizes = layers.map((layer) => refuseTooLarge(layer, report));
  return sizes.includes(true) ? undefined : { layers, pools: inOrder(pools, layers), rules: rulesOf(claims, layers) };
}

interface Drafted {
  readonly layer: DefinedLayer;
  readonly drafts: readonly UnitDraft[];
}

const isDense = ({ rule }: UnitDraft, { rules }: Claims): boolean => rule === undefined || rules[rule]!.small;

/** What each rule stores, in the order of the layers; one look at every layer. */
function tasksByRule(drafted: readonly Drafted[], claims: Claims): readonly (readonly Task[])[] {
  const tasks = claims.rules.map((): Task[] => []);
  for (const { layer, drafts } of drafted) {
    const all = drafts.map(({ rule }) => rule);
    for (const [i, rule] of all.entries()) {
      if (rule === undefined || all.indexOf(rule) < i) continue;
      const members = drafts.filter((draft) => draft.rule === rule);
      const cells = members.reduce((sum, m) => sum + m.gates.length * m.blocks.length, 0);
      const whole = cells === cellsOf(layer).length;
      tasks[rule]!.push({ layer, rule: claims.rules[rule]!, drafts: members, whole });
    }
  }
  return tasks;
}

interface Solved {
  readonly task: Task;
  readonly rule: number;
  readonly solution: Solution;
}

/** The layer's pool, where it has one. */
function storeSolution({ task, rule, solution }: Solved, units: Map<UnitDraft, Unit>): readonly Pool[] {
  const { weights, why, block, elements, kept } = solution;
  const { format } = task.rule;
  const made = task.drafts.map((draft, i) => unitOf(draft, { weight: weights[i]!, why: why[i] ?? [], format }));
  for (const [i, draft] of task.drafts.entries()) units.set(draft, made[i]!);
  const tensors = made.flatMap(maskedTensors);
  return elements > 0 ? [{ layers: [task.layer.name], rule, tensors, block, elements, kept }] : [];
}

/** Groups of stored values exist when pruning ends, so that no training can have them. */
function refusesGroups({ rule, drafts }: Task, { elements }: Solution, report: Report): boolean {
  const { format } = rule;
  if (elements === 0 || format?.trained !== true) return false;
  if (format.format.kind !== 'integer' || format.format.per.kind !== 'group') return false;
  const call = rule.node.then[0] ?? rule.node.method;
  const hint = hasLearnedScales(format.format) ? 'write `per=row`' : 'write `train=no`, or `per=row`';
  const fill = { format: `\`${formatText(format.format)}\``, path: drafts[0]!.path, hint };
  report(formatError('group-of-pruned', call.span, fill));
  return true;
}

/** Pools of one rule under one ranking. */
function asOne(pools: readonly Pool[]): readonly Pool[] {
  const [first, ...others] = pools;
  if (first === undefined) return [];
  const joined = (one: Pool, other: Pool): Pool => ({
    ...one,
    layers: [...one.layers, ...other.layers],
    tensors: [...one.tensors, ...other.tensors],
    elements: one.elements + other.elements,
    kept: one.kept + other.kept,
  });
  return [others.reduce(joined, first)];
}

/** Pools in the order of their first layers. */
function inOrder(pools: readonly Pool[], layers: readonly Layer[]): readonly Pool[] {
  const place = new Map(layers.map(({ name }, i) => [name, i]));
  const of = ({ layers: [first] }: Pool): number => place.get(first!)!;
  return [...pools].sort((a, b) => of(a) - of(b));
}

const layerOf = ({ name, kind, span, inputs, shape, written }: DefinedLayer, units: readonly Unit[]): Layer => ({
  name,
  kind,
  span,
  inputs,
  shape,
  written,
  units,
});

function rulesOf({ rules }: Claims, layers: readonly Layer[]): readonly ResolvedRule[] {
  const stored = rules.map((): string[] => []);
  for (const { name, units } of layers)
    for (const { rule } of units) if (rule !== undefined && stored[rule]!.at(-1) !== name) stored[rule]!.push(name);
  return rules.map(({ node, use, small, formatOnly }, index) => ({
    text: printRule(node),
    span: node.span,
    method: small ? 'small' : formatOnly ? node.method.callee.text : use.method.name,
    layers: stored[index]!,
  }));
}

/** Whether a tensor of the layer is too large to be addressed: the first of them is reported. */
function refuseTooLarge({ name, span, shape, units }: Layer, report: Report): boolean {
  const refuses = (owner: string, tensors: Readonly<Record<string, { readonly shape: Shape }>>): boolean => {
    for (const tensor in tensors) {
      const values = size(tensors[tensor]!.shape);
      if (values <= mostValues) continue;
      const path = tensorPath(owner, tensor);
      report(modelError('too-large', span, { path, values: count(values), most: count(mostValues) }));
      return true;
    }
    return false;
  };
  return refuses(name, shape.tensors) || units.some(({ path, weight }) => refuses(path, weight.tensors));
}

interface Made {
  readonly weight: Weight;
  readonly why: readonly string[];
  readonly format: WeightFormat | undefined;
}

const unitOf = ({ path, gates, blocks, rule }: UnitDraft, { weight, why, format }: Made): Unit => ({
  path,
  gates,
  blocks,
  weight,
  rule,
  why,
  ...(format === undefined ? {} : { format }),
});

const maskedTensors = ({ path, weight }: Unit): readonly string[] =>
  maskedElements(weight) === 0
    ? []
    : Object.entries(weight.tensors).flatMap(([name, spec]) => (spec.masked ? [tensorPath(path, name)] : []));

/** What no rule selects, or `small` has made smaller. */
function denseUnit({ kind, span, shape, written }: DefinedLayer, draft: UnitDraft, { rules, weights }: Claims): Unit {
  const format = draft.rule === undefined ? undefined : rules[draft.rule]!.format;
  const dense = bindDense(draft.matrix, { layerKind: kind, path: draft.path, span });
  const weight = inFormat(dense, format?.format ?? weights);
  if (draft.rule === undefined || !rules[draft.rule]!.small) return unitOf(draft, { weight, why: [], format });
  const [before, after] = [hiddenUnits({ shape: written }), hiddenUnits({ shape })];
  const why = `${count(after)} hidden units in place of ${count(before)}, the most within the goal`;
  return unitOf(draft, { weight, why: [why], format });
}
