/** A timetable for people: one row for each moment that matters, and what each pool of pruned weights reaches. */
import { count, counted, sparsityPercent } from '../support/units.js';
import type { PoolTimetable, ProjectionTimetable, Timetable, TimetableRow } from '../train/timetable.js';
import { type Column, formatTable } from './summary-table.js';

const digits = (value: number): string => String(Number(value.toPrecision(6)));
const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)}%`;

interface Shown {
  readonly column: Column;
  readonly cell: (row: TimetableRow) => string;
}

const right = (title: string): Column => ({ title, align: 'right' });

/** One column, or one for each layer where they differ. */
function keepColumns(rows: readonly TimetableRow[]): readonly Shown[] {
  const layers = Object.keys(rows[0]?.keepOf ?? {});
  if (layers.length > 0)
    return layers.map((layer) => ({
      column: right(`cmr p ${layer}`),
      cell: ({ keepOf }) => percent(keepOf?.[layer] ?? 1),
    }));
  const some = rows.some(({ keep }) => keep !== undefined);
  return some ? [{ column: right('cmr p'), cell: ({ keep = 1 }) => percent(keep) }] : [];
}

/** Columns of what the program schedules. */
function columnsOf(rows: readonly TimetableRow[]): readonly Shown[] {
  const has = (key: 'sparsity' | 'dropout' | 'l2' | 'turn'): boolean => rows.some((row) => row[key] !== undefined);
  const optional = (shown: boolean, column: Column, cell: Shown['cell']): readonly Shown[] =>
    shown ? [{ column, cell }] : [];
  return [
    { column: right('step'), cell: (row) => count(row.step) },
    { column: right('epoch'), cell: (row) => digits(row.epoch) },
    { column: right('lr'), cell: (row) => digits(row.lr) },
    ...optional(has('sparsity'), right('sparsity'), ({ sparsity = 0 }) => percent(sparsity)),
    ...keepColumns(rows),
    ...optional(has('dropout'), right('dropout'), ({ dropout = 0 }) => percent(dropout)),
    ...optional(has('l2'), right('l2'), ({ l2 = 0 }) => digits(l2)),
    ...optional(has('turn'), { title: 'trains' }, ({ turn = '' }) => turn),
  ];
}

/** "every 100 steps from step 500 to step 1,500", as far as the updates are evenly spaced. */
function spacing(updates: PoolTimetable['updates']): string {
  const steps = updates.map(({ step }) => step);
  const [first, second] = steps;
  if (second === undefined) return `at step ${count(first ?? 0)}`;
  const gap = second - first!;
  const even = steps.slice(1, -1).every((step, i) => step - steps[i]! === gap);
  if (!even || steps.length < 4) return `at steps ${steps.map(count).join(', ')}`;
  return `every ${count(gap)} steps from step ${count(first!)}, the last at step ${count(steps.at(-1)!)}`;
}

function poolText({ layers, elements, kept, updates, reachedAt, stepsAfter }: PoolTimetable): string {
  const name = `${layers.join(', ')}${layers.length > 1 ? ' in one ranking' : ''}`;
  const target = `${count(kept)} of ${count(elements)} values (sparsity ${sparsityPercent(kept, elements)})`;
  return (
    `${name}: ${counted(updates.length, 'update')} of the mask, ${spacing(updates)}\n` +
    `  ${target} from the update at step ${count(reachedAt)} on; ${counted(stepsAfter, 'step')} of training follow\n`
  );
}

function projectionText({ every, projections, last, stepsAfter }: ProjectionTimetable): string {
  const often = `${counted(projections, 'projection')}, every ${counted(every, 'step')}`;
  return (
    `\n${often}, the last at step ${count(last)}; ${counted(stepsAfter, 'step')} of training follow\n` +
    '  the weights of each epoch are projected before they are evaluated and kept\n'
  );
}

/** Text with a line break at its end. */
export function timetableText({ stepsPerEpoch, steps, rows, pools, turns, projections }: Timetable): string {
  const shown = columnsOf(rows);
  const table = formatTable(
    shown.map(({ column }) => column),
    rows.map((row) => shown.map(({ cell }) => cell(row))),
  );
  const turnsOf = turns?.parts.map(({ part, updates }) => `${part} ${counted(updates, 'step')}`).join(', ');
  return [
    `${counted(steps, 'step')}, ${count(stepsPerEpoch)} in an epoch\n\n`,
    table,
    ...(pools.length === 0 ? [] : ['\n', ...pools.map(poolText)]),
    ...(projections === undefined ? [] : [projectionText(projections)]),
    ...(turns === undefined ? [] : [`\nturns of ${counted(turns.every, 'step')}: ${turnsOf}\n`]),
  ].join('');
}
