/** `rnnc bench`: how fast the emitted C is, beside the same model without compression. */
import { join } from 'node:path';
import type { Emit } from '../../model/model.js';
import { Fault } from '../../support/fault.js';
import { count } from '../../support/units.js';
import {
  type Contestant,
  type CountedStep,
  countedCache,
  countSteps,
  missingToCount,
  type Timing,
  timeInTurns,
} from '../../verify/bench.js';
import { type ModelledCore, modelledCores, modelOf } from '../../verify/cycle-model.js';
import { hostIsArm, type VerifyTarget, withFolder } from '../../verify/toolchain.js';
import { baselineOf, canHaveBaseline } from '../baseline.js';
import { untrainedWeights } from '../build-folder.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { emitBlockOf, emitModel } from '../emit-model.js';
import { isFolder, writeFolder } from '../files.js';
import { type Opened, openProgram } from '../program.js';

const targets: readonly VerifyTarget[] = ['native', 'aarch64', 'arm'];

interface Results {
  readonly timing: Timing | undefined;
  readonly counted: readonly CountedStep[];
  /** What was not measured, and why. */
  readonly skipped: readonly string[];
}

/** The emitted folder that a target runs, by the target it was emitted for. */
function emittedFor({ buildFolder, model }: Opened, target: VerifyTarget): 'c' | 'neon' {
  const wanted: readonly ('c' | 'neon')[] = target === 'native' && !hostIsArm() ? ['c'] : ['neon', 'c'];
  const found = wanted.find((name) => isFolder(join(buildFolder, name)));
  if (found !== undefined) return found;
  const message = `${model.name} has no emitted ${wanted.join(' or ')} to measure`;
  throw new Fault('build/not-emitted', message, `run \`rnnc emit --target ${wanted[0]}\``);
}

/** The model, and the same one without compression where that is another. */
function contestantsOf(opened: Opened, name: 'c' | 'neon', scratch: string, alone: boolean): readonly Contestant[] {
  const own = { name: opened.model.name, folder: join(opened.buildFolder, name) };
  if (alone || opened.model.rules.length === 0 || !canHaveBaseline(opened)) return [own];
  const { model } = baselineOf(opened);
  const emit: Emit = { ...emitBlockOf(opened.model, name), prefix: 'uncompressed', budget: undefined };
  const folder = join(scratch, name);
  writeFolder(folder, emitModel(model, emit, untrainedWeights(model)));
  return [own, { name: 'uncompressed', folder }];
}

function requestOf(invocation: Invocation) {
  const on = targets.find((t) => t === invocation.text('on'));
  const runner = invocation.text('runner');
  if (runner !== undefined && on === undefined)
    throw new UsageError('--runner needs --on: native, aarch64 or arm', 'say what the other machine is');
  const clock = invocation.text('clock');
  if (clock !== undefined && !(Number(clock) > 0 && Number(clock) < 100))
    throw new UsageError(`--clock ${clock} is no frequency in GHz`, 'such as --clock 1.4');
  return {
    on,
    runner,
    clock: clock === undefined ? undefined : Number(clock),
    rounds: invocation.integer('rounds') ?? 9,
    steps: invocation.integer('steps') ?? 200,
  };
}

async function measure(invocation: Invocation, opened: Opened, scratch: string): Promise<Results> {
  const { on, runner, rounds, steps } = requestOf(invocation);
  const alone = invocation.flag('alone');
  const skipped: string[] = [];
  let timing: Timing | undefined;
  if (runner !== undefined || on === undefined || on === 'native') {
    const target = on ?? 'native';
    const contestants = contestantsOf(opened, emittedFor(opened, target), scratch, alone);
    timing = await timeInTurns(contestants, { target, rounds, steps, ...(runner === undefined ? {} : { runner }) });
  }
  let counted: readonly CountedStep[] = [];
  if (runner === undefined && on !== 'native') {
    const missing = on === 'arm' ? ['a counter for 32-bit programs'] : missingToCount();
    if (missing.length > 0) skipped.push(`steps were not counted: ${missing.join(' and ')} not installed`);
    else
      counted = await countSteps(contestantsOf(opened, emittedFor(opened, 'aarch64'), scratch, alone), coresOf(opened));
    if (counted.some(({ modelled }) => modelled.length === 0))
      skipped.push('cycles were not modelled: llvm-mca-19 and llvm-mc-19 not installed');
  }
  return { timing, counted, skipped };
}

