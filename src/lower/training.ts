/**
 * Lowers a checked model to step graphs. A training step is one graph of ordinary ops: forward over the unrolled
 * steps, loss, gradients, clipping, update. Evaluation and prediction share the same forward.
 */
import { differentiate } from '../autodiff/differentiate.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { UniqueBuilder } from '../graph/unique-builder.js';
import type { Part } from '../methods/method.js';
import { type Layer, type Model, type Optimizer, readsExamples } from '../model/model.js';
import type { Schedule } from '../model/schedule.js';
import { defined, invariant } from '../support/assert.js';
import { type Forward, lowerForward } from './forward.js';
import { gradientScale } from './learned-scales.js';
import { globalNorm, lowerOptimizer } from './optimizer.js';
import type { Trainable, Turn } from './optimizer-rules.js';
import {
  type DataInput,
  gradientNorm,
  isWeight,
  labelName,
  likelihoodOutput,
  lossOutput,
  type Parameter,
  type StepGraph,
  squaresWeight,
  turnName,
  valueOutput,
  weightName,
} from './training-graph.js';

/** Layers whose logits are compared with labels: every classifier that no other layer reads. */
export const classifiers = (model: Model): readonly Layer[] =>
  model.layers.filter((l) => l.shape.classifies === true && model.outputs.includes(l.name));

/** Whether a model is trained on examples of their own and not on a stream. */
export const ofExamples = ({ training }: Model): boolean => training !== undefined && readsExamples(training.loader);

interface Likelihoods {
  readonly perRow: readonly { readonly layer: string; readonly value: Value }[];
  readonly labels: readonly DataInput[];
}

const logitsOf = ({ values }: Forward, layer: string): Value => defined(values.get(layer), `logits of ${layer}`);

