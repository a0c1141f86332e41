/**
 * Scales of the vectors of integer products that are fixed beforehand: the largest magnitude that each vector has while
 * sequences run in double from a zero state, over 127. They lie beside the weights as tensors of their own.
 */
import type { RegionId } from '../kernels/calls.js';
import { defined } from '../support/assert.js';
import { scaleOf } from '../tensor/grid.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { drawInputs } from './golden-vectors.js';
import type { InferencePlan } from './inference-plan.js';
import { PlanRunner, type RunnerOptions, type StepInput } from './plan-runner.js';

/** What is fed at every step of a sequence. */
export type FedSequence = readonly (readonly StepInput[])[];

/** A sequence that is drawn from a seed, for weights that are. */
export const drawnSequence = (plan: InferencePlan, steps: number): FedSequence =>
  Array.from({ length: Math.min(steps, plan.maxSteps ?? steps) }, (_, step) => drawInputs(plan, 1, step));

/** The weights, and the scale of every vector that the plan wants one for. */
export function withVectorScales(plan: InferencePlan, weights: Weights, sequences: readonly FedSequence[]): Weights {
  const most = new Map<RegionId, number>();
  const watch: RunnerOptions['watch'] = (call, memory) => {
    if (call.kind !== 'quantize' || call.scale === undefined) return;
    const seen = memory.values(call.x).reduce((a, value) => Math.max(a, Math.abs(value)), 0);
    most.set(call.scale, Math.max(seen, most.get(call.scale) ?? 0));
  };
  for (const sequence of sequences) {
    const runner = new PlanRunner(plan, weights, { activation: 'exact', bounded: false, watch });
    runner.begin(sequence);
    sequence.forEach((inputs, step) => {
      runner.step(inputs, step);
      if (step === sequence.length - 1) runner.finish();
      runner.advance('with errors');
    });
  }
  const scales = [...most].map(([id, value]): readonly [string, FloatTensor] => {
    const { tensor } = defined(plan.regions[id], `region ${id}`).layout.matrix;
    return [tensor, { shape: [1, 1], data: Float32Array.of(scaleOf(value, 127)) }];
  });
  return new Map([...weights, ...scales]);
}
