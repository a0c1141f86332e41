/**
 * Occasional weight distortion (Lee et al. 2018) over a run: dense matrices are trained, and every so many updates each
 * is replaced by the matrix that its method stores for it. What is evaluated and kept are the method's own tensors.
 * Everything follows from the dense values and the time, so a resumed run projects as an uninterrupted one does.
 */
import { storedShape } from '../methods/parameters.js';
import type { ProjectedUnit } from '../model/distortion.js';
import { type Distortion, tensorPath } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import type { LiveGraph } from './live-graph.js';
import { momentSteps } from './schedules.js';

/** Steps from one projection to the next. */
export const projectionSteps = ({ every }: Distortion, stepsPerEpoch: number): number =>
  Math.max(1, momentSteps(every, stepsPerEpoch));

/** Where the matrix of a unit is while it is trained: `rnn1.W`. */
function trainedName({ unit, dense }: ProjectedUnit): string {
  const [name, ...others] = Object.keys(dense.tensors);
  invariant(others.length === 0, `the dense weight of ${unit.path} is one tensor`);
  return tensorPath(unit.path, defined(name, `a tensor of ${unit.path}`));
}

type Tensors = readonly (readonly [path: string, tensor: FloatTensor])[];

/** The tensors, in float32, that the method stores for a matrix. */
function fitTensors({ unit, kept }: ProjectedUnit, { data }: FloatTensor): Tensors {
  const { path, weight } = unit;
  const fitted = weight.fit(Float64Array.from(data), kept);
  invariant(fitted.kind === 'fitted', `${path} cannot be projected`);
  return Object.entries(weight.tensors).map(([name, spec]) => {
    const values = defined(fitted.values[name], `${name} of ${path}`);
    return [tensorPath(path, name), { shape: storedShape(weight, spec), data: Float32Array.from(values) }];
  });
}

/** The matrix that stored tensors stand for, in float32. */
function reconstructed({ unit, dense }: ProjectedUnit, stored: Weights): FloatTensor {
  const { path, weight } = unit;
  const values = Object.keys(weight.tensors).map((name) => {
    const { data } = defined(stored.get(tensorPath(path, name)), `${name} of ${path}`);
    return [name, Float64Array.from(data)] as const;
  });
  const spec = defined(Object.values(dense.tensors)[0], `the tensor of ${path}`);
  return { shape: storedShape(dense, spec), data: Float32Array.from(weight.reconstruct(Object.fromEntries(values))) };
}

/** Weights of the program from the trained ones: every projected matrix as its method stores it. */
export const storedWeights = (units: readonly ProjectedUnit[], trained: Weights): Weights => {
  const byName = new Map(units.map((projected) => [trainedName(projected), projected]));
  return new Map(
    [...trained].flatMap(([name, tensor]): Tensors => {
      const projected = byName.get(name);
      return projected === undefined ? [[name, tensor]] : fitTensors(projected, tensor);
    }),
  );
};

/** What is trained, from weights of the program: each method's tensors as the matrix they stand for. */
export function trainedWeights(units: readonly ProjectedUnit[], stored: Weights): Weights {
  const own = units.flatMap(({ unit }) => Object.keys(unit.weight.tensors).map((name) => tensorPath(unit.path, name)));
  const rest = [...stored].filter(([name]) => !own.includes(name));
  return new Map([...rest, ...units.map((unit) => [trainedName(unit), reconstructed(unit, stored)] as const)]);
}

export class Projection {
  private readonly units: readonly ProjectedUnit[];
  private readonly every: number;

  /** Never due without units. */
  constructor(units: readonly ProjectedUnit[], distort: Distortion | undefined, stepsPerEpoch: number) {
    this.units = units;
    this.every = distort === undefined ? Number.POSITIVE_INFINITY : projectionSteps(distort, stepsPerEpoch);
  }

  /** Replaces every matrix by its projection, when that is due after `time` updates. */
  async update(live: LiveGraph, time: number): Promise<void> {
    if (time === 0 || time % this.every !== 0) return;
    for (const projected of this.units) {
      const name = trainedName(projected);
      live.set(name, reconstructed(projected, new Map(fitTensors(projected, await live.get(name)))));
    }
  }

  /** The weights of the program at any time. */
  stored(trained: Weights): Weights {
    return storedWeights(this.units, trained);
  }
}