function lowerLikelihoods(g: Builder, model: Model, forward: Forward): Likelihoods {
  const labels: DataInput[] = [];
  const perRow = classifiers(model).map(({ name }) => {
    const logits = logitsOf(forward, name);
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

const total = (g: Builder, terms: readonly Value[]): Value => {
  invariant(terms.length > 0, 'a training graph needs an output with labels');
  return terms.reduce((a, b) => g.add(a, b));
};

/** Of streams: cross entropy summed over the unrolled steps and the batch. */
const streamLoss = (g: Builder, { perRow }: Likelihoods): Value =>
  total(
    g,
    perRow.map(({ value }) => g.sum(value)),
  );

/** Of examples: cross entropy summed over the labels of each, averaged over the examples; padding weighs nothing. */
function exampleLoss(g: Builder, { perRow }: Likelihoods, weights: readonly DataInput[]): Value {
  const terms = perRow.map(({ value }, i) => g.sum(g.mul(value, g.input(weights[i]!.name, weights[i]!.shape))));
  return total(g, terms);
}

const weightOf = ({ layer, shape }: DataInput): DataInput => ({
  name: weightName(layer),
  layer,
  role: 'weight',
  type: 'float32',
  shape,
});

/** Lets scalars and scales move at the pace of weights: 1 / sqrt(what one weighs), of a grid times its levels. */
const pace = ({ weighs = 1, gridOf }: Parameter): number =>
  gridOf === undefined ? 1 / Math.sqrt(weighs) : gradientScale(gridOf);

/** What the loss takes on beside the likelihood, and what gradients of that term are multiplied by later. */
interface Penalty {
  readonly value: Value;
  readonly pace: number;
}

/** L2 of the weights, and what the scalars of their parts cost ([D] eq. 2a, 2b). */
function lowerPenalties(
  g: Builder,
  l2: Schedule | undefined,
  { parameters, parameterValues }: Forward,
): readonly Penalty[] {
  const penalties: Penalty[] = [];
  const weights = parameterValues.filter((_, i) => isWeight(parameters[i]!));
  if (l2 !== undefined) {
    const squares = weights.map((w) => g.sum(g.mul(w, w)));
    const all = squares.reduce((a, b) => g.add(a, b));
    const weight = l2.kind === 'constant' ? g.constant(l2.value) : g.input(squaresWeight, []);
    penalties.push({ value: g.mul(all, weight), pace: 1 });
  }
  parameters.forEach((parameter, i) => {
    const { penalty } = parameter;
    if (penalty === undefined || penalty.weight === 0) return;
    const scale = parameterValues[i]!;
    const small = penalty.of === 'magnitude' ? scale : g.div(g.constant(1), scale);
    penalties.push({ value: g.mul(g.abs(small), g.constant(penalty.weight)), pace: pace(parameter) });
  });
  return penalties;
}

/** Parameters with their gradients: 0 behind a mask, and outside of a part's turn. */
function trainables(
  g: Builder,
  { parameters, parameterValues }: Forward,
  gradients: ReadonlyMap<Value, Value>,
  alternates: boolean,
): Trainable[] {
  const turnOf = (part: Part): Turn => ({ part, on: g.input(turnName(part), []) });
  return parameters.map((parameter, i) => {
    const { name, shape, mask, part, gridOf } = parameter;
    const value = parameterValues[i]!;
    const found = defined(gradients.get(value), `gradient of ${name}`);
    const whole = isWeight(parameter) ? found : g.mul(found, g.constant(pace(parameter)));
    const turn = part === undefined || !alternates ? undefined : turnOf(part);
    const maskValue = mask === undefined ? undefined : g.input(mask, shape);
    const relative = gridOf === undefined ? {} : { size: 1 / gridOf.levels };
    // Before the norm is taken: neither a pruned weight nor one that waits must make the others' steps smaller.
    const flowing = turn === undefined ? whole : g.mul(whole, turn.on);
    const gradient = maskValue === undefined ? flowing : g.mul(flowing, maskValue);
    return { name, shape, value, gradient, mask: maskValue, turn, decays: isWeight(parameter), ...relative };
  });
}

const plainSgd: Optimizer = { kind: 'sgd', clip: undefined, weightDecay: 0 };

/** Forward, loss, gradients and update. Without a `train` block: plain gradient descent. */
export function lowerTraining(model: Model, options: TrainingOptions): StepGraph {
  const { steps, batch, cmr } = options;
  const g = new UniqueBuilder();
  const examples = ofExamples(model);
  const forward = lowerForward(g, model, { steps, batch, mode: 'train', cmr, examples });
  const likelihoods = lowerLikelihoods(g, model, forward);
  const weights = examples ? likelihoods.labels.map(weightOf) : [];
  const summed = examples ? exampleLoss(g, likelihoods, weights) : streamLoss(g, likelihoods);
  // The gradient is that of the sum: the average over the batch is part of the rate, not of a pass over all classes.
  const scale = examples ? 1 : 1 / batch;
  const mean = g.mul(summed, g.constant(scale));
  const penalties = lowerPenalties(g, model.training?.l2, forward);
  const loss = penalties.reduce((sum, { value }) => g.add(sum, value), mean);
  // What a penalty asks of a scalar counts in full: its pace is taken out of its gradient again.
  const objective = penalties.reduce((sum, p) => g.add(sum, g.mul(p.value, g.constant(1 / (scale * p.pace)))), summed);
  const gradients = differentiate(g, objective, forward.parameterValues);
  const updated = trainables(g, forward, gradients, model.training?.alternate !== undefined);
  const norm = globalNorm(
    g,
    updated.map((t) => t.gradient),
    scale,
  );
  const update = lowerOptimizer(g, model.training?.optimizer ?? plainSgd, updated, { norm, scale });
  const outputs: Record<string, Value> = { [lossOutput]: loss, [gradientNorm]: norm };
  for (const { layer, value } of likelihoods.perRow) outputs[likelihoodOutput(layer)] = value;
  return {
    graph: g.finish({ ...outputs, ...update.outputs, ...forward.carriedOutputs }),
    steps,
    batch,
    parameters: forward.parameters,
    carried: [...forward.carried, ...update.carried],
    draws: forward.draws,
    data: [...forward.data, ...likelihoods.labels, ...weights],
    trains: true,
  };
}

interface Unrolled {
  readonly steps: number;
  readonly batch: number;
}

/** Forward without any draw: of a stream, negative log-likelihoods per row; of examples, the logits of all rows. */
export function lowerEvaluation(model: Model, size: Unrolled): StepGraph {
  const g = new UniqueBuilder();
  const examples = ofExamples(model);
  const forward = lowerForward(g, model, { ...size, mode: 'infer', cmr: false, examples });
  if (examples) {
    const logits = classifiers(model).map(({ name }) => [valueOutput(name), logitsOf(forward, name)]);
    return forwardGraph(g, forward, size, { outputs: Object.fromEntries(logits), labels: [] });
  }
  const likelihoods = lowerLikelihoods(g, model, forward);
  const outputs: Record<string, Value> = {};
  for (const { layer, value } of likelihoods.perRow) outputs[likelihoodOutput(layer)] = value;
  return forwardGraph(g, forward, size, { outputs, labels: likelihoods.labels });
}

/**
 * Forward without any draw; probabilities of classifiers and plain values of other outputs out. With `padded`, rows are
 * sequences of at most `steps` steps, and `present` tells how long they are; else state is carried from call to call.
 */
export function lowerPrediction(model: Model, size: Unrolled & { readonly padded?: boolean }): StepGraph {
  const g = new UniqueBuilder();
  const forward = lowerForward(g, model, { ...size, mode: 'infer', cmr: false, examples: size.padded ?? false });
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
