/** What must hold for every checked program, whatever it is: graphs against the oracle, sizes, plan against graph. */

import type { Engine } from '../../src/engines/engine.js';
import { evaluate, type Feed } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/ops.js';
import { lowerInference } from '../../src/lower/inference.js';
import { trainedKept } from '../../src/lower/inference-kept.js';
import type { InferencePlan } from '../../src/lower/inference-plan.js';
import { runPlan, type StepInput } from '../../src/lower/plan-runner.js';
import { storedWeights } from '../../src/lower/stored-weights.js';
import { lowerPrediction, lowerTraining } from '../../src/lower/training.js';
import {
  type Draw,
  inputName,
  type StepGraph,
  squaresWeight,
  turnName,
  turnNumber,
  valueOutput,
} from '../../src/lower/training-graph.js';
import { projectedUnits, trainedModel } from '../../src/model/distortion.js';
import { formatsOf } from '../../src/model/formats.js';
import { longestSequence, type Model, stepsOf } from '../../src/model/model.js';
import { trainingPasses } from '../../src/passes/passes.js';
import { runPasses } from '../../src/passes/run-passes.js';
import { fillKeep, fillUniform, streamKey, uniformAt } from '../../src/tensor/random.js';
import { type Shape, size } from '../../src/tensor/shape.js';
import type { FloatTensor, Tensor, Weights } from '../../src/tensor/tensor.js';
import { initialWeights } from '../../src/train/initialize.js';
import { applyMask, selectLargest } from '../../src/train/masks.js';
import { storedWeights as projectedWeights, trainedWeights } from '../../src/train/projection.js';
import { Dice } from './dice.js';

const drawn = (shape: Shape, bound: number, purpose: string): FloatTensor => {
  const data = new Float32Array(size(shape));
  fillUniform(data, bound, streamKey(1, purpose));
  return { shape, data };
};

export interface Pruned {
  /** Biases are drawn too; pruned tensors have their final counts. */
  readonly weights: Weights;
  /** By the path of the tensor they are of. */
  readonly masks: ReadonlyMap<string, FloatTensor>;
}

/** Weights as training may leave them. */
export function prunedWeights(model: Model, seed: number): Pruned {
  const { parameters } = lowerPrediction(model, { steps: 1, batch: 1 });
  const weights = new Map(initialWeights(parameters, seed));
  for (const { name, shape, bound } of parameters) if (bound === 0) weights.set(name, drawn(shape, 0.3, name));
  const masks = new Map<string, FloatTensor>();
  for (const { tensors, block, kept } of model.pools) {
    const values = tensors.map((name) => weights.get(name)!);
    selectLargest(values, kept, block).forEach((mask, i) => {
      masks.set(tensors[i]!, mask);
      weights.set(tensors[i]!, applyMask(values[i]!, mask));
    });
  }
  const units = projectedUnits(model);
  // What is projected are the method's tensors again.
  return { weights: units.length === 0 ? weights : projectedWeights(units, trainedWeights(units, weights)), masks };
}

/** Means and sums of squares. */
const isSquare = /^moment\..*\.(second|squares|changes)$/;

/** Examples of 1, 2, 3... steps, the first ones again behind the longest: 1 where one of them has a token. */
const presence = (shape: Shape, { steps, batch }: StepGraph): Tensor => ({
  shape,
  data: Float32Array.from({ length: size(shape) }, (_, i) =>
    Math.floor(i / batch) <= ((i % batch) + steps - 1) % steps ? 1 : 0,
  ),
});

/** Ids below the vocabulary, or the classes, of what an input feeds; floats otherwise. */
function dataOf(model: Model, step: StepGraph, seed: number): Record<string, Tensor> {
  const dice = new Dice(seed, 'data');
  const feeds: Record<string, Tensor> = {};
  for (const { name, layer, type, shape, role } of step.data) {
    if (role === 'present') feeds[name] = presence(shape, step);
    if (role === 'weight') feeds[name] = { shape, data: drawn(shape, 1, name).data.map(Math.abs) };
    if (role === 'present' || role === 'weight') continue;
    const { signal } = model.layers.find((l) => l.name === layer)!.shape;
    const limit = signal.kind === 'ids' ? signal.vocabulary : signal.width;
    feeds[name] =
      type === 'float32'
        ? drawn(shape, 1, name)
        : { shape, data: new Int32Array(size(shape)).map(() => dice.below(limit)) };
  }
  return feeds;
}

function drawOf({ name, shape, role }: Draw): FloatTensor {
  const data = new Float32Array(size(shape));
  fillKeep(data, role.kind === 'dropout' ? 1 - role.rate : 0.6, streamKey(2, name));
  return { shape, data };
}

