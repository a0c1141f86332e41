/** The built C as a model: ids in, likelihood, logits or the most probable ids out. */
import { Fault } from '../support/fault.js';
import { compileTool, obstacleOf, openProgram, runTool } from './program.js';
import { type Toolchain, toolchainsOf, type VerifyTarget, withFolder } from './toolchain.js';

export type RunMode =
  | { readonly kind: 'nll' }
  /** With `sequences`, an id of -1 ends a sequence, and the next one begins at a zero state. */
  | { readonly kind: 'logits'; readonly sequences?: boolean }
  | { readonly kind: 'top'; readonly k: number };

export interface RankedId {
  readonly id: number;
  readonly probability: number;
}

export type RunResult =
  /** Summed over `tokens` predicted tokens: all but the first, which is context. In nats. */
  | { readonly kind: 'nll'; readonly tokens: number; readonly nll: number; readonly perplexity: number }
  /** Per step (or once per sequence, for models that need the whole of it) one row per output. */
  | { readonly kind: 'logits'; readonly rows: readonly (readonly number[])[] }
  /** Per step, most probable first. */
  | { readonly kind: 'top'; readonly steps: readonly (readonly RankedId[])[] };

type Ids = Int32Array | readonly number[];

/** Runs the built C once over some ids, from a zero state. */
export type RunIds = (ids: Ids, mode: RunMode) => Promise<RunResult>;

/** Compiles `<prefix>_run` of an emitted folder for `target` once, for as many runs as `use` makes. */
export async function withBuilt<T>(folder: string, target: VerifyTarget, use: (run: RunIds) => Promise<T>): Promise<T> {
  const program = await openProgram(folder);
  const toolchain = chooseToolchain(program, target);
  return withFolder(async (output) => {
    const compiled = await compileTool(program, toolchain, 'run', { folder: output });
    if ('failure' in compiled) throw new Fault('verify/cannot-compile', compiled.failure.split('\n')[0] ?? '');
    return use(async (ids, mode) => {
      const args = mode.kind === 'top' ? ['top', String(mode.k)] : [mode.kind];
      if (mode.kind === 'logits' && mode.sequences === true) args.push('--sequences');
      const input = littleEndian(ids);
      const result = await runTool(toolchain, compiled.binary, [...args, '--binary'], { cwd: output, input });
      if (result.code !== 0) throw new Fault('verify/run-failed', result.stderr.trim() || `code ${result.code}`);
      return readResult(mode, result.stdout);
    });
  });
}

/** Compiles `<prefix>_run` of an emitted folder for `target` and feeds it `ids`, from a zero state. */
export const runBuilt = (folder: string, target: VerifyTarget, ids: Ids, mode: RunMode): Promise<RunResult> =>
  withBuilt(folder, target, (run) => run(ids, mode));

function chooseToolchain(program: Parameters<typeof obstacleOf>[0], target: VerifyTarget): Toolchain {
  const all = toolchainsOf(target);
  const found = all.find((toolchain) => obstacleOf(program, toolchain) === undefined);
  if (found !== undefined) return found;
  const reasons = all.map((toolchain) => obstacleOf(program, toolchain)?.reason ?? '');
  throw new Fault('verify/no-toolchain', `cannot run on ${target}: ${reasons.join('; ')}`, 'run setup-toolchain.sh');
}

function littleEndian(ids: Ids): Uint8Array {
  const bytes = new Uint8Array(4 * ids.length);
  const view = new DataView(bytes.buffer);
  ids.forEach((id, i) => {
    view.setInt32(4 * i, id, true);
  });
  return bytes;
}

function readResult(mode: RunMode, stdout: string): RunResult {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (mode.kind === 'logits') return { kind: 'logits', rows: lines.map((line) => line.split(' ').map(Number)) };
  if (mode.kind === 'top') {
    const ranked = (item: string): RankedId => {
      const [id, probability] = item.split(':').map(Number) as [number, number];
      return { id, probability };
    };
    return { kind: 'top', steps: lines.map((line) => line.split(' ').map(ranked)) };
  }
  const found = /^tokens (\d+) nll (\S+) perplexity (\S+)$/.exec(lines[0] ?? '');
  if (found === null) throw new Fault('verify/run-failed', `the run tool printed ${JSON.stringify(stdout)}`);
  return { kind: 'nll', tokens: Number(found[1]), nll: Number(found[2]), perplexity: Number(found[3]) };
}
