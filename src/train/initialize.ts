/** What a run starts from: every tensor a pure function of the seed and its own name. */
import { withScales } from '../lower/learned-scales.js';
import type { Parameter } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { type Shape, size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';

export const filled = (shape: Shape, value: number): FloatTensor => ({
  shape,
  data: new Float32Array(size(shape)).fill(value),
});

/** A uniform draw of half-width `bound`, or the constant, and then the patch (the forget bias). */
export function initialValue(parameter: Parameter, seed: number): FloatTensor {
  const tensor = filled(parameter.shape, parameter.value);
  if (parameter.bound > 0) fillUniform(tensor.data, parameter.bound, streamKey(seed, `init ${parameter.name}`));
  if (parameter.patch !== undefined) {
    const [start, length, value] = parameter.patch;
    tensor.data.fill(value, start, start + length);
  }
  return tensor;
}

/** All weights before the first step; learned scales from the values that they are of, given or drawn. */
export function initialWeights(parameters: readonly Parameter[], seed: number, given: Weights = new Map()): Weights {
  const own = parameters
    .filter(({ gridOf }) => gridOf === undefined)
    .map((p) => [p.name, initialValue(p, seed)] as const);
  const all = withScales(parameters, new Map([...own, ...given]));
  // In the order of the parameters.
  return new Map(parameters.map(({ name }) => [name, defined(all.get(name), name)]));
}
