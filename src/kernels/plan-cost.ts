/** What a plan would cost, without writing a program: for goals in bytes or multiply-adds. */
import type { KernelCall } from './calls.js';
import { costOf } from './costs.js';
import type { Buffer, Ids, Planner } from './planner.js';
import { Recorder } from './recorder.js';
import { regionBytes } from './regions.js';

export interface PlanCost {
  /** For one x. */
  readonly multiplyAdds: number;
  /** What its weights take in the emitted blob; biases are not in it (`plainBytes`). */
  readonly bytes: number;
}

/** Cost of y += W x with x (columns) and y (rows), all gates below each other; `keptOf` by tensor. */
export function planCost(
  plan: (p: Planner, x: Buffer, y: Buffer) => void,
  columns: number,
  rows: number,
  keptOf: (tensor: string) => number,
): PlanCost {
  return recordedCost(keptOf, (recorder) =>
    plan(recorder, recorder.buffer('x', columns, 'work'), recorder.buffer('y', rows, 'work')),
  );
}

/** Cost of y = row id of a table (rows, columns). */
export function lookupCost(
  plan: (p: Planner, ids: Ids, y: Buffer) => void,
  [rows, columns]: readonly [number, number],
  keptOf: (tensor: string) => number,
): PlanCost {
  return recordedCost(keptOf, (recorder) =>
    plan(recorder, { input: '', count: rows }, recorder.buffer('y', columns, 'work')),
  );
}

function recordedCost(keptOf: (tensor: string) => number, plan: (recorder: Recorder) => void): PlanCost {
  const recorder = new Recorder({ keptOf });
  const calls: KernelCall[] = [];
  recorder.enter('', calls);
  plan(recorder);
  return {
    multiplyAdds: calls.reduce((sum, call) => sum + costOf(call, recorder.layouts).multiplyAdds, 0),
    bytes: recorder.layouts.reduce((sum, layout) => sum + regionBytes(layout), 0),
  };
}
