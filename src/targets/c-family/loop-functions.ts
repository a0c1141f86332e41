/** The static functions of one time step: `advance`, and before it those of the other loops over a whole sequence. */
import type { KernelCall } from '../../kernels/calls.js';
import { usesOf } from '../../kernels/uses.js';
import type { PlanState } from '../../lower/inference-plan.js';
import type { NamedInput, Program } from './program.js';

export interface LoopFunction {
  readonly name: string;
  readonly doc: string;
  readonly backward: boolean;
  readonly calls: readonly KernelCall[];
  /** What it is given of a step; of a model that works step by step everything. */
  readonly inputs: readonly NamedInput[];
}

const reads = (calls: readonly KernelCall[], { name, buffer }: NamedInput): boolean =>
  calls.some((call) =>
    buffer === undefined
      ? 'input' in call && call.input === name
      : usesOf(call).reads.some((read) => read.id === buffer.id),
  );

/** Whether an odd number of loops follows the one that makes a state: each of their steps changes the current copy. */
export function oddTurnsAfter(program: Program, { next }: PlanState): boolean {
  const loops = loopFunctions(program);
  const own = loops.findIndex(({ calls }) =>
    calls.some((call) => usesOf(call).writes.some((write) => write.id === next.id)),
  );
  return (loops.length - 1 - own) % 2 === 1;
}

/** In the order in which they run; the last is `advance`. */
export function loopFunctions({ plan, inputs }: Program): readonly LoopFunction[] {
  const whole = plan.maxSteps !== undefined;
  const last = [...plan.step, ...plan.finish];
  const earlier = plan.earlier.map(({ backward, calls }, i) => ({
    name: `loop_${i + 1}`,
    doc: `Step i of loop ${i + 1}, which walks ${backward ? 'backward' : 'forward'} over the sequence.`,
    backward,
    calls,
    inputs: inputs.filter((input) => reads(calls, input)),
  }));
  const doc = whole
    ? 'Step i of the last loop, which walks forward and makes the outputs.'
    : 'From one state to the next. Nothing is written to the current copy of the state.';
  const taken = whole ? inputs.filter((input) => reads(last, input)) : inputs;
  return [...earlier, { name: 'advance', doc, backward: false, calls: plan.step, inputs: taken }];
}
