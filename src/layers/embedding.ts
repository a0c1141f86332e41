/** `embedding(ids, width)`: y = table[id]. The table is gathered, never expanded, and no method stores it. */
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
        tensors: { table: { shape: [input.vocabulary, width], init: { kind: 'weight' } } },
        states: {},
        dropout,
        forward: ({ g, tensor, inputs }) => g.gather(tensor('table'), inputs[0]!),
        plan: ({ p, tensor, inputs }) => {
          const y = p.scratch(width);
          p.embed(tensor('table'), idsOf(inputs[0]).input, y);
          return y;
        },
      },
    ];
  },
});
