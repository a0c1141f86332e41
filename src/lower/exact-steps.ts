/**
 * Single time steps bit by bit as the emitted program has them, for programs whose results are the same on every
 * processor. Knows no double and no bound.
 */
import type { ActivationMode } from '../kernels/error-bounds.js';
import { type ExactExecution, executeExact, isExact } from '../kernels/exact.js';
import { RegionValues } from '../kernels/memory.js';
import { defined } from '../support/assert.js';
import type { Weights } from '../tensor/tensor.js';
import type { InferencePlan } from './inference-plan.js';
import type { StepInput } from './plan-runner.js';

/** What a step leaves: outputs of every step in the order of the plan's, states in the order of its states. */
export interface ExactStep {
  readonly outputs: readonly Float32Array[];
  readonly after: readonly Float32Array[];
}

/** All calls of a plan. */
const callsOf = ({ earlier, step, finish }: InferencePlan) => [
  ...earlier.flatMap(({ calls }) => calls),
  ...step,
  ...finish,
];

/** Whether the emitted program gives the same bits on every processor. */
export const isExactPlan = (plan: InferencePlan, activation: ActivationMode): boolean =>
  isExact(callsOf(plan), activation);

/** Runs steps of a plan that is exact and needs no whole sequence, each from a state that it is given. */
export function exactSteps(
  plan: InferencePlan,
  weights: Weights,
  activation: ExactExecution['activation'],
): (inputs: readonly StepInput[], before: readonly Float32Array[]) => ExactStep {
  const buffers = new Map(plan.buffers.map(({ id, size }) => [id, new Float32Array(size)]));
  const ids = new Map<string, number>();
  const values: ExactExecution['values'] = ({ id, offset, size }) =>
    defined(buffers.get(id), `buffer ${id}`).subarray(offset, offset + size);
  const layouts = plan.regions.map(({ layout }) => layout);
  const execution: ExactExecution = {
    values,
    codes: new Map(),
    weights: new RegionValues(layouts, (path) => defined(weights.get(path), `weight ${path}`).data),
    id: (input) => defined(ids.get(input), `token of ${input}`),
    activation,
  };
  return (inputs, before) => {
    plan.states.forEach(({ now }, i) => {
      values(now).set(before[i]!);
    });
    plan.inputs.forEach(({ name, buffer }, i) => {
      const value = inputs[i]!;
      if (typeof value === 'number') ids.set(name, value);
      else values(defined(buffer, `buffer of ${name}`)).set(value);
    });
    for (const call of plan.step) executeExact(call, execution);
    return {
      outputs: plan.outputs.flatMap(({ perStep, buffer }) => (perStep ? [values(buffer).slice()] : [])),
      after: plan.states.map(({ next }) => values(next).slice()),
    };
  };
}
