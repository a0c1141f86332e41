/**
 * Compiles an emitted folder with warnings as errors and runs its self-test, and random sequences against the oracle:
 * natively, for Arm under emulation, or on a board. A stated bound so wide that it says nothing is a failure too.
 */
import { renderThreadCheck } from '../targets/c-family/thread-check.js';
import {
  compileLibrary,
  compileSource,
  compileTool,
  type EmittedProgram,
  firstLines,
  type Output,
  obstacleOf,
  openProgram,
  runTool,
  type Sanitizer,
} from './program.js';
import {
  type Comparison,
  compareRows,
  drawSequences,
  type ErrorFigures,
  type Oracle,
  type RandomSequence,
} from './random-sequences.js';
import {
  onEachKind,
  type ProcessResult,
  runsUnattended,
  type Toolchain,
  toolchainsOf,
  type VerifyTarget,
  withFolder,
  writeScratch,
} from './toolchain.js';

export interface VerifyOptions {
  readonly targets: readonly VerifyTarget[];
  /** Besides: natively under the sanitizers of gcc. */
  readonly sanitize?: boolean;
  /** What the C is held against besides its own golden vectors, and on how many sequences. */
  readonly random?: { readonly oracle: Oracle; readonly sequences: number };
  /** A command that runs programs elsewhere, in place of emulators. */
  readonly runner?: string;
  /** For compilers, behind those of the program. */
  readonly flags?: readonly string[];
}

/** What a self-test found. */
export interface Measured extends ErrorFigures {
  /** Results that have the bits which every processor should have; left out where these may differ. */
  readonly bits?: number;
}

export interface TargetReport {
  readonly target: VerifyTarget;
  /** `gcc`, `gcc with sanitizers`. */
  readonly compiler: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
  readonly measured: Measured | undefined;
  /** Of random sequences, where some were run. */
  readonly random: Comparison | undefined;
}

export interface VerifyReport {
  readonly folder: string;
  /** Nothing failed, and something was run. */
  readonly passed: boolean;
  readonly targets: readonly TargetReport[];
}

/** A bound may be this many times the largest error seen, and no more. */
const widestBound = 1000;

/** One way to compile and run a program. */
interface Run {
  readonly program: EmittedProgram;
  readonly toolchain: Toolchain;
  readonly sanitizer: Sanitizer | undefined;
  readonly oracle: Oracle | undefined;
  readonly sequences: readonly RandomSequence[];
}

/** Verifies an emitted folder; nothing is written into it. */
export async function verifyBuild(folder: string, options: VerifyOptions): Promise<VerifyReport> {
  const opened = await openProgram(folder);
  const program = { ...opened, flags: [...opened.flags, ...(options.flags ?? [])] };
  const oracle = options.random?.oracle;
  const sequences = options.random === undefined ? [] : drawSequences(options.random.oracle, options.random.sequences);
  const found = [...new Set(options.targets)].flatMap(toolchainsOf);
  const runner = options.runner;
  const toolchains =
    runner === undefined ? found.flatMap((t) => onEachKind(t, program.cpus)) : found.map((t) => ({ ...t, runner }));
  const runs = toolchains.flatMap((toolchain) => {
    const sanitizers = options.sanitize === true && toolchain.compiler === 'gcc' ? sanitizersFor(oracle) : [];
    return [undefined, ...sanitizers].map((sanitizer) => ({ program, toolchain, sanitizer, oracle, sequences }));
  });
  const targets = await Promise.all(runs.map(verifyWith));
  const passed =
    targets.every(({ status }) => status !== 'failed') && targets.some(({ status }) => status === 'passed');
  return { folder, passed, targets };
}

/** The program of two threads is written from the plan. */
const sanitizersFor = (oracle: Oracle | undefined): readonly Sanitizer[] =>
  oracle === undefined ? ['address'] : ['address', 'thread'];

const sanitizerNames = { address: ' with sanitizers', thread: ' with the thread sanitizer' } as const;

type End = Pick<TargetReport, 'status' | 'reason'> & Partial<Pick<TargetReport, 'measured' | 'random'>>;

const failed = (reason: string, measured?: Measured, random?: Comparison): End => ({
  status: 'failed',
  reason,
  ...(measured === undefined ? {} : { measured }),
  ...(random === undefined ? {} : { random }),
});

