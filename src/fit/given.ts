/**
 * The dense program that given weights make: for each layer its matrix, all gates of all columns in doubles, and its
 * other tensors. Names are those of this program, of its uncompressed form, or PyTorch's; every name is used once.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import { lowerPrediction } from '../lower/training.js';
import { storedShape } from '../methods/parameters.js';
import type { Layer, Model } from '../model/model.js';
import { tensorPath } from '../model/model.js';
import { scalesName } from '../tensor/grid.js';
import { type Shape, sameShape, size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { besides, type GivenLayer, listedTensors, matrixShape } from './given-shapes.js';
import { matchTorch } from './match-torch.js';
import { fitError } from './messages.js';

export type Given = ReadonlyMap<string, GivenLayer>;

/** The tensors of a layer that no method stores, and those of its units, as the program itself names them. */
const ownNames = (layer: Layer): ReadonlyMap<string, readonly number[]> =>
  new Map([
    ...Object.entries(layer.shape.tensors).map(([name, { shape }]) => [tensorPath(layer.name, name), shape] as const),
    ...layer.units.flatMap(({ path, weight }) =>
      Object.entries(weight.tensors).map(
        ([name, spec]) => [tensorPath(path, name), storedShape(weight, spec)] as const,
      ),
    ),
  ]);

/** The layer as this very program stores it: nothing is left to fit. */
export const storedAsWritten = (layer: Layer, weights: Weights): boolean =>
  [...ownNames(layer)].every(([name, shape]) => {
    const tensor = weights.get(name);
    return tensor !== undefined && sameShape(tensor.shape, shape);
  });

/** Whether what the layer's rules prune keeps no more values than they say: the dense matrix may have the same name. */
function isPruned({ name }: Layer, { pools }: Model, weights: Weights): boolean {
  const nonzero = (path: string): number =>
    weights.get(path)?.data.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) ?? 0;
  return pools
    .filter(({ layers }) => layers.includes(name))
    .every(({ tensors, kept }) => tensors.reduce((sum, path) => sum + nonzero(path), 0) <= kept);
}

/** The layer as the uncompressed program stores it, whole or by column blocks; undefined when the file has no such. */
function fromPaths(layer: Layer, weights: Weights): GivenLayer | undefined {
  const { shape, name } = layer;
  const names: string[] = [];
  const take = (path: string, wanted: readonly number[]): FloatTensor | undefined => {
    const tensor = weights.get(path);
    if (tensor === undefined || !sameShape(tensor.shape, wanted)) return undefined;
    names.push(path);
    return tensor;
  };
  const tensors = Object.entries(shape.tensors).map(([key, t]) => [key, take(tensorPath(name, key), t.shape)] as const);
  const matrix = matrixFrom(layer, take);
  const whole =
    tensors.every(([, tensor]) => tensor !== undefined) && (shape.family === undefined || matrix !== undefined);
  if (!whole) return undefined;
  return { matrix, tensors: new Map(tensors.map(([key, tensor]) => [key, tensor!.data])), stored: false, names };
}

function matrixFrom(
  layer: Layer,
  take: (path: string, shape: readonly number[]) => FloatTensor | undefined,
): Float64Array | undefined {
  const family = layer.shape.family;
  const whole = matrixShape(layer);
  if (family === undefined || whole === undefined) return undefined;
  const [gates, rows] = whole;
  const one = family.lookup === true ? take(`${layer.name}.table`, whole.slice(1)) : take(`${layer.name}.W`, whole);
  if (one !== undefined) return Float64Array.from(one.data);
  const blocks = family.parts.map((part, i) => take(`${layer.name}.${part}.W`, [gates, rows, family.columns[i]!]));
  if (blocks.length === 0 || blocks.includes(undefined)) return undefined;
  return besides(
    gates,
    rows,
    blocks.flatMap((block) => block?.data ?? []),
  );
}

const storesSomething = ({ shape, units }: Layer): boolean =>
  units.length > 0 || Object.values(shape.tensors).some((t) => size(t.shape) > 0);

/** `index 29, which is [1, 0, 5]`. */
function placeOf(index: number, shape: readonly number[]): string {
  if (shape.length < 2) return `index ${index}`;
  let left = index;
  const places = [...shape].reverse().map((extent) => {
    const place = left % extent;
    left = (left - place) / extent;
    return place;
  });
  return `index ${index}, which is [${places.reverse().join(', ')}]`;
}

function refuseOddValues(weights: Weights, model: Model, report: Report): boolean {
  let sound = true;
  for (const [name, { data, shape }] of weights) {
    const index = data.findIndex((value) => !Number.isFinite(value));
    if (index < 0) continue;
    sound = false;
    report(
      fitError('not-finite', model.span, {
        name: `\`${name}\``,
        value: String(data[index]),
        index: placeOf(index, shape),
      }),
    );
  }
  return sound;
}

/** Scales that were learned for the layer's tensors, as many as the program has for them: a file may have none. */
function scalesOf(layer: Layer, learned: ReadonlyMap<string, Shape>, weights: Weights): readonly string[] {
  return [...ownNames(layer).keys()].map(scalesName).filter((name) => {
    const [wanted, tensor] = [learned.get(name), weights.get(name)];
    return wanted !== undefined && tensor !== undefined && sameShape(wanted, tensor.shape);
  });
}

/** What a file gives for every layer of a program; undefined when an error was reported. */
export function readGiven(model: Model, weights: Weights, report: Report): Given | undefined {
  if (!refuseOddValues(weights, model, report)) return undefined;
  const given = new Map<string, GivenLayer>();
  const open: Layer[] = [];
  const { parameters } = lowerPrediction(model, { steps: 1, batch: 1 });
  const learned = new Map(parameters.filter((p) => p.gridOf !== undefined).map(({ name, shape }) => [name, shape]));
  for (const layer of model.layers.filter(storesSomething)) {
    const stored = storedAsWritten(layer, weights) && isPruned(layer, model, weights);
    const names = [...ownNames(layer).keys(), ...scalesOf(layer, learned, weights)];
    const found = stored ? { matrix: undefined, tensors: new Map(), stored, names } : fromPaths(layer, weights);
    if (found === undefined) open.push(layer);
    else given.set(layer.name, found);
  }
  const taken = new Set([...given.values()].flatMap(({ names }) => names));
  const left = new Map([...weights].filter(([name]) => !taken.has(name)));
  const matched = matchTorch(open, left, report);
  if (matched === undefined) return undefined;
  for (const [name, layer] of matched) given.set(name, layer);
  const used = new Set([...given.values()].flatMap(({ names }) => names));
  const extra = [...weights.keys()].filter((name) => !used.has(name));
  if (extra.length === 0) return given;
  report(
    fitError('extra', model.span, { names: listedTensors(weights, extra), them: extra.length === 1 ? 'it' : 'them' }),
  );
  return undefined;
}
