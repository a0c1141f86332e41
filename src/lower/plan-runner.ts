/** A plan run in double, call by call: what the emitted program should give, and how far it may be off. */
import type { KernelCall } from '../kernels/calls.js';
import { costOf } from '../kernels/costs.js';
import { type ActivationMode, activationErrors, executeBounded } from '../kernels/error-bounds.js';
import { ErrorForms, Magnitudes } from '../kernels/error-forms.js';
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

export interface RunnerOptions {
  readonly activation: ActivationMode;
  /** Without it no error bounds are kept, which is some three times faster. */
  readonly bounded: boolean;
  /** Is told each call before it runs, where there are no bounds. */
  readonly watch?: (call: KernelCall, memory: Memory) => void;
  /** Bounds by affine forms where they are tighter, as far as they are affordable. */
  readonly forms?: true;
}

/** A symbol costs as many multiply-adds at every step as the plan, and as many values as its buffers hold. */
function mostSymbols(plan: InferencePlan): number {
  const layouts = plan.regions.map(({ layout }) => layout);
  const calls = [...plan.step, ...plan.finish, ...plan.earlier.flatMap((loop) => loop.calls)];
  const work = calls.reduce((sum, call) => sum + costOf(call, layouts).multiplyAdds, 0);
  const floats = plan.buffers.reduce((sum, { size }) => sum + size, 0);
  return Math.floor(Math.min(256, 1e7 / Math.max(1, work), 4e6 / floats));
}

/** With fewer symbols than the units of a small layer forms follow next to nothing. */
const fewSymbols = 32;

/** Whether a plan is small enough for forms to be worth their time. */
export const affordsForms = (plan: InferencePlan): boolean => mostSymbols(plan) >= fewSymbols;

/** Parts of a value that a bound may be before forms are tried. */
const narrow = 2 ** -12;

/** Whether a bound says so little that a tighter one is worth its time. */
export const isWide = ({ values, errors }: Bounded): boolean =>
  errors.some((error, i) => !(error <= narrow * Math.max(1, Math.abs(values[i]!))));

/** Runs one plan, step by step, on its own memory. State starts at zero. */
export class PlanRunner {
  readonly #plan: InferencePlan;
  readonly #memory: Memory;
  readonly #execution: Execution;
  readonly #bounded: boolean;
  readonly #forms: ErrorForms | undefined;
  readonly #watch: RunnerOptions['watch'];
  readonly #ids = new Map<string, number>();
  /** Of buffers that keep a row for each step: all rows, by buffer. */
  readonly #rows = new Map<number, { readonly values: Float64Array; readonly errors: Float64Array }>();

  constructor(plan: InferencePlan, weights: Weights, options: RunnerOptions) {
    this.#watch = options.watch;
    this.#plan = plan;
    this.#bounded = options.bounded;
    this.#memory = new Memory(plan.buffers);
    const layouts = plan.regions.map((region) => region.layout);
    const tensor = (path: string): Float32Array => defined(weights.get(path), `weight ${path}`).data;
    this.#forms =
      options.forms === true
        ? new ErrorForms(plan.buffers, new Magnitudes(layouts, tensor), mostSymbols(plan))
        : undefined;
    this.#execution = {
      memory: this.#memory,
      weights: new RegionValues(layouts, tensor),
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
    this.#forms?.begin(
      this.#plan.buffers.filter(({ role }) => role === 'rows'),
      count,
    );
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
    this.#forms?.moveTo(at);
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
      this.#forms?.clear(buffer);
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
    this.#forms?.startAnew();
  }

  /** Makes `next` the present state; `exactly` rounds it to float32 and takes it as free of error. */
  advance(how: 'exactly' | 'with errors'): void {
    for (const { now, next } of this.#plan.states) {
      const [values, errors] = [this.#memory.values(next), this.#memory.errors(next)];
      this.#memory.values(now).set(how === 'exactly' ? values.map(Math.fround) : values);
      this.#memory.errors(now).set(how === 'exactly' ? new Float64Array(errors.length) : errors);
      if (how === 'with errors') this.#forms?.copy(next, now);
    }
    if (how === 'exactly') this.#forms?.startAnew();
    else this.#forms?.makeRoom(this.#plan.states.map(({ now }) => now));
  }

  #run(calls: InferencePlan['step']): void {
    if (this.#bounded) executeBounded(calls, this.#execution, this.#forms);
    else
      for (const call of calls) {
        this.#watch?.(call, this.#memory);
        execute(call, this.#execution);
      }
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
  const plain = runOnce(plan, weights, inputs, options);
  const found = [...plain.steps.flat(), ...plain.final, ...plain.states];
  const wide = options.bounded && found.some(isWide) && affordsForms(plan);
  return wide ? runOnce(plan, weights, inputs, { ...options, forms: true }) : plain;
}

function runOnce(
  plan: InferencePlan,
  weights: Weights,
  inputs: readonly (readonly StepInput[])[],
  options: RunnerOptions,
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
