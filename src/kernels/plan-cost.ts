/** What a plan would cost, without writing a program: for goals in bytes or multiply-adds. */
import type { KernelCall } from './calls.js';
import { costOf } from './costs.js';
import type { Buffer, Planner } from './planner.js';
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
  const recorder = new Recorder({ sizeOf: () => 0, keptOf });
  const calls: KernelCall[] = [];
  recorder.enter('', calls);
  plan(recorder, recorder.buffer('x', columns, 'work'), recorder.buffer('y', rows, 'work'));
  return {
    multiplyAdds: calls.reduce((sum, call) => sum + costOf(call, recorder.layouts).multiplyAdds, 0),
    bytes: recorder.layouts.reduce((sum, layout) => sum + regionBytes(layout), 0),
  };
}