async function verifyWith(run: Run): Promise<TargetReport> {
  const { program, toolchain, sanitizer } = run;
  const on = toolchain.emulated === undefined ? '' : ` on ${toolchain.emulated}`;
  const compiler = `${toolchain.compiler}${on}${sanitizer === undefined ? '' : sanitizerNames[sanitizer]}`;
  const head = { target: toolchain.target, compiler, measured: undefined, random: undefined };
  const obstacle = obstacleOf(program, toolchain);
  if (obstacle !== undefined) {
    const status = obstacle.kind === 'missing' && runsUnattended() ? 'failed' : 'skipped';
    return { ...head, status, reason: obstacle.reason };
  }
  return withFolder(async (folder) => {
    const output = { folder, ...(sanitizer === undefined ? {} : { sanitizer }) };
    const library = await compileLibrary(program, toolchain, output);
    if ('failure' in library) return { ...head, ...failed(library.failure) };
    const built = { ...output, objects: library.objects };
    return { ...head, ...(await (sanitizer === 'thread' ? checkThreads(run, built) : checkValues(run, built))) };
  });
}

/** The self-test, then random sequences. */
async function checkValues(run: Run, output: Output): Promise<End> {
  const { program, toolchain, sequences } = run;
  const compiled = await compileTool(program, toolchain, 'selftest', output);
  if ('failure' in compiled) return failed(compiled.failure);
  const result = await runTool(toolchain, compiled.binary, [], { cwd: output.folder });
  const measured = readMeasured(result.stdout);
  if (result.code !== 0) return failed(saidBy(result), measured);
  if (measured === undefined) return failed(`the self-test printed ${JSON.stringify(result.stdout)}`);
  const wide = boundFailure(measured);
  if (wide !== undefined) return failed(wide, measured);
  if (sequences.length === 0) return { status: 'passed', reason: '', measured };
  const random = await runSequences(run, output);
  if (typeof random === 'string') return failed(random, measured);
  return random.failure === ''
    ? { status: 'passed', reason: '', measured, random }
    : failed(random.failure, measured, random);
}

/** Feeds every sequence to the run tool; what went wrong before there were rows is a text. */
async function runSequences({ program, toolchain, sequences }: Run, output: Output): Promise<Comparison | string> {
  const compiled = await compileTool(program, toolchain, 'run', output);
  if ('failure' in compiled) return compiled.failure;
  const rows: (readonly number[])[] = [];
  for (const { input } of sequences) {
    const options = { cwd: output.folder, input };
    const result = await runTool(toolchain, compiled.binary, ['logits', '--binary'], options);
    if (result.code !== 0) return saidBy(result);
    for (const line of result.stdout.split('\n')) if (line !== '') rows.push(line.split(' ').map(Number));
  }
  return compareRows(
    rows,
    sequences.flatMap((sequence) => sequence.rows),
  );
}

/** Two threads on the same weights. */
async function checkThreads({ program, toolchain, oracle }: Run, output: Output): Promise<End> {
  const text = renderThreadCheck(oracle!.plan, program.prefix);
  const source = await writeScratch(output.folder, `${program.prefix}_threads.c`, text);
  const compiled = await compileSource(program, toolchain, source, output);
  if ('failure' in compiled) return failed(compiled.failure);
  const result = await runTool(toolchain, compiled.binary, [], { cwd: output.folder });
  return result.code === 0 ? { status: 'passed', reason: '' } : failed(saidBy(result));
}

/** What a program printed before it failed, or at least its code. */
const saidBy = ({ code, stdout, stderr }: ProcessResult): string =>
  firstLines(stdout + stderr) || `it printed nothing and ended with code ${code}`;

/** The last line of a self-test. */
export function readMeasured(stdout: string): Measured | undefined {
  const number = '(\\S+)';
  const pattern = new RegExp(
    `^(?:PASS|FAIL) \\w+: (\\d+) values, largest error ${number}, its bound ${number}, ` +
      `largest share of a bound ${number}, largest error in ulp ${number}$`,
    'm',
  );
  const found = pattern.exec(stdout);
  if (found === null) return undefined;
  const numbers = found.slice(1).map(Number) as [number, number, number, number, number];
  const [values, largestError, bound, largestShare, ulp] = numbers;
  const bits = /^bits: (\d+) results/m.exec(stdout)?.[1];
  return { values, largestError, bound, largestShare, ulp, ...(bits === undefined ? {} : { bits: Number(bits) }) };
}

/** Says so when every bound is far above what was seen: such bounds would hide faults. */
export function boundFailure({ largestError, largestShare }: Pick<ErrorFigures, 'largestError' | 'largestShare'>) {
  if (largestError === 0 || largestShare * widestBound >= 1) return undefined;
  const times = Math.round(1 / largestShare).toLocaleString('en-US');
  return `every bound is at least ${times} times the error seen; at most ${widestBound} times is allowed`;
}