/** The model of the program's own core first. */
function coresOf({ model }: Opened): readonly ModelledCore[] {
  const own = modelOf(emitBlockOf(model, 'neon').cpu);
  return own === undefined ? modelledCores : [own, ...modelledCores.filter((core) => core !== own)];
}

const microseconds = (nanoseconds: number): string => `${(nanoseconds / 1000).toPrecision(4)} us`;

/** Lines for people. */
export function benchLines({ timing, counted, skipped }: Results, clock: number | undefined): readonly string[] {
  const lines: string[] = [];
  if (timing !== undefined) {
    lines.push(
      `timed by ${timing.compiler} ${timing.flags.join(' ')}, ${timing.rounds} rounds of ${timing.steps}, in turns:`,
    );
    for (const { name, what, median, best } of timing.rows) {
      const own = timing.rows[0]!.name;
      const first = timing.rows.find((row) => row.name === own && row.what === what);
      const ratio = name === own || !first ? '' : `, ${(median / first.median).toFixed(2)} times ${own}`;
      lines.push(`  ${name}: ${microseconds(median)} per ${what} (median; best ${microseconds(best)})${ratio}`);
    }
  }
  if (counted.length > 0)
    lines.push(`counted on AArch64 per step, caches of ${countedCache.l1} KB and ${countedCache.l2} KB:`);
  for (const row of counted) {
    const bytes = `${count(row.loadBytes)} bytes loaded, ${count(row.storeBytes)} stored`;
    const misses = `${count(row.firstMisses)} and ${count(row.secondMisses)} lines missed`;
    lines.push(`  ${row.name}: ${count(row.instructions)} instructions, ${bytes}, ${misses}`);
    for (const { core, cycles, unread } of row.modelled) lines.push(`    ${modelledLine(core, cycles, unread, clock)}`);
  }
  return [...lines, ...skipped];
}

/** A time stands only beside its model and the clock that was stated. */
function modelledLine(core: ModelledCore, cycles: number, unread: number, clock: number | undefined): string {
  const time =
    clock === undefined ? '' : `, modelled ${microseconds(cycles / clock)} by the ${core} model at ${clock} GHz`;
  const doubt = unread < 0.001 ? '' : `; ${(100 * unread).toFixed(1)}% of the instructions unknown to it`;
  return `${core} model: ${count(cycles)} cycles, core-bound${time}${doubt}`;
}

export const benchCommand: Command = {
  name: 'bench',
  summary: 'how fast the emitted C is, beside the same model uncompressed',
  operands: '[model.cmp]',
  most: 1,
  options: {
    on: { type: 'string', value: 'TARGET', doc: 'only native (timed) or aarch64 (counted)', words: targets },
    runner: { type: 'string', value: 'COMMAND', doc: "times programs on a board, with --on: 'ssh board'" },
    rounds: { type: 'string', value: 'N', doc: 'how often the programs take turns (default: 9)' },
    steps: { type: 'string', value: 'N', doc: 'steps of a turn (default: 200)' },
    clock: { type: 'string', value: 'GHZ', doc: 'also print modelled cycles as modelled time at this frequency' },
    alone: { type: 'boolean', doc: 'without the uncompressed model beside it' },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Times the emitted C on this machine (or on a board) in turns with the same model without compression, and counts',
    'what one step executes on AArch64: instructions, bytes, lines missed by its caches, and modelled cycles per core.',
    'Counting needs aarch64-linux-gnu-gcc and qemu-aarch64, modelling llvm-mca-19; what is missing is said. Cycles are',
    'core-bound: memory answers from the first level.',
  ].join('\n'),
  examples: ['rnnc bench', 'rnnc bench --on aarch64 --clock 1.4', "rnnc bench --on aarch64 --runner 'ssh board'"],
  run: async (invocation) => {
    const { clock } = requestOf(invocation);
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const results = await withFolder((scratch) => measure(invocation, opened, scratch));
    if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify(results));
    else for (const line of benchLines(results, clock)) invocation.terminal.print(line);
    return 0;
  },
};
