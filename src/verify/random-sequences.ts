/**
 * Random sequences through the built C, from a zero state, against the oracle in double: what the golden vectors of
 * the self-test cannot have been made to fit. Every output has its own bound, over all steps before it.
 */

import type { ActivationMode } from '../kernels/error-bounds.js';
import { type GoldenOutput, randomSequence } from '../lower/golden-vectors.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import type { StepInput } from '../lower/plan-runner.js';
import { bitsAt, streamKey } from '../tensor/random.js';
import type { Weights } from '../tensor/tensor.js';
import { ulpOf } from './ulp.js';

/** What the C stands for. */
export interface Oracle {
  readonly plan: InferencePlan;
  readonly weights: Weights;
  readonly activation: ActivationMode;
}

export interface RandomSequence {
  /** As the run tool reads it: 32-bit values, step by step. */
  readonly input: Uint8Array;
  /** The rows it prints, in order. */
  readonly rows: readonly GoldenOutput[];
}

/** Steps of the longest sequence: bounds grow with every step, and say less and less. */
const longest = 8;

/** `count` sequences of different lengths, drawn from `seed`. */
export function drawSequences({ plan, weights, activation }: Oracle, count: number, seed = 7): RandomSequence[] {
  const lengths = streamKey(seed, 'lengths of sequences');
  const most = Math.min(longest, plan.maxSteps ?? longest);
  return Array.from({ length: count }, (_, i) => {
    const steps = 1 + (bitsAt(lengths, i) % most);
    const drawn = randomSequence(plan, weights, { seed: seed * 1000 + i, steps, activation });
    const everyStep = plan.finish.length === 0 && plan.outputs.every(({ perStep }) => perStep);
    const last = [...drawn.steps.at(-1)!, ...drawn.final];
    const atEnd = plan.outputs.map(({ layer }) => last.find((output) => output.layer === layer)!);
    return { input: bytesOf(drawn.inputs), rows: everyStep ? drawn.steps.flat() : atEnd };
  });
}

function bytesOf(inputs: readonly (readonly StepInput[])[]): Uint8Array {
  const values = inputs.flat();
  const size = values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? 1 : value.length), 0);
  const view = new DataView(new ArrayBuffer(4 * size));
  let at = 0;
  for (const value of values) {
    if (typeof value === 'number') view.setInt32(at, value, true);
    else for (let i = 0; i < value.length; i++) view.setFloat32(at + 4 * i, value[i]!, true);
    at += 4 * (typeof value === 'number' ? 1 : value.length);
  }
  return new Uint8Array(view.buffer);
}

/** Errors of many values against their bounds. */
export interface ErrorFigures {
  readonly values: number;
  readonly largestError: number;
  /** The bound of the value with the largest error. */
  readonly bound: number;
  /** The error that comes nearest to its own bound, in units of it; more than 1 is a failure. */
  readonly largestShare: number;
  /** The largest error in units of the last place of the value it is from. */
  readonly ulp: number;
}

export interface Comparison extends ErrorFigures {
  /** The first value outside its bound, in words; empty when there is none. */
  readonly failure: string;
}

/** Holds printed rows against the expected ones. */
export function compareRows(rows: readonly (readonly number[])[], expected: readonly GoldenOutput[]): Comparison {
  let [values, largestError, bound, largestShare, ulp, failure] = [0, 0, 0, 0, 0, ''];
  if (rows.length !== expected.length)
    failure = `the run tool printed ${rows.length} rows, ${expected.length} were expected`;
  expected.forEach((output, i) => {
    output.values.forEach((value, k) => {
      const got = rows[i]?.[k] ?? Number.NaN;
      const error = Math.abs(got - value);
      const allowed = output.bounds[k]!;
      const where = `${output.layer}[${k}]`;
      if (!(error <= allowed) && failure === '')
        failure = `row ${i} of random sequences, ${where}, is ${got} and should be ${value} within ${allowed}`;
      if (error > largestError) [largestError, bound, ulp] = [error, allowed, error / ulpOf(value)];
      if (allowed > 0) largestShare = Math.max(largestShare, error / allowed);
      values++;
    });
  });
  return { values, largestError, bound, largestShare, ulp, failure };
}
