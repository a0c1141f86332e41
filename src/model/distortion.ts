/**
 * Occasional weight distortion (Lee et al. 2018): `distort = distort(lmf, every=500 steps)`. The weights of the rules
 * it is about are trained as dense matrices, and now and then replaced by what their methods make of them. Reads the
 * setting, and says what such a program trains in place of its own weights. Projects nothing.
 */
import { readArguments } from '../arguments/read.js';
import { named, optional, period, type Schema, word } from '../arguments/schema.js';
import type { Weight } from '../methods/method.js';
import { methods } from '../methods/methods.js';
import { listedWords } from '../support/listed.js';
import type { Call, Expression } from '../syntax/ast.js';
import { hasLearnedScales } from '../tensor/number-format.js';
import type { Checking } from './checking.js';
import { bindDense } from './dense.js';
import {
  type Distortion,
  type Layer,
  type Model,
  type Pool,
  poolName,
  type ResolvedRule,
  type Unit,
  type WeightFormat,
} from './model.js';
import { keptOfUnits } from './pools.js';
import { trainError } from './train-messages.js';
import { readWorded } from './worded.js';

const example = 'distort(every=500 steps)';
const projections = { name: 'distort', expects: 'projections', example, words: ['distort'] } as const;

const names = methods.map(({ name }) => name).filter((name) => name !== 'dense');
const distortSchema = {
  method: optional(word('the method of the rules that it is about; all when left out', names)),
  every: named(period('time from one projection to the next')),
};

/** By the word of the projections. */
export const distortionSchemas: Readonly<Record<string, Schema>> = { distort: distortSchema };

/** What the rules have made of the model. */
export interface Stored {
  readonly layers: readonly Layer[];
  readonly rules: readonly ResolvedRule[];
  readonly pools: readonly Pool[];
}

/** Undefined when an error was reported. */
export function readDistortion(value: Expression, stored: Stored, checking: Checking): Distortion | undefined {
  const { constants, report } = checking;
  const read = readWorded(value, projections, checking);
  if (read === undefined) return undefined;
  const { call } = read;
  const args = readArguments(call, distortSchema, constants, report);
  if (args === undefined) return undefined;
  const { every, method } = args.values;
  if (every.value === 0) {
    const fill = { name: 'every', expects: 'at least one step', found: 'none', example: '500 steps' };
    report(trainError('not-a-call', args.at('every'), fill));
    return undefined;
  }
  const units = projected(stored, method, call, checking);
  if (units === undefined) return undefined;
  const rules = [...new Set(units.map(({ rule }) => rule!))];
  return { every, rules, paths: units.map(({ path }) => path), span: call.span };
}

/** The weights that are projected; reports where there are none, or where a weight cannot be. */
function projected(
  { layers, rules, pools }: Stored,
  method: string | undefined,
  { span }: Call,
  { report }: Checking,
): readonly Unit[] | undefined {
  const units = layers.flatMap((layer) => layer.units).filter((unit) => unit.rule !== undefined);
  const meant = units.filter(({ weight }) =>
    method === undefined ? weight.method !== 'dense' : weight.method === method,
  );
  if (meant.length === 0) {
    const what = method === undefined ? 'the methods of their rules' : `\`${method}\``;
    const used = listedWords([...new Set(rules.map((rule) => rule.method))]);
    const hint = used === '' ? 'store a weight by a method in `compress`' : `the rules use ${used}`;
    report(trainError('distort-nothing', span, { what, hint }));
    return undefined;
  }
  for (const { path, weight, rule, format } of meant) {
    const shared = pools.find((pool) => pool.rule === rule && pool.layers.length > 1);
    const reason = shared
      ? `a projection is of one weight, and ${poolName(shared)} are ranked as one`
      : (refusal(weight) ?? refusalOf(format));
    if (reason === undefined) continue;
    const hint = 'name the method of another rule in `distort`, or remove this line';
    report(trainError('distort-refused', span, { path, reason, hint }));
    return undefined;
  }
  return meant;
}

/** Why a weight cannot be projected again and again. */
function refusal({ unfit, richRows, tensors, method }: Weight): string | undefined {
  if (unfit !== undefined) return unfit;
  if (richRows !== undefined)
    return 'the hidden units of the whole network would be reordered at each projection, under a running state';
  const scaled = Object.values(tensors).some(({ scale }) => scale !== undefined);
  return scaled ? `the scalars of its form are trained, and a projection onto \`${method}\` has none` : undefined;
}

/** Scales that are trained with values have none to be trained with. */
const refusalOf = (format: WeightFormat | undefined): string | undefined =>
  format !== undefined && hasLearnedScales(format.format)
    ? 'the scales of its number format are learned with its values, and a projection trains other values'
    : undefined;

const isProjected = (unit: Unit, distort: Distortion): boolean =>
  unit.rule !== undefined && distort.rules.includes(unit.rule);

/** A weight that is trained as the matrix it stands for. */
export interface ProjectedUnit {
  readonly unit: Unit;
  /** What is trained: one tensor, with the values of the unit's matrix in their order. */
  readonly dense: Weight;
  /** Values that the projection keeps, where the method is sparse. */
  readonly kept: number;
}

const denseOf = ({ kind, span }: Layer, { path, weight }: Unit): Weight =>
  bindDense(weight.matrix, { layerKind: kind, path, span });

/** Every weight that is trained as a dense matrix; none without `distort`. */
export function projectedUnits(model: Pick<Model, 'layers' | 'pools' | 'training'>): readonly ProjectedUnit[] {
  const distort = model.training?.distort;
  if (distort === undefined) return [];
  const kept = keptOfUnits(model);
  return model.layers.flatMap((layer) =>
    layer.units
      .filter((unit) => isProjected(unit, distort))
      .map((unit) => ({ unit, dense: denseOf(layer, unit), kept: kept.get(unit) ?? 0 })),
  );
}

/** The model whose weights are trained: dense where `distort` projects them. Without `distort` the model itself. */
export function trainedModel(model: Model): Model {
  const distort = model.training?.distort;
  if (distort === undefined) return model;
  // A number format is one of what is stored: it comes behind the projection.
  const whole = (layer: Layer, { format: _, ...unit }: Unit): Unit => ({ ...unit, weight: denseOf(layer, unit) });
  const layers = model.layers.map((layer) => ({
    ...layer,
    units: layer.units.map((unit) => (isProjected(unit, distort) ? whole(layer, unit) : unit)),
  }));
  return { ...model, layers, pools: model.pools.filter(({ rule }) => !distort.rules.includes(rule)) };
}
