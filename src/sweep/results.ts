/**
 * What the runs of a sweep have come to: one row for each configuration, seeds taken together, and which rows are on
 * the Pareto front of cost against metric.
 */
import type { Metric } from '../model/model.js';
import type { SweepValue } from '../model/sweep.js';
import { higherIsBetter, measuredValue, type Score } from '../train/score.js';

/** What is counted of a run's model: all layers, biases and tables included. */
export interface RunCost {
  readonly parameters: number;
  /** Parameters of the model as the program writes it, over those it has. */
  readonly factor: number;
  readonly bytes: number;
  /** Multiply-adds for one token. */
  readonly macs: number;
}

export type RunState = 'done' | 'failed' | 'waiting' | 'skipped';

/** One run, whatever became of it. */
export interface RunResult {
  readonly name: string;
  readonly values: readonly SweepValue[];
  readonly baseline: boolean;
  readonly state: RunState;
  /** Why it failed or was skipped. */
  readonly reason?: string;
  /** Undefined where it cannot be met. */
  readonly cost?: RunCost;
  readonly valid?: Score;
  readonly test?: Score;
  /** Epochs trained, and seconds of training. */
  readonly epochs?: number;
  readonly seconds?: number;
}

/** Mean and standard deviation (of the sample) over seeds. */
export interface Spread {
  readonly mean: number;
  /** Undefined for one run. */
  readonly deviation: number | undefined;
}

/** What the front is about. */
export type FrontCost = 'bytes' | 'macs' | 'parameters';

export interface SweepRow {
  readonly values: readonly SweepValue[];
  readonly baseline: boolean;
  readonly cost: RunCost | undefined;
  readonly valid: Spread | undefined;
  readonly test: Spread | undefined;
  readonly seconds: number | undefined;
  readonly runs: readonly RunResult[];
  /** No other row is as cheap and better, or cheaper and as good. */
  readonly front: boolean;
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? undefined : Math.sqrt(squares / (values.length - 1)) };
}

const ofConfiguration = (values: readonly SweepValue[]): readonly SweepValue[] =>
  values.filter(({ axis }) => axis !== 'seed');

const mean = (values: readonly number[]): number | undefined => spreadOf(values)?.mean;

function rowOf(runs: readonly RunResult[], metric: Metric): Omit<SweepRow, 'front'> {
  const [first] = runs;
  const done = runs.filter(({ state }) => state === 'done');
  const measured = (split: 'valid' | 'test'): readonly number[] =>
    done.flatMap((run) => (run[split] === undefined ? [] : (measuredValue(metric, run[split]) ?? [])));
  return {
    values: ofConfiguration(first!.values),
    baseline: runs.every(({ baseline }) => baseline),
    cost: first!.cost,
    valid: spreadOf(measured('valid')),
    test: spreadOf(measured('test')),
    seconds: mean(done.flatMap(({ seconds }) => seconds ?? [])),
    runs,
  };
}

/** What a row is judged by: the test split, or valid where there is none. */
const judgedOf = ({ test, valid }: Pick<SweepRow, 'test' | 'valid'>): number | undefined => (test ?? valid)?.mean;

/** Rows in the order of their first runs. */
export function rowsOf(results: readonly RunResult[], metric: Metric, by: FrontCost): readonly SweepRow[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) {
    const key = JSON.stringify(ofConfiguration(result.values));
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const rows = [...groups.values()].map((runs) => rowOf(runs, metric));
  const sign = higherIsBetter[metric] ? -1 : 1;
  const points = rows.map((row) => {
    const value = judgedOf(row);
    return row.cost === undefined || value === undefined ? undefined : { cost: row.cost[by], value: sign * value };
  });
  return rows.map((row, i) => ({ ...row, front: isOnFront(points[i], points) }));
}

interface Point {
  readonly cost: number;
  readonly value: number;
}

function isOnFront(point: Point | undefined, all: readonly (Point | undefined)[]): boolean {
  if (point === undefined) return false;
  const beats = (p: Point): boolean =>
    p.cost <= point.cost && p.value <= point.value && (p.cost < point.cost || p.value < point.value);
  return !all.some((other) => other !== undefined && beats(other));
}
