/**
 * Symmetric integer grids: a run of values shares one scale s = max |w| / levels, and w is stored as the code
 * q = round(w / s), which stands for s q. All in float32, ties to even, so that the graph op `snap`, the engines, the
 * oracle and the emitted C have the same values bit by bit. 0 stays exactly 0.
 */
import { type IntegerFormat, integerFormats, type Per } from './number-format.js';

/** Smallest scale, the smallest normal float32: a run of zeros divides by no zero. */
export const leastScale = 2 ** -126;

/** The scale of a run whose largest magnitude is `most`. */
export const scaleOf = (most: number, levels: number): number => Math.max(Math.fround(most / levels), leastScale);

/** To the nearest whole number, ties to even. */
export function roundToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
  // Adding 0 leaves no negative zero.
  return down + (up ? 1 : 0) + 0;
}

/** The code of `value`, a whole number from -levels to levels. */
export const codeOf = (value: number, scale: number): number => roundToEven(Math.fround(value / scale));

/** Where the scales of a tensor are, when they are trained: a tensor of its own beside it. */
export const scalesName = (tensor: string): string => `${tensor}.scales`;

/** What a trained scale counts as: its magnitude, which no step of training can make zero. */
export const usedScale = (scale: number): number => Math.max(Math.abs(scale), leastScale);

/** Values by runs: rows of `row` values, each cut into runs of `run`; the last run of a row may be shorter. */
export interface Runs {
  readonly row: number;
  readonly run: number;
}

/** The runs of a tensor of `total` values in rows of `row`. */
export const runsOf = (per: Per, row: number, total: number): Runs => {
  if (per.kind === 'tensor') return { row: total, run: total };
  return { row, run: per.kind === 'row' ? row : Math.min(per.values, row) };
};

/** Runs of one row. */
export const runsPerRow = ({ row, run }: Runs): number => Math.ceil(row / run);

/** The run, counted over all rows, that a value belongs to. */
export const runAt = (runs: Runs, index: number): number =>
  Math.floor(index / runs.row) * runsPerRow(runs) + Math.floor((index % runs.row) / runs.run);

export interface Grid {
  /** One per value. */
  readonly codes: Int8Array;
  /** One per run, row by row. */
  readonly scales: Float32Array;
}

/** Codes and scales of values; their number is a multiple of `runs.row`. */
export function gridOf(values: Float32Array, levels: number, runs: Runs): Grid {
  const scales = new Float32Array(runCount(runs, values.length));
  values.forEach((value, i) => {
    const run = runAt(runs, i);
    scales[run] = Math.max(scales[run]!, Math.abs(value));
  });
  scales.forEach((most, run) => {
    scales[run] = scaleOf(most, levels);
  });
  return { codes: Int8Array.from(values, (value, i) => codeOf(value, scales[runAt(runs, i)]!)), scales };
}

/** How many scales values have. */
export const runCount = (runs: Runs, values: number): number => (values / runs.row) * runsPerRow(runs);

/** The code on a grid whose scale does not follow from the values: what lies behind its ends has the code of an end. */
export const boundedCode = (value: number, scale: number, levels: number): number =>
  Math.max(-levels, Math.min(levels, codeOf(value, scale)));

/** Codes on given scales, one for each run. */
export const gridOn = (values: Float32Array, levels: number, runs: Runs, scales: Float32Array): Grid => ({
  codes: Int8Array.from(values, (value, i) => boundedCode(value, scales[runAt(runs, i)]!, levels)),
  scales,
});

/** The values that a grid stands for, each rounded to float32. */
export const gridValues = ({ codes, scales }: Grid, runs: Runs): Float32Array =>
  Float32Array.from(codes, (code, i) => Math.fround(code * scales[runAt(runs, i)]!) + 0);

/** Codes and scales of a whole tensor in rows of `row` values. */
export const tensorGrid = (values: Float32Array, row: number, { word, per }: IntegerFormat): Grid =>
  gridOf(values, integerFormats[word].levels, runsOf(per, row, values.length));
