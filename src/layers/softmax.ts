/**
 * `softmax(x, classes)`: a classifier, per step or per sequence. Its value is the LOGITS W x + b; the softmax itself
 * is taken by the loss in training and by the caller in the emitted C.
 */
import { positiveInteger } from '../arguments/schema.js';
import { affineForward, affinePlan, affineShape } from './affine.js';
import { defineLayer } from './define.js';
import { vectorInput } from './messages.js';

export const softmax = defineLayer({
  word: 'softmax',
  summary: 'probabilities of classes, per step or per sequence',
  arity: 1,
  schema: { classes: positiveInteger('number of classes') },
  shapes: ({ values }, inputs, call, report) => {
    const input = vectorInput(call, inputs, report);
    if (input === undefined) return undefined;
    return [
      {
        ...affineShape(values.classes, input.width, input.perStep),
        dropout: 0,
        classifies: true,
        forward: affineForward,
        plan: (ctx) => affinePlan(ctx, values.classes),
      },
    ];
  },
});
