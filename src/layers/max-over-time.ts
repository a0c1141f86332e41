/**
 * `max_over_time(x)`: of each value the largest over the steps of a sequence. In the emitted C a running maximum, kept
 * as state beside a flag that a step has been seen: no start value is below all others.
 */
import type { Value } from '../graph/ops.js';
import { bufferOf, defineLayer } from './define.js';
import type { LayerForward, LayerPlan, PlanValue } from './layer.js';
import { sequenceInput } from './messages.js';

export const maxOverTime = defineLayer({
  word: 'max_over_time',
  summary: 'the largest of each value over the steps',
  arity: 1,
  schema: {},
  shapes: (_args, inputs, call, report) => {
    const input = sequenceInput(call, inputs, report);
    if (input === undefined) return undefined;
    const { width } = input;
    return [
      {
        signal: { kind: 'vector', width, perStep: false },
        tensors: {},
        states: { largest: width, seen: 1 },
        dropout: 0,
        forward,
        plan,
      },
    ];
  },
});

/** Below every float32 that a model computes, and finite: 0 times it is 0. */
const lowest = -1e30;

/** x (steps * batch, width) -> (batch, width): halves are compared until one step is left. */
function forward({ g, inputs, steps, batch, present }: LayerForward): Value {
  const here = present();
  let x = inputs[0]!;
  if (here !== undefined) {
    const column = g.reshape(here, [steps * batch, 1]);
    const absent = g.sub(g.constant(1), column);
    x = g.add(g.mul(x, column), g.mul(absent, g.constant(lowest)));
  }
  for (let left = steps; left > 1; ) {
    const half = left >> 1;
    const larger = g.max(g.slice(x, 0, 0, half * batch), g.slice(x, 0, half * batch, half * batch));
    x = left % 2 === 0 ? larger : g.concat([larger, g.slice(x, 0, 2 * half * batch, batch)], 0);
    left -= half;
  }
  return x;
}

function plan({ p, inputs, state }: LayerPlan): PlanValue {
  const [largest, seen] = [state('largest'), state('seen')];
  p.runningMax(bufferOf(inputs[0]), seen, largest);
  return largest.next;
}
