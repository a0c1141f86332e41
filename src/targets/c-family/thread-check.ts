/** A program of two threads that share the weights of an emitted model, for the thread sanitizer. Not emitted. */
import type { InferencePlan } from '../../lower/inference-plan.js';
import { render } from '../render.js';
import { nameProgram } from './program.js';

/** Rounds that each thread makes. */
const rounds = 20;

/** The C of it; the model's own symbols begin with `prefix`. */
export function renderThreadCheck(plan: InferencePlan, prefix: string): string {
  const program = nameProgram(plan, prefix);
  const { p, P, inputs, outputs } = program;
  const steps = Math.min(5, plan.maxSteps ?? 5);
  const sizeOf = ({ kind, constant }: (typeof inputs)[number]): string =>
    kind === 'ids' ? `${steps}` : `${steps} * ${constant}`;
  return render('c/thread-check.c', {
    p,
    P,
    rounds,
    steps,
    inputs: inputs.map((input) => ({
      name: `in_${input.id}`,
      type: input.kind === 'ids' ? 'int32_t' : 'float',
      size: sizeOf(input),
      value: input.kind === 'ids' ? `(int32_t)(i % ${input.constant})` : '(float)(i % 7) / 7.0f',
    })),
    outputs: outputs.map(({ id, constant }) => ({ name: `out_${id}`, size: constant })),
    call: `${p}_run(${[
      '&weights',
      'state',
      ...inputs.map(({ id }) => `in_${id}`),
      steps,
      ...outputs.map(({ id }) => `mine->out_${id}`),
    ].join(', ')})`,
  });
}
