/** `ids(vocab=n)`: a model input of one token id per step. Its value is what is fed; it has no equation. */
import { positiveInteger } from '../arguments/schema.js';
import { defineLayer } from './define.js';

export const ids = defineLayer({
  word: 'ids',
  summary: 'a model input: one token id per step',
  arity: 0,
  schema: { vocab: positiveInteger('number of different ids') },
  shapes: ({ values }) => [
    {
      signal: { kind: 'ids', vocabulary: values.vocab },
      tensors: {},
      states: {},
      dropout: 0,
      feeds: 'ids',
      forward: ({ inputs }) => inputs[0]!,
      plan: ({ inputs }) => inputs[0]!,
    },
  ],
});
