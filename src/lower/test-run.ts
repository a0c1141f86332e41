/** Runs a plan in blocks in double, in its own memory plan, as the emitted program does. Never compiled in. */
import { activationErrors } from '../kernels/error-bounds.js';
import { type Execution, Memory, RegionValues } from '../kernels/memory.js';
import { execute } from '../kernels/reference.js';
import type { Weights } from '../tensor/tensor.js';
import type { InferencePlan } from './inference-plan.js';
import type { StepInput } from './plan-runner.js';
import type { RunBuffer, RunLoop, RunPlan } from './run-plan.js';

/** Outputs of every step, or of the last one only, those at the end, and the states. */
export interface BlockRun {
  readonly steps: readonly (readonly Float64Array[])[];
  readonly final: readonly Float64Array[];
  readonly states: readonly Float64Array[];
}

class BlockRunner {
  readonly #plan: InferencePlan;
  readonly #run: RunPlan;
  readonly #inputs: readonly (readonly StepInput[])[];
  readonly #memory = new Memory([]);
  readonly #execution: Execution;
  /** Whatever is read before it is written makes NaN. */
  readonly #work: Float64Array;
  readonly #states: readonly (readonly [Float64Array, Float64Array])[];
  readonly #given: readonly Float64Array[];
  #now = 0;
  #ids: readonly StepInput[] = [];

  constructor(plan: InferencePlan, run: RunPlan, weights: Weights, inputs: readonly (readonly StepInput[])[]) {
    this.#plan = plan;
    this.#run = run;
    this.#inputs = inputs;
    this.#work = new Float64Array(run.workSize).fill(Number.NaN);
    this.#states = plan.states.map(({ width }) => [new Float64Array(width), new Float64Array(width)]);
    this.#given = plan.outputs.map(({ buffer }) => new Float64Array(buffer.size * inputs.length).fill(Number.NaN));
    const layouts = plan.regions.map(({ layout }) => layout);
    this.#execution = {
      memory: this.#memory,
      weights: new RegionValues(layouts, (path) => weights.get(path)!.data),
      id: (input) => this.#ids[plan.inputs.findIndex(({ name }) => name === input)] as number,
      activationError: activationErrors('exact'),
    };
  }

  /** The floats of a buffer at step `t` of the block from `start` on; row `to` of what is given. */
  #floats({ id, role, offset, size }: RunBuffer, start: number, t: number, to: number): Float64Array {
    if (role === 'fed') {
      const input = this.#plan.inputs.findIndex(({ buffer }) => buffer?.id === id);
      return Float64Array.from(this.#inputs[start + t]![input] as Float32Array);
    }
    if (role === 'given') {
      const output = this.#plan.outputs.findIndex(({ buffer }) => buffer.id === id);
      return this.#given[output]!.subarray(to * size, (to + 1) * size);
    }
    if (role === 'state-now' || role === 'state-next') {
      const state = this.#plan.states.findIndex(({ now, next }) => now.id === id || next.id === id);
      return this.#states[state]![role === 'state-now' ? this.#now : 1 - this.#now]!;
    }
    const row = { work: 0, block: t, rows: start + t }[role] * size;
    return this.#work.subarray(offset + row, offset + row + size);
  }

  #place(start: number, t: number, to = start + t): void {
    this.#ids = this.#inputs[start + t]!;
    for (const buffer of this.#run.buffers)
      this.#memory.place(buffer.id, this.#floats(buffer, start, t, to), new Float64Array(buffer.size));
  }

  #block({ backward, stages }: RunLoop, start: number, n: number): void {
    const before = this.#now;
    for (const { kind, calls } of stages) {
      if (kind === 'ahead') {
        for (const call of calls)
          for (let t = 0; t < n; t++) {
            this.#place(start, t);
            execute(call, this.#execution);
          }
        continue;
      }
      this.#now = before;
      for (let k = 0; k < n; k++) {
        this.#place(start, backward ? n - 1 - k : k);
        for (const call of calls) execute(call, this.#execution);
        this.#now = 1 - this.#now;
      }
    }
  }

  /** Outputs of steps `first` to `first + n` of a block; the first of them is row `to` of what is given. */
  #outputs(start: number, first: number, n: number, to: number): Float64Array[][] {
    for (const call of this.#run.outputs)
      for (let t = 0; t < n; t++) {
        this.#place(start, first + t, to + t);
        execute(call, this.#execution);
      }
    return Array.from({ length: n }, (_, t) => {
      this.#place(start, first + t, to + t);
      return this.#run.results.map((result) => this.#memory.values(result).slice());
    });
  }

  run(everyStep: boolean): BlockRun {
    const count = this.#inputs.length;
    const steps: Float64Array[][] = [];
    let [start, n] = [0, 0];
    this.#run.loops.forEach((loop, l) => {
      const isLast = l === this.#run.loops.length - 1;
      for (let done = 0; done < count; done += n) {
        n = Math.min(this.#run.steps, count - done);
        start = loop.backward ? count - done - n : done;
        this.#block(loop, start, n);
        if (isLast && everyStep) steps.push(...this.#outputs(start, 0, n, start));
      }
    });
    if (!everyStep) steps.push(...this.#outputs(start, n - 1, 1, 0));
    // What comes behind the last step finds what that step wrote in `next`.
    this.#now = 1 - this.#now;
    this.#place(start, n - 1, everyStep ? count - 1 : 0);
    for (const call of this.#plan.finish) execute(call, this.#execution);
    const ends = this.#plan.outputs.filter(({ perStep }) => !perStep);
    const final = ends.map(({ buffer }) => this.#memory.values(buffer).slice());
    return { steps, final, states: this.#states.map((pair) => pair[1 - this.#now]!) };
  }
}

/** A sequence from zero state, in blocks. */
export const runInBlocks = (
  plan: InferencePlan,
  weights: Weights,
  inputs: readonly (readonly StepInput[])[],
  everyStep: boolean,
): BlockRun => new BlockRunner(plan, plan.run!, weights, inputs).run(everyStep);
