/** From checked rules to the stored weights of every layer: units, pools of pruned values, and rules as solved. */
import type { Report } from '../diagnostics/diagnostic.js';
import { maskedElements } from '../methods/parameters.js';
import { count } from '../support/units.js';
import { printRule } from '../syntax/print.js';
import { type Shape, size } from '../tensor/shape.js';
import type { DefinedLayer } from './definitions.js';
import { bindDense } from './dense.js';
import { modelError } from './messages.js';
import { type Layer, type Pool, type ResolvedRule, tensorPath, type Unit } from './model.js';
import type { Claims } from './rules.js';
import { cellsOf } from './selectors.js';
import { solve } from './solve.js';
import type { Task } from './task.js';
import { draftUnits, type UnitDraft } from './units.js';

/** What an index of 32 bits, as in C and in the engines, can address. */
const mostValues = 2 ** 31 - 1;

export interface StoredLayers {
  readonly layers: readonly Layer[];
  readonly pools: readonly Pool[];
  readonly rules: readonly ResolvedRule[];
}

interface StoredLayer {
  readonly layer: Layer;
  readonly pools: readonly Pool[];
}

/** Undefined when a rule does not fit a layer; every such pair has been reported. */
export function storeLayers(
  defined: readonly DefinedLayer[],
  claims: Claims,
  report: Report,
): StoredLayers | undefined {
  const stored = defined.map((layer) => storeLayer(layer, claims, report));
  const whole = stored.flatMap((s) => s ?? []);
  if (whole.length < stored.length) return undefined;
  const layers = whole.map((s) => s.layer);
  const sizes = layers.map((layer) => refuseTooLarge(layer, report));
  if (sizes.includes(true)) return undefined;
  const rules = claims.rules.map(({ node, use }, index) => ({
    text: printRule(node),
    span: node.span,
    method: use.method.name,
    layers: layers.filter((l) => l.units.some((u) => u.rule === index)).map((l) => l.name),
  }));
  return { layers, pools: whole.flatMap((s) => s.pools), rules };
}

/** Whether a tensor of the layer is too large to be addressed: the first of them is reported. */
function refuseTooLarge({ name, span, shape, units }: Layer, report: Report): boolean {
  const stored = units.flatMap(({ path, weight }) => named(path, weight.tensors));
  const large = [...named(name, shape.tensors), ...stored].find(({ values }) => values > mostValues);
  if (large === undefined) return false;
  const { path, values } = large;
  report(modelError('too-large', span, { path, values: count(values), most: count(mostValues) }));
  return true;
}

const named = (path: string, tensors: Readonly<Record<string, { readonly shape: Shape }>>) =>
  Object.entries(tensors).map(([name, { shape }]) => ({ path: tensorPath(path, name), values: size(shape) }));

function storeLayer(layer: DefinedLayer, claims: Claims, report: Report): StoredLayer | undefined {
  const drafts = draftUnits(layer, claims.of.get(layer.name));
  const units = new Map<UnitDraft, Unit>();
  const pools: Pool[] = [];
  for (const rule of new Set(drafts.map((draft) => draft.rule))) {
    const members = drafts.filter((draft) => draft.rule === rule);
    if (rule === undefined) {
      for (const draft of members) units.set(draft, unitOf(draft, denseWeight(layer, draft)));
      continue;
    }
    const cells = members.reduce((sum, m) => sum + m.gates.length * m.blocks.length, 0);
    const whole = cells === cellsOf(layer).length;
    const task: Task = { layer, rule: claims.rules[rule]!, drafts: members, whole };
    const solution = solve(task, report);
    if (solution === undefined) continue;
    const made = members.map((draft, i) => unitOf(draft, solution.weights[i]!));
    for (const [i, draft] of members.entries()) units.set(draft, made[i]!);
    const { block, elements, kept } = solution;
    const tensors = made.flatMap(maskedTensors);
    if (elements > 0) pools.push({ layer: layer.name, rule, tensors, block, elements, kept });
  }
  if (units.size < drafts.length) return undefined;
  const { name, kind, span, inputs, shape } = layer;
  return { layer: { name, kind, span, inputs, shape, units: drafts.map((d) => units.get(d)!) }, pools };
}

const unitOf = ({ path, gates, blocks, rule }: UnitDraft, weight: Unit['weight']): Unit => ({
  path,
  gates,
  blocks,
  weight,
  rule,
});

const maskedTensors = ({ path, weight }: Unit): readonly string[] =>
  maskedElements(weight) === 0
    ? []
    : Object.entries(weight.tensors).flatMap(([name, spec]) => (spec.masked ? [tensorPath(path, name)] : []));

const denseWeight = ({ kind, span }: DefinedLayer, { matrix, path }: UnitDraft): Unit['weight'] =>
  bindDense(matrix, { layerKind: kind, path, span });
