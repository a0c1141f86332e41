/**
 * Lowers a checked model to step graphs. A training step is one graph of ordinary ops: forward over the unrolled
 * steps, loss, gradients, clipping, update. Evaluation and prediction share the same forward.
 */
import { differentiate } from '../autodiff/differentiate.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { UniqueBuilder } from '../graph/unique-builder.js';
import type { Layer, Model, Optimizer } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import { type Forward, lowerForward } from './forward.js';
import { globalNorm, lowerOptimizer, type Trainable } from './optimizer.js';
import {
  type DataInput,
  gradientNorm,
  labelName,
  likelihoodOutput,
  lossOutput,
  type StepGraph,
  valueOutput,
} from './training-graph.js';

/** Layers whose logits are compared with labels: every classifier that no other layer reads. */
export const classifiers = (model: Model): readonly Layer[] =>
  model.layers.filter((l) => l.shape.classifies === true && model.outputs.includes(l.name));

interface Likelihoods {
  readonly perRow: readonly { readonly layer: string; readonly value: Value }[];
  readonly labels: readonly DataInput[];
}

function lowerLikelihoods(g: Builder, model: Model, forward: Forward): Likelihoods {
  const labels: DataInput[] = [];
  const perRow = classifiers(model).map(({ name }) => {
    const logits = defined(forward.values.get(name), `logits of ${name}`);
    const shape = [g.shape(logits)[0]!];
    labels.push({ name: labelName(name), layer: name, role: 'label', type: 'int32', shape });
    return { layer: name, value: g.crossEntropy(logits, g.input(labelName(name), shape, 'int32')) };
  });
  return { perRow, labels };
}

export interface TrainingOptions {
  readonly steps: number;
  readonly batch: number;
  /** Whether co-matrix row dropout is drawn in this graph. */
  readonly cmr: boolean;
}

/** Cross entropy summed over the unrolled steps and averaged over the batch, plus the L2 penalty. */
function lowerLoss(g: Builder, batch: number, likelihoods: Likelihoods, penalty: Value | undefined): Value {
  let loss: Value | undefined;
  for (const { value } of likelihoods.perRow) {
    const summed = g.sum(value);
    loss = loss === undefined ? summed : g.add(loss, summed);
  }
  invariant(loss !== undefined, 'a training graph needs an output with labels');
  const mean = g.mul(loss, g.constant(1 / batch));
  return penalty === undefined ? mean : g.add(mean, penalty);
}

function lowerPenalty(g: Builder, weight: number, forward: Forward): Value | undefined {
  if (weight === 0) return undefined;
  const squares = forward.parameterValues.map((w) => g.sum(g.mul(w, w)));
  return g.mul(
    squares.reduce((a, b) => g.add(a, b)),
    g.constant(weight),
  );
}

function trainables(g: Builder, forward: Forward, gradients: ReadonlyMap<Value, Value>): Trainable[] {
  return forward.parameters.map(({ name, shape, mask }, i) => {
    const value = forward.parameterValues[i]!;
    const gradient = defined(gradients.get(value), `gradient of ${name}`);
    if (mask === undefined) return { name, shape, value, gradient, mask };
    const maskValue = g.input(mask, shape);
    // Masked before the norm is taken: a pruned weight must not make the others' steps smaller.
    return { name, shape, value, gradient: g.mul(gradient, maskValue), mask: maskValue };
  });
}

const plainSgd: Optimizer = { kind: 'sgd', clip: undefined, weightDecay: 0 };

/** Forward, loss, gradients and update. Without a `train` block: plain gradient descent. */
export function lowerTraining(model: Model, options: TrainingOptions): StepGraph {
  const { steps, batch, cmr } = options;
  const g = new UniqueBuilder();
  const forward = lowerForward(g, model, { steps, batch, mode: 'train', cmr });
  const likelihoods = lowerLikelihoods(g, model, forward);
  const loss = lowerLoss(g, batch, likelihoods, lowerPenalty(g, model.training?.l2 ?? 0, forward));
  const gradients = differentiate(g, loss, forward.parameterValues);
  const updated = trainables(g, forward, gradients);
  const norm = globalNorm(
    g,
    updated.map((t) => t.gradient),
  );
  const update = lowerOptimizer(g, model.training?.optimizer ?? plainSgd, updated, norm);
  const outputs: Record<string, Value> = { [lossOutput]: loss, [gradientNorm]: norm };
  for (const { layer, value } of likelihoods.perRow) outputs[likelihoodOutput(layer)] = value;
  return {
    graph: g.finish({ ...outputs, ...update.outputs, ...forward.carriedOutputs }),
    steps,
    batch,
    parameters: forward.parameters,
    carried: [...forward.carried, ...update.carried],
    draws: forward.draws,
    data: [...forward.data, ...likelihoods.labels],
    trains: true,
  };
}

interface Unrolled {
  readonly steps: number;
  readonly batch: number;
}

/** Forward without any draw; per-row negative log-likelihoods out. */
export function lowerEvaluation(model: Model, size: Unrolled): StepGraph {
  const g = new UniqueBuilder();
  const forward = lowerForward(g, model, { ...size, mode: 'infer', cmr: false });
  const likelihoods = lowerLikelihoods(g, model, forward);
  const outputs: Record<string, Value> = {};
  for (const { layer, value } of likelihoods.perRow) outputs[likelihoodOutput(layer)] = value;
  return forwardGraph(g, forward, size, { outputs, labels: likelihoods.labels });
}

/** Forward without any draw; probabilities of classifiers and plain values of other outputs out. */
export function lowerPrediction(model: Model, size: Unrolled): StepGraph {
  const g = new UniqueBuilder();
  const forward = lowerForward(g, model, { ...size, mode: 'infer', cmr: false });
  const outputs: Record<string, Value> = {};
  for (const layer of model.layers.filter((l) => model.outputs.includes(l.name))) {
    const value = defined(forward.values.get(layer.name), `value of ${layer.name}`);
    outputs[valueOutput(layer.name)] = layer.shape.classifies === true ? g.softmax(value) : value;
  }
  return forwardGraph(g, forward, size, { outputs, labels: [] });
}

interface Results {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly labels: readonly DataInput[];
}

function forwardGraph(
  g: Builder,
  forward: Forward,
  { steps, batch }: Unrolled,
  { outputs, labels }: Results,
): StepGraph {
  return {
    graph: g.finish({ ...outputs, ...forward.carriedOutputs }),
    steps,
    batch,
    parameters: forward.parameters,
    carried: forward.carried,
    draws: forward.draws,
    data: [...forward.data, ...labels],
    trains: false,
  };
}