/** A value for every input of a training step. */
export function trainingFeeds(model: Model, step: StepGraph, { weights, masks }: Pruned): Record<string, Tensor> {
  const trained = trainedWeights(projectedUnits(model), weights);
  const feeds: Record<string, Tensor> = { ...dataOf(model, step, 3), ...Object.fromEntries(trained) };
  for (const { name, shape, mask, penalty } of step.parameters) {
    if (mask !== undefined) feeds[mask] = masks.get(name) ?? { shape, data: new Float32Array(size(shape)).fill(1) };
    if (penalty !== undefined) feeds[name] = { shape, data: Float32Array.of(penalty.of === 'inverse' ? 0.8 : -1.3) };
  }
  for (const { name, shape } of step.carried) {
    const value = drawn(shape, 0.5, name);
    feeds[name] = isSquare.test(name) ? { shape, data: value.data.map((v) => 0.1 + v * v) } : value;
  }
  for (const draw of step.draws) feeds[draw.name] = drawOf(draw);
  feeds['lr'] = { shape: [], data: Float32Array.of(0.25) };
  feeds[squaresWeight] = { shape: [], data: Float32Array.of(1e-3) };
  feeds['step'] = { shape: [], data: Float32Array.of(7) };
  for (const [i, part] of (['structure', 'overlay'] as const).entries()) {
    feeds[turnName(part)] = { shape: [], data: Float32Array.of(i) };
    feeds[turnNumber(part)] = { shape: [], data: Float32Array.of(3 + i) };
  }
  const read = new Set(step.graph.ops.flatMap((op) => (op.kind === 'input' ? [op.attrs.name] : [])));
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name)));
}

const doubles = (feeds: Readonly<Record<string, Tensor>>): Feed =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) =>
      data instanceof Int32Array ? [name, { shape, data }] : [name, { shape, data: Float64Array.from(data) }],
    ),
  );

type Values = Readonly<Record<string, ArrayLike<number>>>;

const oracle = (graph: Graph, feeds: Readonly<Record<string, Tensor>>): Values =>
  Object.fromEntries(Object.entries(evaluate(graph, doubles(feeds))).map(([name, { data }]) => [name, data]));

/** The program's training step, before and after passes. */
export function trainingSteps(model: Model, cmr: boolean): { readonly plain: StepGraph; readonly passed: StepGraph } {
  const loader = model.training?.loader;
  const { steps, batch } = loader ? { steps: stepsOf(loader), batch: loader.batch } : { steps: 3, batch: 2 };
  const plain = lowerTraining(trainedModel(model), { steps, batch, cmr });
  return { plain, passed: { ...plain, graph: runPasses(plain.graph, trainingPasses) } };
}

/** Largest distance of two outputs' values, in parts of what each may be off. */
export interface Distance {
  readonly output: string;
  readonly share: number;
}

/** How far each change of a tensor is from where it was. */
const largestChange = (values: ArrayLike<number>, before: ArrayLike<number> | undefined): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]! - (before?.[i] ?? 0)));
  return largest;
};

/** What a value may be off by. */
interface Allowance {
  /** Parts of the largest change in its own tensor, and of a hundredth of the largest change of any (gradients cancel). */
  readonly change: number;
  /** Parts of the value itself. */
  readonly value: number;
  /** Of each output besides: what no computation in single precision can tell. */
  readonly uncertain?: ReadonlyMap<string, number>;
}
const inDouble: Allowance = { change: 1e-10, value: 1e-13 };
const inSingle: Allowance = { change: 1e-5, value: 2 ** -22 };

/** The values fed, each off by at most a bit of single precision, in doubles. */
function shaken(feeds: Readonly<Record<string, Tensor>>, seed: number): Feed {
  const shake = (name: string, data: ArrayLike<number>): Float64Array => {
    const key = streamKey(seed, name);
    return Float64Array.from(data, (value, i) => value * (1 + (2 * uniformAt(key, i) - 1) * 2 ** -23));
  };
  return Object.fromEntries(
    Object.entries(doubles(feeds)).map(([name, { shape, data }]) =>
      data instanceof Int32Array ? [name, { shape, data }] : [name, { shape, data: shake(name, data) }],
    ),
  );
}

/**
 * How far each output of the oracle itself goes, at most of three times, when what is fed is off by its last bit, four
 * times over: a step whose sums cancel is as uncertain in single precision, whoever computes it.
 */
