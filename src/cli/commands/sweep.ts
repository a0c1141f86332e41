/** `rnnc sweep`: every combination of a program's `sweep` block, trained side by side, as one table. */
import { compileSweep } from '../../compile.js';
import type { SweepPlan } from '../../model/sweep.js';
import { type PlanFacts, planText, sweepText } from '../../report/sweep-table.js';
import { Fault } from '../../support/fault.js';
import { suggestion } from '../../support/suggest.js';
import { lengthOf } from '../../sweep/pool.js';
import type { FrontCost } from '../../sweep/results.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { shortPath } from '../files.js';
import { type Opened, openProgram } from '../program.js';
import { runSweep, type SweepOutcome, type SweepRequest } from '../run-sweep.js';
import { baselinesOf, limitsOf, type SweepLimits } from '../sweep-options.js';
import { openedRun, type PlannedSweep, planRuns, sweepFolder } from '../sweep-plan.js';
import { trainRun } from '../sweep-process.js';
import { reported } from '../terminal.js';
import { chooseEngine, trainingOf } from '../train-model.js';

const fronts: readonly FrontCost[] = ['bytes', 'macs', 'parameters'];

function planOf(invocation: Invocation, opened: Opened): SweepPlan {
  const plan = compileSweep(opened.program, baselinesOf(invocation));
  if (plan !== undefined) return plan;
  const hint = 'add one such as `sweep { method = [lmf, hlf(k=1), prune]  seed = [1, 2, 3] }`';
  throw new Fault('program/no-sweep-block', `${opened.path} has no \`sweep\` block`, hint);
}

function factsOf({ runs, skipped, measured }: PlannedSweep, limits: SweepLimits): PlanFacts {
  const costs = runs.map(({ run, kept, cost, memory, steps, secondsPerStep, evaluationSeconds, seconds }) => ({
    ...{ name: run.name, state: kept === undefined ? ('waiting' as const) : ('done' as const) },
    ...{ parameters: cost.parameters, bytes: cost.bytes, memory, steps },
    ...{ secondsPerStep, evaluationSeconds, seconds },
    leftOut: run.leftOut,
  }));
  const todo = costs.filter(({ state }) => state === 'waiting');
  const reasons = skipped.map(({ values, reason }) => ({ values, reason: reason.message }));
  const { jobs, memory } = limits;
  return { runs: costs, skipped: reasons, jobs, memory, seconds: lengthOf(todo, limits), measured };
}

/** One run of the plan, in this process. */
async function trainNamed(invocation: Invocation, opened: Opened, name: string): Promise<number> {
  const { runs } = planOf(invocation, opened);
  const run = runs.find((r) => r.name === name);
  if (run !== undefined) return trainRun(invocation, openedRun(opened, run));
  const names = runs.map((r) => r.name);
  throw new UsageError(`the sweep has no run ${name}`, `${suggestion(name, names)}`);
}

function printOutcome(request: SweepRequest, { rows, failed, stopped }: SweepOutcome): void {
  const { invocation, opened, planned, metric, front } = request;
  const { terminal, folder } = invocation;
  const place = shortPath(folder, sweepFolder(opened));
  if (invocation.text('format') === 'json') {
    terminal.print(JSON.stringify({ model: opened.model.name, axes: planned.axes, metric, front, rows }));
  } else {
    // The line that tells how things stand is over.
    if (terminal.interactive) terminal.progress('');
    const text = sweepText({ rows, axes: planned.axes, metric, front }, terminal.columns);
    terminal.write(`\n${reported(terminal, text)}`);
    terminal.print(`${place}/table.md, table.csv, table.json`);
  }
  for (const { name, reason } of failed) terminal.warn(`rnnc: ${name} failed: ${reason} (${place}/${name}/log.txt)`);
  if (stopped) terminal.warn('stopped; the same command goes on from the checkpoints');
}

async function run(invocation: Invocation): Promise<number> {
  const opened = openProgram(invocation);
  if (opened === undefined) return 1;
  const one = invocation.text('run');
  if (one !== undefined) return trainNamed(invocation, opened, one);
  const limits = limitsOf(invocation);
  const plan = planOf(invocation, opened);
  const engine = await chooseEngine(invocation);
  const planned = await planRuns(plan, opened, { invocation, engine, threads: limits.threads });
  const facts = factsOf(planned, limits);
  const { terminal } = invocation;
  const json = invocation.text('format') === 'json';
  if (invocation.flag('dry-run')) {
    if (json) terminal.print(JSON.stringify(facts));
    else terminal.write(reported(terminal, planText(facts, terminal.columns)));
    return 0;
  }
  if (!invocation.flag('quiet')) terminal.warn(planText(facts, terminal.columns));
  const { metric } = trainingOf(opened);
  const front = fronts.find((f) => f === invocation.text('front')) ?? 'bytes';
  const request: SweepRequest = { invocation, opened, planned, limits, metric, front };
  const outcome = await runSweep(request);
  printOutcome(request, outcome);
  return outcome.stopped ? 130 : outcome.failed.length > 0 ? 3 : 0;
}

export const sweepCommand: Command = {
  name: 'sweep',
  summary: 'train every combination of the `sweep` block side by side, as one table with its Pareto front',
  operands: '[model.cmp]',
  most: 1,
  options: {
    'dry-run': { type: 'boolean', doc: 'only print the runs, what each costs, and how long all take' },
    baselines: {
      type: 'string',
      value: 'LIST',
      doc: 'add iso-parameter baselines: small, prune, lmf, dense (uncompressed), several by commas, or all',
    },
    jobs: { type: 'string', value: 'N', doc: 'runs side by side (default: one for each core)' },
    memory: {
      type: 'string',
      value: 'SIZE',
      doc: 'of all runs together, such as "4 GB" (default: most of what is free)',
    },
    front: {
      type: 'string',
      value: 'COST',
      doc: 'of the Pareto front: bytes (default), macs or parameters',
      words: fronts,
    },
    run: { type: 'string', value: 'NAME', doc: 'train only this run, in this process, as on a machine of a cluster' },
    restart: { type: 'boolean', doc: 'begin every run anew' },
    data: sharedOptions.data,
    engine: sharedOptions.engine,
    provider: sharedOptions.provider,
    deterministic: sharedOptions.deterministic,
    threads: { ...sharedOptions.threads, doc: 'threads of each run (default: cores / jobs)' },
    'checkpoint-every': sharedOptions['checkpoint-every'],
    out: sharedOptions.out,
    format: sharedOptions.format,
    quiet: sharedOptions.quiet,
  },
  details: [
    'Prints the plan first: every run with its size, memory and time, from measured steps and evaluations. Then trains',
    'them, each in a process and a folder of its own, build/<model>/sweep/<run>. Ctrl-C stops all with checkpoints;',
    'the same command goes on, also after a crash, and skips what is done with the same program, data and compiler. A',
    'run that fails does not stop the others: it is named, and the exit code is 3. Every result that comes in is',
    'written to build/<model>/sweep/table.md, .csv and .json. With several seeds a row has their mean and deviation.',
  ].join('\n'),
  examples: ['rnnc sweep model.cmp --dry-run', 'rnnc sweep model.cmp --jobs 4 --baselines small,prune,lmf'],
  run,
};
