/**
 * Fits a program to given weights: every stored weight becomes the nearest that its method can be, and says how far
 * from the given matrix that is. What the file holds in the program's own form is taken as it is.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import { withScales } from '../lower/learned-scales.js';
import { storedWeights } from '../lower/stored-weights.js';
import { lowerPrediction } from '../lower/training.js';
import { storedShape } from '../methods/parameters.js';
import { type Layer, type Model, tensorPath, type Unit } from '../model/model.js';
import { defined } from '../support/assert.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { type Given, readGiven } from './given.js';
import type { GivenLayer } from './given-shapes.js';
import { keptCounts } from './kept-counts.js';
import { fitError } from './messages.js';
import { permute } from './permute.js';
import { unitMatrix } from './unit-matrix.js';

/** How near a stored weight came to the given matrix. */
export interface FittedUnit {
  readonly path: string;
  readonly method: string;
  /** Norm of the difference over the norm of the given matrix (Frobenius); undefined where nothing had to be fitted. */
  readonly relativeError: number | undefined;
}
export interface FittedModel {
  readonly weights: Weights;
  readonly units: readonly FittedUnit[];
}

interface FittedOne {
  readonly tensors: readonly (readonly [string, FloatTensor])[];
  readonly unit: Unit;
  /** The given matrix. */
  readonly dense: Float64Array;
}

const squares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);

interface Fitting {
  readonly layer: Layer;
  readonly unit: Unit;
  readonly dense: Float64Array;
  readonly kept: number;
}

function fitUnit({ layer, unit, dense, kept }: Fitting, report: Report): FittedOne | undefined {
  const { path, weight } = unit;
  const fitted = weight.fit(dense, kept);
  if (fitted.kind === 'refused') {
    const hint = `train \`${layer.name}\` with the method, or store it by one that can be fitted`;
    report(fitError('refused', layer.span, { path: `\`${path}\``, reason: fitted.reason, hint }));
    return undefined;
  }
  const tensors = Object.entries(weight.tensors).map(([name, spec]) => {
    const data = Float32Array.from(defined(fitted.values[name], `${name} of ${path}`));
    return [tensorPath(path, name), { shape: storedShape(weight, spec), data }] as const;
  });
  return { tensors, unit, dense };
}

/** The matrix that a unit's own tensors in the file stand for. */
function givenMatrix({ path, weight }: Unit, weights: Weights): Float64Array {
  const values = Object.keys(weight.tensors).map((name) => {
    const { data } = defined(weights.get(tensorPath(path, name)), `${name} of ${path}`);
    return [name, Float64Array.from(data)] as const;
  });
  return weight.reconstruct(Object.fromEntries(values));
}

/** How far what is stored of a unit, rounded to its number format, is from the given matrix. */
function errorOf({ unit, dense }: Omit<FittedOne, 'tensors'>, stored: Weights): number {
  const apart = givenMatrix(unit, stored).map((value, i) => value - dense[i]!);
  const size = squares(dense);
  return size === 0 ? 0 : Math.sqrt(squares(apart) / size);
}

/** The layer's own tensors, biases and tables. */
const plainTensors = (layer: Layer, given: GivenLayer): readonly (readonly [string, FloatTensor])[] =>
  [...given.tensors].map(([name, data]) => {
    const { shape } = defined(layer.shape.tensors[name], `${name} of ${layer.name}`);
    return [tensorPath(layer.name, name), { shape, data }];
  });

/** The given matrix of a unit, where it is not stored already. */
function denseOf({ layers }: Model, given: Given): (unit: Unit) => Float64Array | undefined {
  const layerOf = new Map(layers.flatMap((layer) => layer.units.map((unit) => [unit, layer] as const)));
  return (unit) => {
    const layer = defined(layerOf.get(unit), `the layer of ${unit.path}`);
    const matrix = given.get(layer.name)?.matrix;
    return matrix && unitMatrix(layer, unit, matrix);
  };
}

/** What the layers take from a file, each by itself. */
interface Made {
  readonly tensors: Map<string, FloatTensor>;
  readonly units: Omit<FittedOne, 'tensors'>[];
}

/** Fits the units of one layer into `made`; false when an error was reported. */
function fitLayer(layer: Layer, own: GivenLayer, { kept, weights, report }: LayerSource, made: Made): boolean {
  for (const [name, tensor] of plainTensors(layer, own)) made.tensors.set(name, tensor);
  if (own.stored) {
    for (const name of own.names) made.tensors.set(name, defined(weights.get(name), name));
    for (const unit of layer.units) made.units.push({ unit, dense: givenMatrix(unit, weights) });
    return true;
  }
  const { matrix } = own;
  if (matrix === undefined) return true;
  const fitted = layer.units.map((unit) =>
    fitUnit({ layer, unit, dense: unitMatrix(layer, unit, matrix), kept: kept.get(unit) ?? 0 }, report),
  );
  for (const one of fitted) {
    for (const [name, tensor] of one?.tensors ?? []) made.tensors.set(name, tensor);
    if (one !== undefined) made.units.push(one);
  }
  return !fitted.includes(undefined);
}

interface LayerSource {
  readonly kept: ReadonlyMap<Unit, number>;
  readonly weights: Weights;
  readonly report: Report;
}

/** Undefined when an error was reported. */
export function fitModel(model: Model, weights: Weights, report: Report): FittedModel | undefined {
  const read = readGiven(model, weights, report);
  const given = read && permute(model, read, report);
  if (given === undefined) return undefined;
  const made: Made = { tensors: new Map(), units: [] };
  const kept = keptCounts(model, denseOf(model, given), weights);
  const fitted = model.layers.map((layer) => {
    const own = given.get(layer.name);
    return own === undefined || fitLayer(layer, own, { kept, weights, report }, made);
  });
  if (fitted.includes(false)) return undefined;
  const { parameters } = lowerPrediction(model, { steps: 1, batch: 1 });
  const tensors = withScales(parameters, made.tensors);
  const stored = storedWeights(parameters, tensors);
  const asGiven = new Set(
    model.layers.filter(({ name }) => given.get(name)?.stored === true).flatMap((layer) => layer.units),
  );
  const measured = made.units.map((one): FittedUnit => {
    const { path, weight, format } = one.unit;
    const exact = asGiven.has(one.unit) && format === undefined;
    return { path, method: weight.method, relativeError: exact ? undefined : errorOf(one, stored) };
  });
  return { weights: tensors, units: measured };
}
