/** What a plan would cost, without writing a program: for goals in bytes or multiply-adds. */
import type { KernelCall } from './calls.js';
import { costOf } from './costs.js';
import type { Buffer, Ids, Planner } from './planner.js';
import { Recorder } from './recorder.js';
import type { TensorFacts } from './region-store.js';
import { regionBytes } from './regions.js';

export interface PlanCost {
  /** For one x. */
  readonly multiplyAdds: number;
  /** What its weights take in the emitted blob; biases are not in it (`plainBytes`). */
  readonly bytes: number;
}

type Plan = (p: Planner, x: Buffer, y: Buffer) => void;
type LookupPlan = (p: Planner, ids: Ids, y: Buffer) => void;
type Sides = readonly [rows: number, columns: number];

/** Cost of y += W x in float32 with x (columns) and y (rows), all gates below each other; `keptOf` by tensor. */
export const planCost = (plan: Plan, columns: number, rows: number, keptOf: (tensor: string) => number): PlanCost =>
  storedCost(products(plan, [rows, columns]), { keptOf });

/** Cost of y = row id of a table in float32. */
export const lookupCost = (plan: LookupPlan, sides: Sides, keptOf: (tensor: string) => number): PlanCost =>
  storedCost(lookups(plan, sides), { keptOf });

/** Asks for y += W x with x (columns) and y (rows). */
export const products =
  (plan: Plan, [rows, columns]: Sides) =>
  (recorder: Recorder): void =>
    plan(recorder, recorder.buffer('x', columns, 'work'), recorder.buffer('y', rows, 'work'));

/** Asks for the same with x (columns) of which only a run is not zero. */
export const productsAlone =
  (plan: Plan, [rows, columns]: Sides, { first, count }: { readonly first: number; readonly count: number }) =>
  (recorder: Recorder): void => {
    const x = recorder.alone(columns, { from: recorder.buffer('x', count, 'work'), first });
    plan(recorder, x, recorder.buffer('y', rows, 'work'));
  };

/** Asks for y = row id of a table (rows, columns). */
export const lookups =
  (plan: LookupPlan, [rows, columns]: Sides) =>
  (recorder: Recorder): void =>
    plan(recorder, { input: '', count: rows }, recorder.buffer('y', columns, 'work'));

/** Cost of what is asked for, for values in the formats that `facts` say. */
export function storedCost(ask: (recorder: Recorder) => void, facts: TensorFacts): PlanCost {
  const { calls, layouts } = recorded(ask, facts);
  return {
    multiplyAdds: calls.reduce((sum, call) => sum + costOf(call, layouts).multiplyAdds, 0),
    bytes: layouts.reduce((sum, layout) => sum + regionBytes(layout), 0),
  };
}

/** Values of a row of each tensor, as the kernels read it. */
export function planRows(ask: (recorder: Recorder) => void): ReadonlyMap<string, number> {
  const { layouts } = recorded(ask, { keptOf: () => 0 });
  return new Map(layouts.map(({ matrix }) => [matrix.tensor, matrix.columns]));
}

/** The calls of what is asked for. */
export const plannedCalls = (ask: (recorder: Recorder) => void, facts: TensorFacts): readonly KernelCall[] =>
  recorded(ask, facts).calls;

function recorded(ask: (recorder: Recorder) => void, facts: TensorFacts) {
  const recorder = new Recorder(facts);
  const calls: KernelCall[] = [];
  recorder.enter('', calls);
  ask(recorder);
  return { calls, layouts: recorder.layouts };
}
