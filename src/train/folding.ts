/**
 * Scalars that weigh parts of weights while they are trained (alpha and beta of [D] eq. 2a and 2b) go into the tensors
 * that they weigh: what is evaluated, kept and emitted holds weights alone.
 */
import type { Parameter } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import type { Weights } from '../tensor/tensor.js';

/** The weights of the program: each times its scalar, in float32 as the training graph does it, and no scalars. */
export function foldScales(parameters: readonly Parameter[], tensors: Weights): Weights {
  const weights = parameters.filter(({ penalty }) => penalty === undefined);
  return new Map(
    weights.map(({ name, scaledBy }) => {
      const tensor = defined(tensors.get(name), name);
      if (scaledBy === undefined) return [name, tensor];
      const scale = defined(tensors.get(scaledBy), scaledBy).data[0]!;
      // What was pruned is +0.0, whatever the sign of the scalar.
      const data = tensor.data.map((value) => (value === 0 ? 0 : value * scale));
      return [name, { shape: tensor.shape, data }];
    }),
  );
}
