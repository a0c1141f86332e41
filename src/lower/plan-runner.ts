/** A plan run in double, call by call: what the emitted program should give, and how far it may be off. */
import { type ActivationMode, activationErrors, executeBounded } from '../kernels/error-bounds.js';
import { type Execution, Memory, RegionValues } from '../kernels/memory.js';
import { execute } from '../kernels/reference.js';
import { defined, invariant } from '../support/assert.js';
import type { Weights } from '../tensor/tensor.js';
import type { InferencePlan, PlanOutput, PlanState } from './inference-plan.js';

/** What is fed at one step, in the order of `InferencePlan.inputs`: a token, or the floats of one vector. */
export type StepInput = number | Float32Array;

/** Values and how far float32 may be off, one for each. */
export interface Bounded {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

export interface RunOutput extends Bounded {
  readonly layer: string;
}

/** Runs one plan, step by step, on its own memory. State starts at zero. */
export class PlanRunner {
  readonly #plan: InferencePlan;
  readonly #memory: Memory;
  readonly #execution: Execution;
  readonly #bounded: boolean;
  readonly #ids = new Map<string, number>();
  /** Of buffers that keep a row for each step: all rows, by buffer. */
  readonly #rows = new Map<number, { readonly values: Float64Array; readonly errors: Float64Array }>();

  /** Without `bounded` no error bounds are kept, which is some three times faster. */
  constructor(plan: InferencePlan, weights: Weights, options: { activation: ActivationMode; bounded: boolean }) {
    this.#plan = plan;
    this.#bounded = options.bounded;
    this.#memory = new Memory(plan.buffers);
    const layouts = plan.regions.map((region) => region.layout);
    this.#execution = {
      memory: this.#memory,
      weights: new RegionValues(layouts, (path) => defined(weights.get(path), `weight ${path}`).data),
      id: (input) => defined(this.#ids.get(input), `token of ${input}`),
      activationError: activationErrors(options.activation),
    };
  }

  /** The loops over a whole sequence that come before its steps; nothing for a model that works step by step. */
  begin(sequence: readonly (readonly StepInput[])[]): void {
    const count = sequence.length;
    for (const { id, size, role } of this.#plan.buffers)
      if (role === 'rows')
        this.#rows.set(id, { values: new Float64Array(size * count), errors: new Float64Array(size * count) });
    for (const { backward, calls } of this.#plan.earlier)
      for (let i = 0; i < count; i++) {
        const at = backward ? count - 1 - i : i;
        this.#feed(defined(sequence[at], `step ${at}`), at);
        this.#run(calls);
        this.advance('with errors');
      }
  }

  /** One time step, number `at` of what `begin` was given; the new state is in `next` until `advance`. */
  step(inputs: readonly StepInput[], at = 0): readonly RunOutput[] {
    this.#feed(inputs, at);
    this.#run(this.#plan.step);
    return this.#outputs((output) => output.perStep);
  }

  #feed(inputs: readonly StepInput[], at: number): void {
    for (const { id, size, role } of this.#plan.buffers) {
      if (role !== 'rows') continue;
      const { values, errors } = defined(this.#rows.get(id), `rows of buffer ${id}`);
      const [start, end] = [at * size, (at + 1) * size];
      this.#memory.place(id, values.subarray(start, end), errors.subarray(start, end));
    }
    this.#plan.inputs.forEach((input, i) => {
      const value = defined(inputs[i], `input ${input.name}`);
      if (typeof value === 'number') {
        invariant(value >= 0 && value < input.size, `token ${value} of ${input.size}`);
        this.#ids.set(input.name, value);
        return;
      }
      const buffer = defined(input.buffer, `buffer of ${input.name}`);
      this.#memory.values(buffer).set(value);
      this.#memory.errors(buffer).fill(0);
    });
  }

  /** What is computed once, after the last step and before its `advance`. */
  finish(): readonly RunOutput[] {
    this.#run(this.#plan.finish);
    return this.#outputs((output) => !output.perStep);
  }

  /** The state as the last step left it. */
  next({ next }: PlanState): Bounded {
    return { values: this.#memory.values(next).slice(), errors: this.#memory.errors(next).slice() };
  }

  /** The state before the next step. */
  now({ now }: PlanState): Bounded {
    return { values: this.#memory.values(now).slice(), errors: this.#memory.errors(now).slice() };
  }

  /** Makes these the present state, free of error; in the order of the plan's states. */
  begins(states: readonly Float32Array[]): void {
    this.#plan.states.forEach(({ now }, i) => {
      this.#memory.values(now).set(defined(states[i], `state ${i}`));
      this.#memory.errors(now).fill(0);
    });
  }

  /** Makes `next` the present state; `exactly` rounds it to float32 and takes it as free of error. */
  advance(how: 'exactly' | 'with errors'): void {
    for (const { now, next } of this.#plan.states) {
      const [values, errors] = [this.#memory.values(next), this.#memory.errors(next)];
      this.#memory.values(now).set(how === 'exactly' ? values.map(Math.fround) : values);
      this.#memory.errors(now).set(how === 'exactly' ? new Float64Array(errors.length) : errors);
    }
  }

  #run(calls: InferencePlan['step']): void {
    if (this.#bounded) executeBounded(calls, this.#execution);
    else for (const call of calls) execute(call, this.#execution);
  }

  #outputs(which: (output: PlanOutput) => boolean): readonly RunOutput[] {
    return this.#plan.outputs.filter(which).map(({ layer, buffer }) => ({
      layer,
      values: this.#memory.values(buffer).slice(),
      errors: this.#memory.errors(buffer).slice(),
    }));
  }
}

export interface PlanRun {
  /** Outputs of every step, in the order of the plan's outputs; empty for a model that needs the whole sequence. */
  readonly steps: readonly (readonly RunOutput[])[];
  /** Outputs after the last step. */
  readonly final: readonly RunOutput[];
  /** Every state as its last step left it, in the order of the plan's states. */
  readonly states: readonly Bounded[];
}

/** Runs a sequence from zero state in double, errors of all steps added up when bounded. */
export function runPlan(
  plan: InferencePlan,
  weights: Weights,
  inputs: readonly (readonly StepInput[])[],
  options: { activation: ActivationMode; bounded: boolean } = { activation: 'exact', bounded: false },
): PlanRun {
  const runner = new PlanRunner(plan, weights, options);
  const steps: (readonly RunOutput[])[] = [];
  let final: readonly RunOutput[] = [];
  runner.begin(inputs);
  inputs.forEach((input, step) => {
    steps.push(runner.step(input, step));
    if (step === inputs.length - 1) final = runner.finish();
    runner.advance('with errors');
  });
  return { steps, final, states: plan.states.map((state) => runner.next(state)) };
}
