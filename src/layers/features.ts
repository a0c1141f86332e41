/** `features(n)`: a model input of n real numbers per step. Its value is what is fed; it has no equation. */
import { positiveInteger } from '../arguments/schema.js';
import { defineLayer } from './define.js';

export const features = defineLayer({
  word: 'features',
  summary: 'a model input: a vector of real numbers per step',
  arity: 0,
  schema: { width: positiveInteger('numbers per step') },
  shapes: ({ values }) => [
    {
      signal: { kind: 'vector', width: values.width, perStep: true },
      tensors: {},
      states: {},
      dropout: 0,
      feeds: 'features',
      forward: ({ inputs }) => inputs[0]!,
      plan: ({ inputs }) => inputs[0]!,
    },
  ],
});
