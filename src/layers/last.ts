/** `last(x)`: the vector of the last step of a sequence. In the emitted C it is the value as the last step left it. */
import { defineLayer } from './define.js';
import { sequenceInput } from './messages.js';

export const last = defineLayer({
  word: 'last',
  summary: 'the vector of the last step',
  arity: 1,
  schema: {},
  shapes: (_args, inputs, call, report) => {
    const input = sequenceInput(call, inputs, report);
    if (input === undefined) return undefined;
    return [
      {
        signal: { kind: 'vector', width: input.width, perStep: false },
        tensors: {},
        states: {},
        dropout: 0,
        forward: ({ g, inputs: [x], steps, batch }) => g.slice(x!, 0, (steps - 1) * batch, batch),
        plan: ({ inputs: [x] }) => x!,
      },
    ];
  },
});
