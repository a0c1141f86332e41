/** What the outputs of one training step say about its labels. Padding counts nowhere. */
import { likelihoodOutput, type StepGraph, weightName } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import type { Tensor } from '../tensor/tensor.js';
import { sumRows } from './evaluate.js';

type Tensors = Readonly<Record<string, Tensor>>;

export interface LabelCount {
  /** Summed over the labels; over several outputs, their mean. */
  readonly nats: number;
  readonly labels: number;
}

/** Sums the likelihoods of a step's labels: of a stream all rows, of examples those that weigh something. */
export function countLabels(step: StepGraph, results: Tensors, feeds: Tensors): LabelCount {
  const outputs = step.data.filter(({ role }) => role === 'label');
  let [nats, labels] = [0, 0];
  for (const { layer, shape } of outputs) {
    const rows = defined(results[likelihoodOutput(layer)], likelihoodOutput(layer));
    const weights = feeds[weightName(layer)]?.data;
    if (weights === undefined) {
      nats += sumRows(rows, shape[0]!);
      labels += shape[0]!;
      continue;
    }
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      nats += rows.data[i]!;
      labels++;
    }
  }
  return { nats: nats / outputs.length, labels: labels / outputs.length };
}
