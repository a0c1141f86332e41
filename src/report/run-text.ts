/** What `rnnc explain --plan` says of a run: which products are computed for a block of steps at once. */
import type { KernelCall } from '../kernels/calls.js';
import { isOfIntegers } from '../kernels/uses.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { sharesLoads } from '../lower/run-stages.js';
import { bytes } from '../support/units.js';
import { formatShape } from '../tensor/shape.js';

/** Why a product is not computed for a block of steps at once. */
export type WalkReason = keyof typeof reasons;

const reasons = {
  state: 'as they wait for the step before',
  joined: 'as one matrix meets input and state, which rules for `.input` and `.recurrent` would store apart',
  scale: 'as codes of input and state share a scale, which rules for `.input` and `.recurrent` would give to each',
  kernel: 'as they have no kernel for many steps',
} as const;

/** A run in numbers, for programs to read. */
export interface RunForm {
  /** Of a block; 1 where a run is step after step. */
  readonly steps: number;
  /** Bytes of working memory of a run. */
  readonly bytes: number;
  /** Products for all steps of a block, each weight that is loaded being used for several of them. */
  readonly atOnce: readonly string[];
  readonly stepByStep: readonly { readonly product: string; readonly why: WalkReason }[];
  /** Products of which `_run` only makes those of the last step. */
  readonly onlyWanted: readonly string[];
}

/** `rnn1 2600x650`, and what it is where that is not a dense product. */
function productText(call: KernelCall): readonly string[] {
  if (call.kind === 'kron') return [`${call.layer} ${formatShape(call.bShape)} (x) ${formatShape(call.cShape)}`];
  const isProduct = ['gemv', 'gemm', 'circulant', 'spectral', 'sparse', 'sliced', 'mix'].includes(call.kind);
  if (!isProduct || !('rows' in call) || !('columns' in call)) return [];
  const form = isOfIntegers(call) ? ' of integers' : call.kind === 'gemv' ? '' : ` ${call.kind}`;
  return [`${call.layer} ${call.rows}x${call.columns}${form}`];
}

/** Why a call walks, among all calls that do. */
function reasonOf(call: KernelCall, walked: readonly KernelCall[], states: InferencePlan['states']): WalkReason {
  if (!sharesLoads(call)) return 'kernel';
  const parts = walked.flatMap((other) => (other.kind === 'copy' && other.y.id === call.x.id ? [other] : []));
  const own = ({ x, y }: (typeof parts)[number]): boolean =>
    y.offset >= call.x.offset && y.offset < call.x.offset + call.x.size && !states.some(({ now }) => now.id === x.id);
  if (!parts.some(own)) return 'state';
  return isOfIntegers(call) ? 'scale' : 'joined';
}

/** How a plan is run. */
export function runForm({ run, step, earlier, states, workSize }: InferencePlan): RunForm {
  const walking = (calls: readonly KernelCall[]): RunForm['stepByStep'] =>
    calls.flatMap((call) => productText(call).map((product) => ({ product, why: reasonOf(call, calls, states) })));
  if (run === undefined) {
    const all = walking([...earlier.flatMap(({ calls }) => calls), ...step]);
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
    stepByStep: walking([...alone, ...walked]),
    onlyWanted: run.outputs.flatMap(productText),
  };
}

/** Lines of text. */
export function runText({ steps, bytes: size, atOnce, stepByStep, onlyWanted }: RunForm): readonly string[] {
  const line = (title: string, products: readonly string[]): readonly string[] =>
    products.length === 0 ? [] : [`  ${title}: ${products.join(', ')}`];
  const walks = (Object.keys(reasons) as WalkReason[]).flatMap((why) =>
    line(
      `step by step, ${reasons[why]}`,
      stepByStep.flatMap((walk) => (walk.why === why ? [walk.product] : [])),
    ),
  );
  if (steps === 1) return ['run step by step: no product gains by a block of steps', ...walks];
  return [
    `run in blocks of ${steps} steps, working memory ${bytes(size)}:`,
    ...line('all steps at once', atOnce),
    ...walks,
    ...line('of the steps that are asked for', onlyWanted),
  ];
}
