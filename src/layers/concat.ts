/** `concat(x, y, ...)`: several layers behind each other, at each step or per sequence as all of them come. */
import { type Buffer, part } from '../kernels/planner.js';
import { bufferOf, defineLayer } from './define.js';
import type { LayerPlan, PlanValue } from './layer.js';
import { describeSignal, layerError, vectorInputs } from './messages.js';

export const concat = defineLayer({
  word: 'concat',
  summary: 'the values of several layers behind each other',
  arity: 'several',
  schema: {},
  shapes: (_args, inputs, call, report) => {
    const vectors = vectorInputs(call, inputs, report);
    if (vectors === undefined) return undefined;
    const { perStep } = vectors[0]!;
    const other = vectors.find((signal) => signal.perStep !== perStep);
    if (other !== undefined) {
      const wanted = `vectors that come ${perStep ? 'at each step' : 'once per sequence'}, as the first does`;
      const hint = 'use `last` or `max_over_time` on those that come at each step';
      report(layerError('input', call.span, { word: 'concat', wanted, found: describeSignal(other), hint }));
      return undefined;
    }
    const width = vectors.reduce((sum, signal) => sum + signal.width, 0);
    return [
      {
        signal: { kind: 'vector', width, perStep },
        tensors: {},
        states: {},
        dropout: 0,
        forward: ({ g, inputs: values }) => g.concat(values, 1),
        plan: (ctx) => plan(ctx, width),
      },
    ];
  },
});

function plan({ p, inputs }: LayerPlan, width: number): PlanValue {
  const y = p.scratch(width);
  let offset = 0;
  for (const x of inputs.map(bufferOf) as readonly Buffer[]) {
    p.copy(x, part(y, offset, x.size));
    offset += x.size;
  }
  return y;
}
