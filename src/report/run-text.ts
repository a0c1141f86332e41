/** What `rnnc explain --plan` says of a run: which products are computed for a block of steps at once. */
import type { KernelCall } from '../kernels/calls.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { sharesLoads } from '../lower/run-stages.js';
import { bytes } from '../support/units.js';
import { formatShape } from '../tensor/shape.js';

/** A run in numbers, for programs to read. */
export interface RunForm {
  /** Of a block; 1 where a run is step after step. */
  readonly steps: number;
  /** Bytes of working memory of a run. */
  readonly bytes: number;
  /** Products for all steps of a block, each weight that is loaded being used for several of them. */
  readonly atOnce: readonly string[];
  readonly stepByStep: readonly string[];
  /** Products of which `_run` only makes those of the last step. */
  readonly onlyWanted: readonly string[];
}

/** `rnn1 2600x650`, and what it is where that is not a dense product. */
function productText(call: KernelCall): readonly string[] {
  if (call.kind === 'kron') return [`${call.layer} ${formatShape(call.bShape)} (x) ${formatShape(call.cShape)}`];
  const isProduct = ['gemv', 'gemm', 'circulant', 'sparse', 'sliced', 'mix'].includes(call.kind);
  if (!isProduct || !('rows' in call) || !('columns' in call)) return [];
  const form = call.kind === 'gemv' ? (call.codes === undefined ? '' : ' of integers') : ` ${call.kind}`;
  return [`${call.layer} ${call.rows}x${call.columns}${form}`];
}

/** How a plan is run. */
export function runForm({ run, step, earlier, workSize }: InferencePlan): RunForm {
  if (run === undefined) {
    const all = [...earlier.flatMap(({ calls }) => calls), ...step].flatMap(productText);
    return { steps: 1, bytes: 4 * workSize, atOnce: [], stepByStep: all, onlyWanted: [] };
  }
  const stages = run.loops.flatMap((loop) => loop.stages);
  const ahead = stages.flatMap(({ kind, calls }) => (kind === 'ahead' ? calls : []));
  const walked = stages.flatMap(({ kind, calls }) => (kind === 'walk' ? calls : []));
  const alone = ahead.filter((call) => !sharesLoads(call));
  return {
    steps: run.steps,
    bytes: 4 * run.workSize,
    atOnce: ahead.filter(sharesLoads).flatMap(productText),
    stepByStep: [...alone, ...walked].flatMap(productText),
    onlyWanted: run.outputs.flatMap(productText),
  };
}

/** Lines of text. */
export function runText({ steps, bytes: size, atOnce, stepByStep, onlyWanted }: RunForm): readonly string[] {
  if (steps === 1) return ['run step by step: no product gains by a block of steps'];
  const line = (title: string, products: readonly string[]): readonly string[] =>
    products.length === 0 ? [] : [`  ${title}: ${products.join(', ')}`];
  return [
    `run in blocks of ${steps} steps, working memory ${bytes(size)}:`,
    ...line('all steps at once', atOnce),
    ...line('step by step', stepByStep),
    ...line('of the steps that are asked for', onlyWanted),
  ];
}
