/** `embedding(ids, width)`: y = table[id]. The table is gathered, never expanded; a method may store it. */
import { positiveInteger } from '../arguments/schema.js';
import { defineLayer, dropoutParameter, idsOf } from './define.js';
import { describeSignal, layerError } from './messages.js';

export const embedding = defineLayer({
  word: 'embedding',
  summary: 'a row of a table for each id',
  arity: 1,
  schema: { width: positiveInteger('width of a row'), dropout: dropoutParameter },
  shapes: ({ values }, [input], call, report) => {
    if (input === undefined || input.kind !== 'ids') {
      report(
        layerError('input', call.span, {
          word: 'embedding',
          wanted: 'ids',
          found: input === undefined ? 'nothing' : describeSignal(input),
          hint: 'use `dense` for vectors',
        }),
      );
      return undefined;
    }
    const { width, dropout } = values;
    return [
      {
        signal: { kind: 'vector', width, perStep: true },
        family: { gates: [], rows: input.vocabulary, columns: [width], parts: [], lookup: true },
        tensors: {},
        states: {},
        dropout,
        forward: ({ linear, inputs }) => linear().lookup(inputs[0]!),
        plan: ({ p, lookup, inputs }) => {
          const y = p.scratch(width);
          lookup(idsOf(inputs[0]), y);
          return y;
        },
      },
    ];
  },
});
