/** `last(x)`: the vector of the last step of a sequence. In the emitted C it is the value as the last step left it. */
import type { Value } from '../graph/ops.js';
import { defineLayer } from './define.js';
import type { LayerForward } from './layer.js';
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
        forward,
        plan: ({ inputs: [x] }) => x!,
      },
    ];
  },
});

/** x (steps * batch, width) -> (batch, width). */
function forward({ g, inputs, steps, batch, present }: LayerForward): Value {
  const x = inputs[0]!;
  const here = present();
  if (here === undefined) return g.slice(x, 0, (steps - 1) * batch, batch);
  if (steps === 1) return x;
  // A step is the last one where it is present and the next one is not: 1 there, 0 elsewhere.
  const next = g.pad(g.slice(here, 0, batch, (steps - 1) * batch), 0, 0, steps * batch);
  const isLast = g.reshape(g.sub(here, next), [steps * batch, 1]);
  const width = g.shape(x)[1]!;
  return g.sum(g.reshape(g.mul(x, isLast), [steps, batch, width]), [0]);
}
