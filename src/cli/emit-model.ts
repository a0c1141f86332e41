/** From weights to the files of each target: plan, golden vectors, templates. Makes files in memory. */
import { compileEvaluation, compilePrediction, compileTraining } from '../compile.js';
import { drawnSequence, withVectorScales } from '../lower/calibrate.js';
import { type GoldenVectors, goldenVectors } from '../lower/golden-vectors.js';
import { lowerInference } from '../lower/inference.js';
import { trainedKept } from '../lower/inference-kept.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { storedWeights } from '../lower/stored-weights.js';
import { classifiers, ofExamples } from '../lower/training.js';
import { formatsOf } from '../model/formats.js';
import { type Emit, type EmitTarget, longestSequence, type Model, readsWholeSequences } from '../model/model.js';
import { summarize } from '../model/summary.js';
import { Fault } from '../support/fault.js';
import { emitC } from '../targets/c/emit-c.js';
import { emitNeon } from '../targets/neon/emit-neon.js';
import { emitOnnx } from '../targets/onnx/emit-onnx.js';
import type { OutputFile } from '../targets/output-file.js';
import { browserProgram } from '../targets/tfjs/browser-program.js';
import { type BrowserParts, emitBrowser } from '../targets/tfjs/emit-browser.js';
import { emitTfjs } from '../targets/tfjs/emit-tfjs.js';
import { float32 } from '../tensor/number-format.js';
import type { Weights } from '../tensor/tensor.js';
import type { Score } from '../train/score.js';
import type { LoadedWeights } from './build-folder.js';

/** Steps that the self-test of the emitted C checks, each from its own golden state. */
const goldenSteps = 8;

interface InferenceArtefact {
  readonly plan: InferencePlan;
  readonly golden: GoldenVectors;
  readonly weights: Weights;
}

/** The plan of trained weights as a block emits it. */
export function emittedPlan(model: Model, weights: Weights, emit: Emit): InferencePlan {
  const kept = trainedKept(model, weights);
  return lowerInference(model, {
    keptOf: (tensor) => kept.get(tensor),
    formatOf: formatsOf(model, emit.weights, emit.arithmetic),
    calibrated: emit.calibrated === true,
    maxSteps: longestSequence(model, emit),
    cpu: emit.cpu,
  });
}

/** Steps of a drawn sequence that scales are calibrated on, for weights that are drawn too. */
const drawnSteps = 64;

/** The weights of a plan, with the scales of its vectors where its block wants them calibrated. */
export function emittedWeights(
  plan: InferencePlan,
  emit: Emit,
  { weights, trained, sample }: Pick<LoadedWeights, 'weights' | 'trained' | 'sample'>,
): Weights {
  if (emit.calibrated !== true) return weights;
  if (!trained) return withVectorScales(plan, weights, [drawnSequence(plan, drawnSteps)]);
  if (sample === undefined) {
    const message = `${plan.model} has no training data that \`vectors = calibrated\` could take scales from`;
    throw new Fault('emit/no-calibration', message, 'run `rnnc train`, or write `vectors = dynamic`');
  }
  const least = Math.min(...plan.inputs.map(({ size }) => size));
  const other = sample.flat().find((id) => id >= least);
  if (other !== undefined) {
    const message = `the data of \`vectors = calibrated\` has an id of ${other}, ${plan.model} has ids below ${least}`;
    throw new Fault('build/damaged', message, 'train again');
  }
  const sequences = sample.map((ids) => ids.map((id) => plan.inputs.map(() => id)));
  return withVectorScales(plan, weights, sequences);
}

/** The plan with golden vectors for one activation mode. */
function planInference(model: Model, loaded: LoadedWeights, emit: Emit): InferenceArtefact {
  const plan = emittedPlan(model, loaded.weights, emit);
  const weights = emittedWeights(plan, emit, loaded);
  const golden = goldenVectors(plan, weights, { seed: 1, steps: goldenSteps, activation: emit.activation });
  return { plan, golden, weights };
}

/** `validPerplexity`, and `validAccuracy`, `validF1` where they were measured. */
function scoreFacts(split: 'valid' | 'test', score: Score | undefined): Readonly<Record<string, number>> {
  if (score === undefined) return {};
  const { perplexity, accuracy, f1 } = score;
  return {
    [`${split}Perplexity`]: perplexity,
    ...(accuracy === undefined ? {} : { [`${split}Accuracy`]: accuracy }),
    ...(f1 === undefined ? {} : { [`${split}F1`]: f1 }),
  };
}

