/** A sweep as text and data: its plan with the cost of every run, and the one table of its results. */
import type { Metric } from '../model/model.js';
import type { SweepValue } from '../model/sweep.js';
import { bytes, count, counted, duration, factor } from '../support/units.js';
import type { FrontCost, RunResult, Spread, SweepRow } from '../sweep/results.js';
import { formatTable } from './summary-table.js';

/** What is known of a run before it starts. */
export interface PlannedCost {
  readonly name: string;
  readonly state: RunResult['state'];
  readonly parameters: number;
  readonly bytes: number;
  /** Bytes of memory that training needs at its peak. */
  readonly memory: number;
  /** Updates in all. */
  readonly steps: number;
  /** Of one update, of all evaluations, and of the whole run. */
  readonly secondsPerStep: number;
  readonly evaluationSeconds: number;
  readonly seconds: number;
  readonly leftOut: readonly string[];
}

export interface PlanFacts {
  readonly runs: readonly PlannedCost[];
  readonly skipped: readonly { readonly values: readonly SweepValue[]; readonly reason: string }[];
  readonly jobs: number;
  /** Bytes that the runs may need together. */
  readonly memory: number;
  /** Until the last run ends. */
  readonly seconds: number;
  /** Methods whose update and evaluation were measured; others are taken from the one that they share. */
  readonly measured: number;
}

export const valuesText = (values: readonly SweepValue[]): string =>
  values.map(({ axis, value }) => `${axis} = ${value}`).join(', ');

/** "2.10 ms", "1.2 s". */
const stepText = (seconds: number): string => (seconds < 0.1 ? `${(seconds * 1000).toFixed(2)} ms` : duration(seconds));

/** Every run with its cost, what is skipped and why, and how long all of it takes. */
export function planText(facts: PlanFacts, width?: number): string {
  const { runs, skipped, jobs, memory, seconds, measured } = facts;
  const right = (title: string) => ({ title, align: 'right' as const });
  const titles = [{ title: 'run' }, right('parameters'), right('bytes'), right('memory'), right('steps')];
  const columns = [...titles, right('step'), right('time'), { title: 'state' }];
  const rows = runs.map((run) => {
    const { name, state, leftOut, secondsPerStep } = run;
    const sizes = [name, count(run.parameters), bytes(run.bytes)];
    if (state === 'done') return [...sizes, '', '', '', '', 'done before'];
    const times = [stepText(secondsPerStep), duration(run.seconds)];
    const notes = ['to do', ...leftOut.map((word) => `without ${word}`)].join(', ');
    return [...sizes, bytes(run.memory), count(run.steps), ...times, notes];
  });
  const todo = runs.filter(({ state }) => state !== 'done').length;
  const lost = skipped.map(({ values, reason }) => `skipped: ${valuesText(values)}: ${reason}\n`);
  const how = measured === 0 ? '' : ` (from ${counted(measured, 'measured step')} and as many evaluations)`;
  const summary =
    todo === 0
      ? 'all runs are done\n'
      : `${counted(todo, 'run')} to do, ${jobs} at a time within ${bytes(memory)}: about ${duration(seconds)}${how}\n`;
  return `${formatTable(columns, rows, '', width)}${lost.join('')}${summary}`;
}

const spread = (value: Spread | undefined, digits: number): string => {
  if (value === undefined) return '';
  const { mean, deviation } = value;
  return deviation === undefined ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
};

const digitsOf = (metric: Metric): number => (metric === 'perplexity' ? 3 : 4);

/** What became of the runs of a row, where not all are done. */
function stateOf({ runs }: SweepRow): string {
  const of = (state: RunResult['state']): number => runs.filter((run) => run.state === state).length;
  const parts = (['failed', 'skipped', 'waiting'] as const).flatMap((state) => {
    const number = of(state);
    if (number === 0) return [];
    return [runs.length === 1 ? state : `${number} of ${runs.length} ${state}`];
  });
  return parts.join(', ');
}

