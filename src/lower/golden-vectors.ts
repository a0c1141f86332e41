/**
 * Inputs drawn from a seed, what a plan gives for them, and how far the emitted program may be off: what its self-test
 * checks. Between steps the state is rounded to float32, so that each step is checked by itself. The last steps are far
 * ones: what they are fed and the state that they begin from reach to where tanh and sigmoid are flat.
 */
import type { ActivationMode } from '../kernels/error-bounds.js';
import { unitRoundoff } from '../kernels/sum-errors.js';
import { bitsAt, fillUniform, streamKey } from '../tensor/random.js';
import type { Weights } from '../tensor/tensor.js';
import { type ExactStep, exactSteps, isExactPlan } from './exact-steps.js';
import type { InferencePlan, PlanInput, PlanState } from './inference-plan.js';
import {
  affordsForms,
  type Bounded,
  isWide,
  PlanRunner,
  type RunOutput,
  runPlan,
  type StepInput,
} from './plan-runner.js';
import { sequenceLengths } from './run-lengths.js';

/** Expected float32 values, and the largest allowed distance of each. */
export interface GoldenValues {
  readonly values: Float32Array;
  readonly bounds: Float32Array;
}

export interface GoldenOutput extends GoldenValues {
  readonly layer: string;
}

export interface GoldenStep {
  /** In the order of `InferencePlan.inputs`. */
  readonly inputs: readonly StepInput[];
  /** In the order of `InferencePlan.states`. */
  readonly before: readonly Float32Array[];
  readonly after: readonly GoldenValues[];
  /** Outputs of every step, in the order of `InferencePlan.outputs`. */
  readonly outputs: readonly GoldenOutput[];
  /** Bit by bit, of programs that give the same on every processor. */
  readonly exact?: ExactStep;
}

/** A sequence from zero state, without rounding between its steps. */
export interface GoldenSequence {
  /** Of every step, in the order of `InferencePlan.inputs`. */
  readonly inputs: readonly (readonly StepInput[])[];
  /** Outputs of every step. */
  readonly steps: readonly (readonly GoldenOutput[])[];
  /** Outputs at the end. */
  readonly final: readonly GoldenOutput[];
  /** Every state as its last step left it, in the order of `InferencePlan.states`. */
  readonly after: readonly GoldenValues[];
}

export interface GoldenVectors {
  readonly steps: readonly GoldenStep[];
  /** Outputs at the end of all steps from zero state, without rounding between them: of models behind `last`. */
  readonly final: readonly GoldenOutput[];
  /**
   * Instead of all that, for a model that must have the whole sequence: some of different lengths, the longest last;
   * the others are fed what that one begins with.
   */
  readonly sequences: readonly GoldenSequence[];
}

export interface GoldenOptions {
  readonly seed: number;
  readonly steps: number;
  readonly activation: ActivationMode;
}

/** How far the values of a far step reach: approximations of tanh end at 8.3. */
const farReach = 8;

/** What one step is fed, drawn from a seed. */
export const drawInputs = (plan: InferencePlan, seed: number, step: number): readonly StepInput[] =>
  plan.inputs.map((input) => drawInput(input, seed, step));

/** Whether a step is one of the last quarter. */
const isFar = (step: number, steps: number): boolean => step >= steps - Math.floor(steps / 4);