function uncertainty(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  expected: Values,
): ReadonlyMap<string, number> {
  const runs = [0, 1, 2].map((seed) => evaluate(graph, shaken(feeds, seed)));
  const off = (name: string): number => Math.max(...runs.map((run) => largestChange(run[name]!.data, expected[name])));
  return new Map(Object.keys(expected).map((name) => [name, 4 * off(name)]));
}

/** The worst output. */
function farthest(
  found: Values,
  expected: Values,
  feeds: Readonly<Record<string, Tensor>>,
  allowance: Allowance,
): Distance {
  const before = (output: string): ArrayLike<number> | undefined =>
    output.endsWith('.next') ? feeds[output.slice(0, -'.next'.length)]?.data : undefined;
  const changes = Object.entries(expected).map(([name, values]) => largestChange(values, before(name)));
  const overall = Math.max(...changes);
  let worst: Distance = { output: '', share: 0 };
  Object.entries(expected).forEach(([output, values], k) => {
    const scale = allowance.change * (changes[k]! + overall / 100) + (allowance.uncertain?.get(output) ?? 0);
    for (let i = 0; i < values.length; i++) {
      const allowed = scale + allowance.value * Math.abs(values[i]!) + 1e-30;
      const distance = Math.abs((found[output]?.[i] ?? Number.NaN) - values[i]!);
      // NaN counts as farthest.
      if (!(distance <= allowed * worst.share))
        worst = { output, share: Number.isNaN(distance) ? Infinity : distance / allowed };
    }
  });
  return worst;
}

/** One step on an engine, everything fed and everything returned. */
export async function runStep(engine: Engine, graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<Values> {
  const session = await engine.load(graph, { threads: 1, carries: new Map() });
  try {
    const outputs = await session.run(feeds);
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
  } finally {
    await session.close();
  }
}

/** Worst outputs of a training step, by what computed it; over 1 is a failure. */
export async function trainingDistances(
  model: Model,
  pruned: Pruned,
  cmr: boolean,
  engines: readonly Engine[],
): Promise<readonly (Distance & { readonly by: string })[]> {
  const { plain, passed } = trainingSteps(model, cmr);
  const feeds = trainingFeeds(model, plain, pruned);
  const expected = oracle(plain.graph, feeds);
  const kept = trainingFeeds(model, passed, pruned);
  const uncertain = uncertainty(plain.graph, feeds, expected);
  const results = [{ by: 'passes', ...farthest(oracle(passed.graph, kept), expected, feeds, inDouble) }];
  for (const engine of engines)
    results.push({
      by: engine.name,
      ...farthest(await runStep(engine, passed.graph, kept), expected, feeds, { ...inSingle, uncertain }),
    });
  return results;
}

/** The plan of given weights. */
export function planOf(model: Model, weights: Weights): InferencePlan {
  const kept = trainedKept(model, weights);
  return lowerInference(model, {
    keptOf: (tensor) => kept.get(tensor),
    formatOf: formatsOf(model, model.weights, model.emits[0]?.arithmetic),
    cpu: model.emits[0]?.cpu,
    maxSteps: longestSequence(model, model.emits[0]),
  });
}

const softmax = (logits: Float64Array): Float64Array => {
  const most = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
};

/** Largest distance between the prediction graph and the plan of the emitted program, both in doubles, over some steps. */
export function planDistance(model: Model, plan: InferencePlan, weights: Weights, steps: number): number {
  const graph = lowerPrediction(model, { steps, batch: 1 });
  const stored = storedWeights(graph.parameters, weights);
  const feeds: Record<string, Tensor> = { ...dataOf(model, graph, 4), ...Object.fromEntries(stored) };
  for (const { name, shape } of graph.carried) feeds[name] = { shape, data: new Float32Array(size(shape)) };
  const expected = oracle(graph.graph, feeds);
  const inputs = Array.from({ length: steps }, (_, t) =>
    plan.inputs.map(({ name, kind, size: width }): StepInput => {
      const all = feeds[inputName(name)]!.data;
      return kind === 'ids' ? all[t]! : Float32Array.from(all.subarray(t * width, (t + 1) * width));
    }),
  );
  const run = runPlan(plan, weights, inputs);
  let worst = 0;
  for (const { layer, perStep, classifies } of plan.outputs) {
    const rows = perStep ? run.steps : [run.final];
    const values = rows.flatMap((outputs) => {
      const { values: own } = outputs.find((output) => output.layer === layer)!;
      return [...(classifies ? softmax(own) : own)];
    });
    const wanted = expected[valueOutput(layer)]!;
    if (wanted.length !== values.length) return Number.POSITIVE_INFINITY;
    values.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - wanted[i]!));
    });
  }
  return worst;
}
