/**
 * From what layers asked for to the whole plan: products split where that lets more run at once, every weight placed in
 * the blob, every buffer in memory, and the run in blocks. Knows no layer.
 */
import type { KernelCall } from '../kernels/calls.js';
import { coreOf } from '../kernels/cores.js';
import { renumberRegions, usesOf } from '../kernels/uses.js';
import { invariant } from '../support/assert.js';
import { placeBuffers } from './inference-memory.js';
import type { InferencePlan, PlanState } from './inference-plan.js';
import { placeRegions } from './inference-regions.js';
import type { Recorded } from './recorded.js';
import { lowerRun } from './run-lowering.js';
import { splitProducts } from './split-products.js';

/** What a plan is made of; calls name regions as they were recorded. */
export interface PlanParts extends Recorded, Pick<InferencePlan, 'model' | 'earlier' | 'step' | 'maxSteps'> {
  /** The processor, whose caches say how many steps a block of a run has. */
  readonly cpu: string | undefined;
}

/** Bytes of the second-level cache that a processor without a name is taken to have. */
const commonCache = 512 * 1024;

/** Buffers that are read by others than the calls of one loop. */
const readElsewhere = ({ outputs, finish, buffers }: PlanParts): ReadonlySet<number> =>
  new Set([
    ...outputs.map(({ buffer }) => buffer.id),
    ...finish.flatMap((call) => usesOf(call).reads.map(({ id }) => id)),
    ...buffers.flatMap(({ id, role }) => (role === 'work' ? [] : [id])),
  ]);

function checkStates(states: readonly PlanState[], calls: readonly KernelCall[]): void {
  const filled = new Set(calls.flatMap((call) => usesOf(call).writes.map(({ id }) => id)));
  for (const { layer, name, next } of states) invariant(filled.has(next.id), `${layer} leaves its state ${name} empty`);
}

/** The plan of its parts. */
export function assemblePlan(parts: PlanParts): InferencePlan {
  const { model, inputs, outputs, states, layouts, buffers, maxSteps } = parts;
  const { regions, weightBytes, renumber } = placeRegions(layouts);
  const kept = readElsewhere(parts);
  const placed = (calls: readonly KernelCall[]) => calls.map((call) => renumberRegions(call, renumber));
  const split = (calls: readonly KernelCall[]) => placed(splitProducts(calls, states, layouts, kept));
  const earlier = parts.earlier.map(({ backward, calls }) => ({ backward, calls: split(calls) }));
  const [step, finish] = [split(parts.step), placed(parts.finish)];
  checkStates(states, [...earlier.flatMap(({ calls }) => calls), ...step]);
  const readBy = (perStep: boolean) => outputs.filter((o) => o.perStep === perStep).map(({ buffer }) => buffer.id);
  const ofStep = placeBuffers(buffers, {
    loops: [...earlier.map(({ calls }) => calls), step],
    finish,
    maxSteps: maxSteps ?? 1,
    fed: inputs.flatMap(({ buffer }) => (buffer === undefined ? [] : [buffer.id])),
    readEachStep: readBy(true),
    readAtEnd: readBy(false),
  });
  const loops = [...earlier, { backward: false, calls: step }];
  const run = lowerRun({
    ...{ loops, finish, inputs, outputs, states, buffers, maxSteps: maxSteps ?? 1 },
    layouts: regions.map(({ layout }) => layout),
    room: (coreOf(parts.cpu ?? '')?.l2 ?? commonCache) / 2,
  });
  // A model that only takes whole sequences has no step by itself.
  const workSize = maxSteps !== undefined && run ? run.workSize : Math.max(ofStep.workSize, run?.workSize ?? 0);
  const calls = { maxSteps, earlier, step, finish, run };
  return { model, inputs, outputs, states, buffers: ofStep.buffers, workSize, ...calls, regions, weightBytes };
}
