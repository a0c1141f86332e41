/** `dense(x, units, activation=)`: y = f(W x + b). */
import { named, positiveInteger, withDefault, word } from '../arguments/schema.js';
import { affineForward, affinePlan, affineShape } from './affine.js';
import { defineLayer, dropoutParameter } from './define.js';
import { vectorInput } from './messages.js';

export const dense = defineLayer({
  word: 'dense',
  summary: 'a matrix product with a bias and an activation',
  arity: 1,
  schema: {
    units: positiveInteger('width of the output'),
    activation: named(withDefault(word('function of the output', ['none', 'tanh', 'sigmoid', 'relu']), 'none')),
    dropout: dropoutParameter,
  },
  shapes: ({ values }, inputs, call, report) => {
    const input = vectorInput(call, inputs, report);
    if (input === undefined) return undefined;
    const { units, activation, dropout } = values;
    return [
      {
        ...affineShape(units, input.width, input.perStep),
        dropout,
        forward: (ctx) => {
          const y = affineForward(ctx);
          return activation === 'none' ? y : ctx.g[activation](y);
        },
        plan: (ctx) => {
          const y = affinePlan(ctx, units);
          if (activation !== 'none') ctx.p.activate(activation, y);
          return y;
        },
      },
    ];
  },
});
