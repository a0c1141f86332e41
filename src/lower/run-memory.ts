/**
 * Where the buffers of a run lie. A row for each step lives through all of a walk that touches it, and what is kept for
 * all steps of a sequence through its whole loops; everything else lives from its first call to its last.
 */
import type { KernelCall } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';
import { usesOf } from '../kernels/uses.js';
import { type Lifetime, placeByLifetime } from './inference-memory.js';
import type { Recorded } from './recorded.js';
import type { RunBuffer, RunPlan } from './run-plan.js';

/** The calls of a run, and what is read behind them: `results` behind those of the outputs. */
interface RunSchedule extends Pick<RunPlan, 'steps' | 'loops' | 'outputs' | 'results'>, Pick<Recorded, 'finish'> {
  /** What is read behind the finish. */
  readonly ends: readonly Buffer[];
  readonly maxSteps: number;
}

const touched = (call: KernelCall): readonly number[] => {
  const { reads, writes } = usesOf(call);
  return [...reads, ...writes].map(({ id }) => id);
};

/** First and last call of every buffer, counted over all stages, the outputs and the finish. */
export function runLifetimes(
  buffers: readonly RunBuffer[],
  { loops, outputs, finish, results, ends }: RunSchedule,
): ReadonlyMap<number, Lifetime> {
  const roles = new Map(buffers.map(({ id, role }) => [id, role]));
  const lives = new Map<number, Lifetime>();
  const touch = (id: number, first: number, last: number): void => {
    const known = lives.get(id) ?? { first, last };
    lives.set(id, { first: Math.min(known.first, first), last: Math.max(known.last, last) });
  };
  let start = 0;
  for (const [l, { stages }] of loops.entries()) {
    const all = [...stages, ...(l === loops.length - 1 ? [{ kind: 'ahead' as const, calls: outputs }] : [])];
    const loopEnd = start + all.reduce((sum, { calls }) => sum + calls.length, 0) - 1;
    const loopStart = start;
    for (const { kind, calls } of all) {
      const end = start + calls.length - 1;
      calls.forEach((call, i) => {
        for (const id of touched(call)) {
          const role = roles.get(id);
          if (role === 'rows') touch(id, loopStart, loopEnd);
          else if (kind === 'walk' && role === 'block') touch(id, start, end);
          else touch(id, start + i, start + i);
        }
      });
      start = end + 1;
    }
    if (l === loops.length - 1) for (const { id } of results) touch(id, loopEnd, loopEnd);
  }
  finish.forEach((call, i) => {
    for (const id of touched(call)) touch(id, start + i, start + i);
  });
  for (const { id } of ends) touch(id, start, start + finish.length);
  return lives;
}

/** Floats that a buffer takes of the working memory; 0 for what lies elsewhere. */
function floatsOf({ role, size }: RunBuffer, { maxSteps, steps }: RunSchedule): number {
  if (role === 'rows') return size * maxSteps;
  if (role === 'block') return size * steps;
  return role === 'work' ? size : 0;
}

/** Places the buffers of a run. What nothing touches is left out. */
export function placeRun(
  buffers: readonly RunBuffer[],
  schedule: RunSchedule,
): { readonly buffers: readonly RunBuffer[]; readonly workSize: number } {
  const lives = runLifetimes(buffers, schedule);
  const used = buffers.filter(({ id, role }) => lives.has(id) || role.startsWith('state'));
  const working = used.filter((buffer) => floatsOf(buffer, schedule) > 0);
  const { offsets, workSize } = placeByLifetime(
    working.map((buffer) => ({ id: buffer.id, floats: floatsOf(buffer, schedule), life: lives.get(buffer.id)! })),
  );
  return { buffers: used.map((buffer) => ({ ...buffer, offset: offsets.get(buffer.id) ?? 0 })), workSize };
}
