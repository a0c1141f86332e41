/** The table of `rnnc engines`. */
import { formatTable } from './summary-table.js';

export interface EngineRow {
  readonly name: string;
  /** What selects it on the command line. */
  readonly option: string;
  readonly available: boolean;
  /** Version when available, the reason when not. */
  readonly detail: string;
  /** Why two runs may differ in bits; undefined where they never do. */
  readonly varies: string | undefined;
  /** Of one training step. */
  readonly milliseconds?: number;
  readonly gigaflops?: number;
}

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** Those that are available as a table, the others with their reasons below. */
export function enginesTable(rows: readonly EngineRow[]): string {
  const columns = [
    { title: 'engine' },
    { title: 'version' },
    { title: 'ms per step', align: 'right' as const },
    { title: 'GFLOP/s', align: 'right' as const },
    { title: 'same bits' },
  ];
  const number = (value: number | undefined): string => (value === undefined ? '' : digits(value));
  const cells = rows
    .filter((row) => row.available)
    .map(({ option, detail, varies, milliseconds, gigaflops }) => [
      option,
      detail,
      number(milliseconds),
      number(gigaflops),
      varies === undefined ? 'yes' : `no: ${varies}`,
    ]);
  const missing = rows.filter((row) => !row.available).map(({ option, detail }) => `  ${option}: ${detail}\n`);
  return `${formatTable(columns, cells)}${missing.length === 0 ? '' : `\nnot available\n${missing.join('')}`}`;
}
