/**
 * Bounds by affine forms over random programs: never above the plain ones, far below them where these say nothing, and
 * never below what a program in float32 is off by. That program rounds every result of every call to float32, which is
 * less than the bounds allow for.
 */
import { describe, expect, it } from 'vitest';
import { activationErrors } from '../src/kernels/error-bounds.js';
import { Memory, RegionValues } from '../src/kernels/memory.js';
import { execute } from '../src/kernels/reference.js';
import { usesOf } from '../src/kernels/uses.js';
import { goldenVectors } from '../src/lower/golden-vectors.js';
import type { InferencePlan } from '../src/lower/inference-plan.js';
import { PlanRunner, type RunnerOptions, type RunOutput, type StepInput } from '../src/lower/plan-runner.js';
import type { Weights } from '../src/tensor/tensor.js';
import { checkText } from './support/check-text.js';
import { planOf, prunedWeights } from './support/program-checks.js';
import { randomProgram } from './support/random-programs.js';

type Steps = readonly (readonly StepInput[])[];
type Outputs = readonly (readonly RunOutput[])[];

function bounded(plan: InferencePlan, weights: Weights, inputs: Steps, forms: Pick<RunnerOptions, 'forms'>): Outputs {
  const runner = new PlanRunner(plan, weights, { activation: 'std', bounded: true, ...forms });
  runner.begin(inputs);
  return inputs.map((input, at) => {
    const outputs = runner.step(input, at);
    runner.advance('with errors');
    return outputs;
  });
}

/** Values of all outputs at each step, every result of a call rounded to float32. */
function inSingle(plan: InferencePlan, weights: Weights, inputs: Steps): readonly (readonly Float64Array[])[] {
  const memory = new Memory(plan.buffers);
  const layouts = plan.regions.map(({ layout }) => layout);
  const tokens = new Map<string, number>();
  const id = (input: string): number => tokens.get(input)!;
  const regions = new RegionValues(layouts, (path) => weights.get(path)!.data);
  const execution = { memory, weights: regions, id, activationError: activationErrors('std') };
  return inputs.map((step) => {
    plan.inputs.forEach(({ name, buffer }, i) => {
      const value = step[i]!;
      if (typeof value === 'number') tokens.set(name, value);
      else memory.values(buffer!).set(value);
    });
    for (const call of plan.step) {
      execute(call, execution);
      for (const buffer of usesOf(call).writes) {
        const values = memory.values(buffer);
        values.set(values.map(Math.fround));
      }
    }
    const outputs = plan.outputs.filter(({ perStep }) => perStep).map(({ buffer }) => memory.values(buffer).slice());
    for (const { now, next } of plan.states) memory.values(now).set(memory.values(next));
    return outputs;
  });
}

const largest = (outputs: Outputs): number =>
  Math.max(...outputs.flatMap((step) => step.flatMap(({ errors }) => [...errors])));

/** Per-step programs whose weights are as large as 1: what is off early is far off late. */
const seeds = [328, 342, 373, 386];

describe('bounds by affine forms', () => {
  it.each(seeds)('of program %i', (seed) => {
    const model = checkText(randomProgram(seed)).model;
    if (model === undefined) throw new Error('drawn anew');
    const { weights } = prunedWeights(model, seed);
    const plan = planOf(model, weights);
    expect(plan.earlier).toEqual([]);
    const inputs = goldenVectors(plan, weights, { seed: 1, steps: 4, activation: 'std' }).steps.map((s) => s.inputs);
    const [plain, forms] = [bounded(plan, weights, inputs, {}), bounded(plan, weights, inputs, { forms: true })];
    const seen = inSingle(plan, weights, inputs);
    forms.forEach((step, at) => {
      step.forEach(({ errors, values }, k) => {
        errors.forEach((error, i) => {
          expect(error).toBeLessThanOrEqual(plain[at]![k]!.errors[i]! * (1 + 1e-9));
          expect(Math.abs(seen[at]![k]![i]! - values[i]!)).toBeLessThanOrEqual(error);
        });
      });
    });
    expect(largest(forms)).toBeLessThan(largest(plain) / 10);
  });
});