function manifestOf(model: Model, loaded: LoadedWeights): Readonly<Record<string, unknown>> {
  const layers = summarize(model, trainedKept(model, loaded.weights));
  return {
    layers: layers.map(({ name, method, before, after }) => ({
      name,
      method,
      parametersBefore: before.parameters,
      parameters: after.parameters,
    })),
    ...scoreFacts('valid', loaded.valid),
    ...scoreFacts('test', loaded.test),
  };
}

/** Files of one emit block, relative to the target's own folder; `parts` make the page of the target `tfjs`. */
export function emitModel(
  model: Model,
  emit: Emit,
  loaded: LoadedWeights,
  parts?: BrowserParts,
): readonly OutputFile[] {
  const { trained, words, labels } = loaded;
  if (emit.target === 'onnx' || emit.target === 'tfjs') return emitGraphs(model, emit, loaded, parts);
  const input = {
    ...planInference(model, loaded, emit),
    trained,
    options: emit,
    ...(words === undefined ? {} : { words }),
    ...(labels === undefined ? {} : { labels }),
    manifest: manifestOf(model, loaded),
  };
  return emit.target === 'c' ? emitC(input) : emitNeon(input);
}

/** Steps of a prediction graph: one, or the longest sequence for models that need the whole of it. */
function predictionSteps(model: Model, emit: Emit): number {
  if (!readsWholeSequences(model)) return 1;
  const steps = longestSequence(model, emit);
  if (steps !== undefined) return steps;
  const message = `${model.name} needs whole sequences, and nothing says how long they are`;
  throw new Fault('emit/needs-length', message, `write \`emit ${emit.target} { max_steps = 50 }\``);
}

/**
 * `predict/` always; `train/` where there is an output to compare with labels, and one graph is all there is to it:
 * projections are not in it. Around them a page, with `evaluate/` for what it holds out.
 */
function emitGraphs(model: Model, emit: Emit, loaded: LoadedWeights, parts?: BrowserParts): readonly OutputFile[] {
  const emitStep = emit.target === 'onnx' ? emitOnnx : emitTfjs;
  const { weights, trained, words } = loaded;
  const length = predictionSteps(model, emit);
  const predict = compilePrediction({ ...model, weights: emit.weights }, length, length > 1 && ofExamples(model));
  const stored = storedWeights(predict.parameters, weights);
  const learns = classifiers(model).length > 0 && model.training?.distort === undefined;
  const train = learns ? compileTraining(model, model.training?.cmr !== undefined) : undefined;
  const graphs = [...(train === undefined ? [] : emitStep(train, 'train')), ...emitStep(predict, 'predict', stored)];
  // A page trains on text or on a source of its own, not on files of labels.
  if (emit.target === 'onnx' || parts === undefined || ofExamples(model)) return graphs;
  const steps = train === undefined ? undefined : { update: train, evaluation: compileEvaluation(model) };
  const program = browserProgram(model, { trained, words, train: steps, predict });
  const evaluate = steps === undefined ? [] : emitTfjs(steps.evaluation, 'evaluate');
  return [...graphs, ...evaluate, ...emitBrowser(program, weights, parts)];
}

/** The first block that stores weights in C, where there is one. */
export const storingBlock = (model: Model): Emit | undefined =>
  model.emits.find(({ target }) => target === 'c' || target === 'neon');

/** The model with the weights that its first C program stores: weights without a format of their own are rounded. */
export function asStored(model: Model): Model {
  const block = storingBlock(model);
  return block === undefined ? model : { ...model, weights: block.weights };
}

/** The program's block for a target, or the target's defaults. */
export function emitBlockOf(model: Model, target: EmitTarget): Emit {
  const written = model.emits.find((emit) => emit.target === target);
  if (written !== undefined) return written;
  return {
    target,
    cpu: target === 'neon' ? 'cortex-a73' : 'any',
    weights: float32,
    arithmetic: 'float32',
    activation: 'std',
    prefix: model.name,
    vocabulary: 'file',
    budget: undefined,
    budgetSpan: model.span,
    span: model.span,
  };
}
