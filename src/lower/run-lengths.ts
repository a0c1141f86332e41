/**
 * How long the runs of a test are, so that a block of every size comes up, from one step to a full block: kernels take
 * so many steps of a block together, and what is left in other ways. Knows no kernel.
 */
import type { RunPlan } from './run-plan.js';

/** Lengths of runs of one sequence. */
export interface RunLengths {
  /** Of one run over the whole sequence: more than two blocks where it runs in blocks. */
  readonly whole: number;
  /** Of runs one behind the other that make up the same sequence; none where one run meets all there is. */
  readonly parts: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The sizes of a block that runs of these lengths do not come by. */
function sizesLeft(block: number, lengths: readonly number[]): readonly number[] {
  const met = new Set(lengths.flatMap((length) => [length % block, ...(length < block ? [] : [block])]));
  return Array.from({ length: block }, (_, i) => i + 1).filter((size) => !met.has(size));
}

/** The shortest sequence of at least `least` steps whose parts, with the whole, come by every size of a block. */
export function runLengths(run: Pick<RunPlan, 'steps'> | undefined, least: number): RunLengths {
  if (run === undefined) return { whole: least, parts: [] };
  for (let whole = Math.max(least, 2 * run.steps + 1); ; whole++) {
    const sizes = sizesLeft(run.steps, [whole]);
    const rest = whole - sum(sizes);
    if (sizes.length === 0) return { whole, parts: [] };
    if (rest >= 0) return { whole, parts: rest === 0 ? sizes : [...sizes, rest] };
  }
}

/** Of sequences that only run as a whole: one step, two, `most`, and what it takes to come by every size of a block. */
export function sequenceLengths(run: Pick<RunPlan, 'steps'> | undefined, most: number): readonly number[] {
  const lengths = [...new Set([1, 2, most].filter((length) => length <= most))];
  const sizes = run === undefined ? [] : sizesLeft(run.steps, lengths).filter((size) => size <= most);
  return [...lengths, ...sizes].sort((a, b) => a - b);
}
