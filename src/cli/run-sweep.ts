/** Runs what is left of a sweep: side by side, each in its own process, and keeps the tables as results come in. */
import { join, resolve } from 'node:path';
import type { Metric } from '../model/model.js';
import { sweepCsv, sweepMarkdown } from '../report/sweep-table.js';
import { runJobs } from '../sweep/pool.js';
import { type FrontCost, type RunResult, rowsOf, type SweepRow } from '../sweep/results.js';
import { RunFolder } from '../train/run-folder.js';
import { valueText } from '../train/score.js';
import type { Invocation } from './command.js';
import { writeWhole } from './files.js';
import { buildsFolder, type Opened } from './program.js';
import { prepareFolder, readResult } from './sweep-folder.js';
import { type SweepLimits, tooLarge } from './sweep-options.js';
import { type PlannedRun, type PlannedSweep, sweepFolder } from './sweep-plan.js';
import { lastLine, type StartedRun, startRun } from './sweep-process.js';

/** Options that a run is started with as the sweep was. */
const handedOn = ['baselines', 'engine', 'provider', 'checkpoint-every'];

export interface SweepRequest {
  readonly invocation: Invocation;
  readonly opened: Opened;
  readonly planned: PlannedSweep;
  readonly limits: SweepLimits;
  readonly metric: Metric;
  readonly front: FrontCost;
}

export interface SweepOutcome {
  readonly rows: readonly SweepRow[];
  readonly failed: readonly RunResult[];
  readonly stopped: boolean;
}

function argumentsOf({ invocation, opened, limits }: SweepRequest, name: string): readonly string[] {
  const data = invocation.text('data');
  const given = handedOn.flatMap((option) => {
    const value = invocation.text(option);
    return value === undefined ? [] : [`--${option}`, value];
  });
  const folders = ['--out', buildsFolder(invocation)];
  const more = data === undefined ? [] : ['--data', resolve(invocation.folder, data)];
  const flags = invocation.flag('deterministic') ? ['--deterministic'] : [];
  return [
    'sweep',
    opened.path,
    '--run',
    name,
    '--threads',
    `${limits.threads}`,
    ...folders,
    ...more,
    ...given,
    ...flags,
  ];
}

class Sweep {
  readonly #request: SweepRequest;
  readonly #results = new Map<PlannedRun, Partial<RunResult>>();
  readonly #running = new Map<PlannedRun, StartedRun>();
  stopped = false;

  constructor(request: SweepRequest) {
    this.#request = request;
    for (const run of request.planned.runs) if (run.kept !== undefined) this.#keep(run, run.kept);
  }

  #keep(run: PlannedRun, { valid, test, epochs, seconds }: NonNullable<PlannedRun['kept']>): void {
    const scores = { ...(valid === undefined ? {} : { valid }), ...(test === undefined ? {} : { test }) };
    this.#results.set(run, { state: 'done', epochs, seconds, ...scores });
  }

  /** What is known of every run by now, the skipped ones behind them. */
  results(): readonly RunResult[] {
    const { runs, skipped } = this.#request.planned;
    const waiting = runs.map((planned): RunResult => {
      const { run, cost } = planned;
      const { name, values, baseline } = run;
      return { name, values, baseline, cost, state: 'waiting', ...this.#results.get(planned) };
    });
    const lost = skipped.map(
      ({ values, reason }): RunResult => ({
        name: values.map(({ value }) => value).join(' '),
        values,
        baseline: false,
        state: 'skipped',
        reason: reason.message,
      }),
    );
    return [...waiting, ...lost];
  }

  rows(): readonly SweepRow[] {
    return rowsOf(this.results(), this.#request.metric, this.#request.front);
  }

  /** `table.md`, `table.csv` and `table.json` as far as results are there. */
  writeTables(): void {
    const { opened, planned, metric, front } = this.#request;
    const folder = sweepFolder(opened);
    const rows = this.rows();
    const facts = { model: opened.model.name, axes: planned.axes, metric, front, rows };
    writeWhole(join(folder, 'table.md'), sweepMarkdown(rows, planned.axes, metric, front));
    writeWhole(join(folder, 'table.csv'), sweepCsv(rows, planned.axes));
    writeWhole(join(folder, 'table.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
  }

  #say(line: string): void {
    const { terminal, flag } = this.#request.invocation;
    if (flag('quiet')) return;
    if (terminal.interactive) terminal.progress('');
    terminal.warn(line);
    if (terminal.interactive) terminal.progress(this.#standing());
  }

  #standing(): string {
    const done = this.results().filter(({ state }) => state === 'done').length;
    const names = [...this.#running.keys()].map(({ run }) => run.name).join(', ');
    return `${done} of ${this.#request.planned.runs.length} done; running: ${names}`;
  }

  async #start(planned: PlannedRun): Promise<void> {
    const { invocation } = this.#request;
    const { run, opened, identity, memory } = planned;
    const { buildFolder } = opened;
    if (memory > this.#request.limits.memory) return this.#fail(planned, tooLarge(memory, this.#request.limits));
    prepareFolder(buildFolder, identity, invocation.flag('restart'));
    const started = startRun(invocation.folder, buildFolder, argumentsOf(this.#request, run.name));
    this.#running.set(planned, started);
    this.#say(`started ${run.name}`);
    const code = await started.ended;
    this.#running.delete(planned);
    if (code === 130 && this.stopped) return;
    const kept = code === 0 ? readResult(buildFolder, identity) : undefined;
    if (kept === undefined) this.#fail(planned, code === 0 ? 'the program changed meanwhile' : lastLine(buildFolder));
    else {
      this.#keep(planned, kept);
      const score = kept.test ?? kept.valid;
      const { metric } = this.#request;
      this.#say(`done ${run.name}${score === undefined ? '' : `: ${metric} ${valueText(metric, score)}`}`);
    }
    this.writeTables();
  }

  #fail(planned: PlannedRun, reason: string): void {
    this.#results.set(planned, { state: 'failed', reason });
    this.#say(`FAILED ${planned.run.name}: ${reason}`);
  }

  /** Once: the runs stop after their step, with a checkpoint. Again: at once. */
  readonly #onSignal = (): void => {
    const again = this.stopped;
    this.stopped = true;
    this.#say(again ? 'stopping at once' : 'stopping the runs after their step; a second Ctrl-C stops at once');
    for (const run of this.#running.values()) run.stop();
  };

  async run(): Promise<void> {
    const todo = this.#request.planned.runs.filter(({ kept }) => kept === undefined);
    // What can never start would wait for ever.
    const large = todo.filter(({ memory }) => memory > this.#request.limits.memory);
    for (const run of large) await this.#start(run);
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
    try {
      const fitting = todo.filter((run) => !large.includes(run));
      await runJobs(
        fitting,
        this.#request.limits,
        (run) => this.#start(run),
        () => this.stopped,
      );
    } finally {
      process.off('SIGINT', this.#onSignal);
      process.off('SIGTERM', this.#onSignal);
      for (const run of this.#running.values()) run.stop();
    }
  }
}

/** Ends when every run has, or has been stopped. The lock keeps two sweeps of one model apart. */
export async function runSweep(request: SweepRequest): Promise<SweepOutcome> {
  const folder = new RunFolder(sweepFolder(request.opened));
  try {
    const sweep = new Sweep(request);
    await sweep.run();
    sweep.writeTables();
    const failed = sweep.results().filter(({ state }) => state === 'failed');
    return { rows: sweep.rows(), failed, stopped: sweep.stopped };
  } finally {
    folder.close();
  }
}
