/** The pipeline on one screen: program text to checked model, model to step graphs and to the emitted program. */
import { Diagnostics, type Report } from './diagnostics/diagnostic.js';
import type { Graph } from './graph/ops.js';
import { lowerEvaluation, lowerPrediction, lowerTraining, ofExamples } from './lower/training.js';
import type { Parameter, StepGraph } from './lower/training-graph.js';
import { checkAlone, checkSweep } from './model/check.js';
import { checkLoaded } from './model/check-loaded.js';
import { trainedModel } from './model/distortion.js';
import { type Model, stepsOf } from './model/model.js';
import { type SweepPlan, sweepOf } from './model/sweep.js';
import { type BaselineWord, withBaselines } from './model/sweep-baselines.js';
import { trainingPasses } from './passes/passes.js';
import { runPasses } from './passes/run-passes.js';
import type { Program } from './syntax/ast.js';
import { loadProgram, type ReadText } from './syntax/load.js';

export interface Compiled {
  readonly program: Program;
  readonly model: Model;
}

/** Called after every pass, for `--print-after`. */
export type OnPass = (pass: string, graph: Graph) => void;

/** Undefined when an error was reported. */
export function compile(path: string, readText: ReadText, report: Report): Compiled | undefined {
  const faults = new Diagnostics();
  const program = loadProgram(path, readText, faults.report);
  const model = program && checkLoaded(program, faults.all, report);
  return program && model && { program, model };
}

/** What the `sweep` block of a checked program runs, baselines behind it; undefined when it has none. */
export function compileSweep(program: Program, baselines: readonly BaselineWord[]): SweepPlan | undefined {
  if (sweepOf(program) === undefined) return undefined;
  const plan = checkSweep(program, () => undefined);
  return plan && withBaselines(plan, baselines, checkAlone);
}

function optimize(step: StepGraph, onPass: OnPass | undefined): StepGraph {
  const options = onPass === undefined ? {} : { onAfter: onPass };
  return { ...step, graph: runPasses(step.graph, trainingPasses, options) };
}

/** Sequence length and batch of the training step when the program has no loader. */
const defaultSize = { steps: 20, batch: 20 };

const trainingSize = (model: Model): { steps: number; batch: number } =>
  model.training === undefined
    ? defaultSize
    : { steps: stepsOf(model.training.loader), batch: model.training.loader.batch };

/** Forward, backward and update over `steps` unrolled steps; with or without co-matrix row dropout. */
export const compileTraining = (
  model: Model,
  cmr: boolean,
  onPass?: OnPass,
  steps = trainingSize(model).steps,
): StepGraph => optimize(lowerTraining(trainedModel(model), { ...trainingSize(model), steps, cmr }), onPass);

/** Negative log-likelihoods of one stream; of examples the logits of a batch padded to `steps`. */
export const compileEvaluation = (model: Model, steps = trainingSize(model).steps): StepGraph =>
  optimize(lowerEvaluation(model, { steps, batch: ofExamples(model) ? trainingSize(model).batch : 1 }), undefined);

/** All weights of a model. */
export const parametersOf = (model: Model): readonly Parameter[] =>
  lowerEvaluation(model, { steps: 1, batch: 1 }).parameters;

/**
 * One time step, batch 1: probabilities out. Models that need the whole sequence take `steps` of it, or with `padded`
 * at most as many.
 */
export const compilePrediction = (model: Model, steps = 1, padded = false): StepGraph =>
  optimize(lowerPrediction(model, { steps, batch: 1, padded }), undefined);