/** Golden vectors of a plan; the same seed gives the same vectors. */
export function goldenVectors(plan: InferencePlan, weights: Weights, options: GoldenOptions): GoldenVectors {
  const { seed, steps, activation } = options;
  const inputs = Array.from({ length: steps }, (_, step) =>
    plan.inputs.map((input) => drawInput(input, seed, step, isFar(step, steps) ? farReach : 1)),
  );
  if (plan.maxSteps !== undefined) {
    const lengths = sequenceLengths(plan.run, Math.min(steps, plan.maxSteps));
    const sequences = lengths.map((length) => goldenSequence(plan, weights, inputs.slice(0, length), activation));
    return { steps: [], final: [], sequences };
  }
  const exact =
    activation !== 'exact' && isExactPlan(plan, activation) ? exactSteps(plan, weights, activation) : undefined;
  const run = (runner: PlanRunner): readonly RunStep[] =>
    inputs.map((input, step) => {
      if (isFar(step, steps)) runner.begins(plan.states.map((state) => drawState(state, seed, step)));
      return goldenStep(runner, plan.states, input);
    });
  const bounds = { activation, bounded: true } as const;
  const plain = run(new PlanRunner(plan, weights, bounds));
  const wide = plain.some((step) => step.wide) && affordsForms(plan);
  const found = wide ? run(new PlanRunner(plan, weights, { ...bounds, forms: true })) : plain;
  const golden = found.map(({ step }) => withExact(step, exact));
  const atEnd = plan.outputs.some((output) => !output.perStep);
  const final = atEnd ? runPlan(plan, weights, inputs, { activation, bounded: true }).final : [];
  return { steps: golden, final: final.map(goldenOutput), sequences: [] };
}

const withExact = (step: GoldenStep, exact: ReturnType<typeof exactSteps> | undefined): GoldenStep =>
  exact === undefined ? step : { ...step, exact: exact(step.inputs, step.before) };

/** A sequence of its own draw, from zero state; bounds are over all its steps. */
export function randomSequence(plan: InferencePlan, weights: Weights, options: GoldenOptions): GoldenSequence {
  const { seed, steps, activation } = options;
  const inputs = Array.from({ length: steps }, (_, step) => plan.inputs.map((input) => drawInput(input, seed, step)));
  return goldenSequence(plan, weights, inputs, activation);
}

const goldenOutput = (output: RunOutput): GoldenOutput => ({ layer: output.layer, ...toFloat(output) });

function goldenSequence(
  plan: InferencePlan,
  weights: Weights,
  inputs: GoldenSequence['inputs'],
  activation: ActivationMode,
): GoldenSequence {
  const { steps, final, states } = runPlan(plan, weights, inputs, { activation, bounded: true });
  const ends = { final: final.map(goldenOutput), after: states.map(toFloat) };
  return { inputs, steps: steps.map((outputs) => outputs.map(goldenOutput)), ...ends };
}

interface RunStep {
  readonly step: GoldenStep;
  /** Whether a bound says little. */
  readonly wide: boolean;
}

/** Runs one step and moves on. */
function goldenStep(runner: PlanRunner, states: readonly PlanState[], inputs: readonly StepInput[]): RunStep {
  const before = states.map((state) => Float32Array.from(runner.now(state).values));
  const outputs = runner.step(inputs);
  const after = states.map((state) => runner.next(state));
  runner.advance('exactly');
  const step = { inputs, before, after: after.map(toFloat), outputs: outputs.map(goldenOutput) };
  return { step, wide: [...outputs, ...after].some(isWide) };
}

/** A state that reaches far, whether the model ever gets there or not. */
function drawState({ layer, name, width }: PlanState, seed: number, step: number): Float32Array {
  const values = new Float32Array(width);
  fillUniform(values, farReach, streamKey(seed, `golden ${layer} ${name}`, step));
  return values;
}

/** A token below the vocabulary, or floats from (-reach, reach). */
function drawInput({ name, kind, size }: PlanInput, seed: number, step: number, reach = 1): StepInput {
  const key = streamKey(seed, `golden ${name}`, step);
  if (kind === 'ids') return bitsAt(key, 0) % size;
  const values = new Float32Array(size);
  fillUniform(values, reach, key);
  return values;
}

/** Values as they are written into C: rounding them widens their bounds, and bounds are rounded up. */
const toFloat = ({ values, errors }: Bounded): GoldenValues => ({
  values: Float32Array.from(values),
  bounds: Float32Array.from(errors, (error, i) => (error + Math.abs(values[i]!) * unitRoundoff) * (1 + 2 ** -22)),
});