interface Cells {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function cellsOf(rows: readonly SweepRow[], axes: readonly string[], metric: Metric): Cells {
  const shown = axes.filter((axis) => axis !== 'seed');
  const digits = digitsOf(metric);
  const numbers = ['parameters', 'factor', 'bytes', 'multiply-adds', `valid ${metric}`, `test ${metric}`, 'time'];
  const cells = rows.map((row) => {
    const { cost, values, baseline } = row;
    const value = (axis: string): string => values.find((v) => v.axis === axis)?.value ?? '';
    const sizes = cost && [count(cost.parameters), factor(cost.factor), bytes(cost.bytes), count(cost.macs)];
    const time = row.seconds === undefined ? '' : duration(row.seconds);
    const notes = [...(baseline ? ['baseline'] : []), ...(stateOf(row) === '' ? [] : [stateOf(row)])];
    return [
      row.front ? '*' : '',
      ...shown.map(value),
      ...(sizes ?? ['', '', '', '']),
      ...[spread(row.valid, digits), spread(row.test, digits), time, notes.join(', ')],
    ];
  });
  return { titles: ['front', ...shown, ...numbers, 'notes'], rows: cells };
}

const frontNote = (by: FrontCost, metric: Metric): string => `\\* on the Pareto front of ${by} against test ${metric}`;

/** What a table is of: the rows, the settings that were varied, and what the front is about. */
export interface SweepFacts {
  readonly rows: readonly SweepRow[];
  readonly axes: readonly string[];
  readonly metric: Metric;
  readonly front: FrontCost;
}

/** The table for a terminal. */
export function sweepText({ rows, axes, metric, front: by }: SweepFacts, width?: number): string {
  const cells = cellsOf(rows, axes, metric);
  const left = axes.filter((axis) => axis !== 'seed').length + 1;
  const columns = cells.titles.map((title, i) =>
    i < left || title === 'notes' ? { title } : { title, align: 'right' as const },
  );
  return `${formatTable(columns, cells.rows, '', width)}${frontNote(by, metric).slice(1)}\n`;
}

/** The table in Markdown, with what each failed and skipped run said. */
export function sweepMarkdown(
  rows: readonly SweepRow[],
  axes: readonly string[],
  metric: Metric,
  by: FrontCost,
): string {
  const { titles, rows: cells } = cellsOf(rows, axes, metric);
  const line = (parts: readonly string[]): string => `| ${parts.map((p) => p.replaceAll('|', '\\|')).join(' | ')} |`;
  const reasons = rows.flatMap(({ runs }) =>
    runs.flatMap(({ values, state, reason }) =>
      reason === undefined ? [] : [`- ${state}: ${valuesText(values)}: ${reason}`],
    ),
  );
  const body = [line(titles), `|${titles.map(() => '---').join('|')}|`, ...cells.map(line)];
  const starred = body.map((text) => text.replace(/^\| \* \|/, '| \\* |'));
  const notes = reasons.length === 0 ? [] : ['', ...reasons];
  return `${[...starred, '', frontNote(by, metric), ...notes].join('\n')}\n`;
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line for each run, numbers as they are. */
export function sweepCsv(rows: readonly SweepRow[], axes: readonly string[]): string {
  const titles = [
    ...['run', ...axes, 'baseline', 'state', 'front', 'parameters', 'factor', 'bytes', 'multiply_adds'],
    ...['valid_perplexity', 'test_perplexity', 'valid_accuracy', 'test_accuracy', 'valid_f1', 'test_f1'],
    ...['epochs', 'seconds', 'reason'],
  ];
  const lines = rows.flatMap(({ runs, front }) =>
    runs.map((run) => {
      const { name, values, baseline, state, cost, valid, test, epochs, seconds, reason } = run;
      const cells = [
        ...[name, ...axes.map((axis) => values.find((v) => v.axis === axis)?.value), baseline, state, front],
        ...[cost?.parameters, cost?.factor, cost?.bytes, cost?.macs, valid?.perplexity, test?.perplexity],
        ...[valid?.accuracy, test?.accuracy, valid?.f1, test?.f1, epochs, seconds, reason],
      ];
      return cells.map((cell) => (cell === undefined ? '' : quoted(String(cell)))).join(',');
    }),
  );
  return `${[titles.join(','), ...lines].join('\n')}\n`;
}
