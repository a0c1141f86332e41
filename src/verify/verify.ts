/**
 * Compiles an emitted folder with warnings as errors and runs its self-test: natively, and for Arm under emulation.
 * A stated bound so wide that it says nothing is a failure too.
 */
import { compileTool, type EmittedProgram, firstLines, obstacleOf, openProgram, runTool } from './program.js';
import { runsUnattended, type Toolchain, toolchainsOf, type VerifyTarget, withFolder } from './toolchain.js';

export interface VerifyOptions {
  readonly targets: readonly VerifyTarget[];
  /** Besides: natively under the address and undefined-behaviour sanitizers of gcc. */
  readonly sanitize?: boolean;
}

/** Errors against bounds, over all values of the golden vectors. */
export interface Measured {
  readonly values: number;
  readonly largestError: number;
  /** The bound of the value with the largest error. */
  readonly bound: number;
  /** Largest error in units of its own bound. */
  readonly largestShare: number;
}

export interface TargetReport {
  readonly target: VerifyTarget;
  /** `gcc`, `gcc with sanitizers`. */
  readonly compiler: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
  readonly measured: Measured | undefined;
}

export interface VerifyReport {
  readonly folder: string;
  /** Nothing failed, and something was run. */
  readonly passed: boolean;
  readonly targets: readonly TargetReport[];
}

/** A bound may be this many times the largest error seen, and no more. */
const widestBound = 1000;

/** Verifies an emitted folder; nothing is written into it. */
export async function verifyBuild(folder: string, options: VerifyOptions): Promise<VerifyReport> {
  const program = await openProgram(folder);
  const runs = [...new Set(options.targets)].flatMap(toolchainsOf).flatMap((toolchain) => {
    const sanitize = options.sanitize === true && toolchain.target === 'native' && toolchain.compiler === 'gcc';
    return [verifyWith(program, toolchain, false), ...(sanitize ? [verifyWith(program, toolchain, true)] : [])];
  });
  const targets = await Promise.all(runs);
  const passed =
    targets.every(({ status }) => status !== 'failed') && targets.some(({ status }) => status === 'passed');
  return { folder, passed, targets };
}

async function verifyWith(program: EmittedProgram, toolchain: Toolchain, sanitize: boolean): Promise<TargetReport> {
  const { target } = toolchain;
  const compiler = sanitize ? `${toolchain.compiler} with sanitizers` : toolchain.compiler;
  const end = (status: TargetReport['status'], reason: string, measured?: Measured): TargetReport => ({
    target,
    compiler,
    status,
    reason,
    measured,
  });
  const obstacle = obstacleOf(program, toolchain);
  if (obstacle !== undefined)
    return end(obstacle.kind === 'missing' && runsUnattended() ? 'failed' : 'skipped', obstacle.reason);
  return withFolder(async (folder) => {
    const compiled = await compileTool(program, toolchain, 'selftest', { folder, sanitize });
    if ('failure' in compiled) return end('failed', compiled.failure);
    const result = await runTool(toolchain, compiled.binary, [], { cwd: folder });
    const measured = readMeasured(result.stdout);
    if (result.code !== 0) return end('failed', firstLines(result.stdout + result.stderr), measured);
    if (measured === undefined) return end('failed', `the self-test printed ${JSON.stringify(result.stdout)}`);
    const wide = boundFailure(measured);
    return wide === undefined ? end('passed', '', measured) : end('failed', wide, measured);
  });
}

/** The last line of a self-test. */
export function readMeasured(stdout: string): Measured | undefined {
  const pattern =
    /^(?:PASS|FAIL) \w+: (\d+) values, largest error (\S+), its bound (\S+), largest share of a bound (\S+)$/m;
  const found = pattern.exec(stdout);
  if (found === null) return undefined;
  const [values, largestError, bound, largestShare] = found.slice(1).map(Number) as [number, number, number, number];
  return { values, largestError, bound, largestShare };
}

/** Says so when every bound is far above what was seen: such bounds would hide faults. */
export function boundFailure({ largestError, largestShare }: Measured): string | undefined {
  if (largestError === 0 || largestShare * widestBound >= 1) return undefined;
  const times = Math.round(1 / largestShare).toLocaleString('en-US');
  return `every bound is at least ${times} times the error seen; at most ${widestBound} times is allowed`;
}
