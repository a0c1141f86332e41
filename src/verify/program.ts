/** An emitted folder and the tools that are compiled from it. */
import { basename, join } from 'node:path';
import { Fault } from '../support/fault.js';
import { runRemotely } from './runner.js';
import { hostIsArm, missingTools, type ProcessResult, readEmitted, runProcess, type Toolchain } from './toolchain.js';

/** What is read of `manifest.json`. */
export interface EmittedProgram {
  readonly folder: string;
  readonly prefix: string;
  readonly target: 'c' | 'neon';
  readonly flags: readonly string[];
  readonly files: readonly string[];
  /** The cores it is for. */
  readonly cpus: readonly string[];
  readonly trained: boolean;
  /** CRC-32 of its weights and hash of their layout, as the manifest prints them. */
  readonly identity: string;
}

export type Tool = 'selftest' | 'bench' | 'run';

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const manifestFormat = 2;

/** Names of listed files; undefined when something else is listed. */
function namesOf(listed: unknown): readonly string[] | undefined {
  if (!Array.isArray(listed)) return undefined;
  const names: unknown = listed.map((file: { readonly name?: unknown } | null) => file?.name);
  return isStrings(names) ? names : undefined;
}

/** Reads the manifest of an emitted folder. */
export async function openProgram(folder: string): Promise<EmittedProgram> {
  const broken = (why: string): Fault =>
    new Fault('verify/broken-manifest', `${join(folder, 'manifest.json')} ${why}`, 'emit the folder again');
  let manifest: Readonly<Record<string, unknown>>;
  const text = await readEmitted(folder, 'manifest.json');
  try {
    manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw broken('is not JSON');
  }
  const { prefix, target, flags, files: listed, format } = manifest;
  if (format !== manifestFormat) throw broken(`is of format ${String(format)}, this version reads ${manifestFormat}`);
  const files = namesOf(listed);
  if (typeof prefix !== 'string' || !isStrings(flags) || files === undefined)
    throw broken('lacks prefix, flags or files');
  if (target !== 'c' && target !== 'neon') throw broken(`is of target ${String(target)}, not of c or neon`);
  const weights = manifest['weights'] as { readonly crc32?: unknown; readonly layoutHash?: unknown } | undefined;
  const identity = `${String(weights?.crc32)} ${String(weights?.layoutHash)}`;
  const { cpu, cpus = [cpu] } = manifest;
  if (!isStrings(cpus)) throw broken('lacks its cores');
  return { folder, prefix, target, flags, files, cpus, trained: manifest['trained'] === true, identity };
}

/** Why a toolchain cannot verify a program: nothing, a tool to install, or no processor for it. */
export type Obstacle = { readonly kind: 'missing' | 'impossible'; readonly reason: string } | undefined;

/** What stands in the way of compiling and running `program`. */
export function obstacleOf(program: EmittedProgram, toolchain: Toolchain): Obstacle {
  if (toolchain.target === 'native' && program.target === 'neon' && !hostIsArm())
    return { kind: 'impossible', reason: 'NEON needs an Arm processor; this is none' };
  const missing = missingTools(toolchain);
  return missing.length === 0 ? undefined : { kind: 'missing', reason: `${missing.join(' and ')} not installed` };
}

const strict = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror'];

/** Addresses and undefined behaviour, or what threads do to each other. */
export type Sanitizer = 'address' | 'thread';
// Behind -O3, which takes gcc forty times as long under sanitizers and lets it drop accesses before they are checked.
// Reports name lines and no variables, whose places would take half of the time again.
const sanitizers: Readonly<Record<Sanitizer, readonly string[]>> = {
  address: ['-O1', '-g', '-fno-var-tracking', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  thread: ['-O1', '-g', '-fno-var-tracking', '-fsanitize=thread', '-pthread'],
};

/** Flags for the emitted program's processor, as far as the toolchain is for it. */
function processorFlags({ flags }: EmittedProgram, { target }: Toolchain): readonly string[] {
  const named = flags.some((flag) => flag.startsWith('-mcpu='));
  const thirtyTwoBit = flags.some((flag) => flag.startsWith('-mfpu='));
  const fits = named && target === (thirtyTwoBit ? 'arm' : 'aarch64');
  return fits ? flags : flags.filter((flag) => !/^-m(cpu|fpu|float-abi)=/.test(flag));
}

/** Where something is compiled to, and how. */
export interface Output {
  readonly folder: string;
  readonly sanitizer?: Sanitizer;
  /** The library, when it is compiled already. */
  readonly objects?: readonly string[];
}

type Failed = { readonly failure: string };

function flagsOf(program: EmittedProgram, toolchain: Toolchain, { sanitizer }: Output): readonly string[] {
  const own = processorFlags(program, toolchain);
  // The processor's own flags come last: they name the newer one.
  const general = toolchain.flags.filter((flag) => !own.some((f) => f.startsWith('-mfpu=')) || !flag.startsWith('-m'));
  return [...strict, '-O3', ...general, ...own, ...(sanitizer === undefined ? [] : sanitizers[sanitizer])];
}

const libraryOf = ({ prefix, files }: EmittedProgram): readonly string[] => {
  const tools = new Set(['selftest', 'bench', 'run'].map((name) => `${prefix}_${name}.c`));
  return files.filter((file) => (/\.[cS]$/.test(file) ? !tools.has(file) : false));
};

/** Compiles the library once for several tools; every warning is an error. */
export async function compileLibrary(
  program: EmittedProgram,
  toolchain: Toolchain,
  output: Output,
): Promise<{ readonly objects: readonly string[] } | Failed> {
  const flags = flagsOf(program, toolchain, output).filter((flag) => flag !== '-static');
  const objects: string[] = [];
  for (const source of libraryOf(program)) {
    const object = join(output.folder, `${source}-${toolchain.target}-${toolchain.compiler}.o`);
    const args = [...flags, '-c', source, '-o', object];
    const { code, stderr } = await runProcess(toolchain.compiler, args, { cwd: program.folder });
    if (code !== 0) return { failure: firstLines(stderr) };
    objects.push(object);
  }
  return { objects };
}

/** Compiles one tool with warnings as errors; returns its path or what the compiler said. */
export const compileTool = (
  program: EmittedProgram,
  toolchain: Toolchain,
  tool: Tool,
  output: Output,
): Promise<{ readonly binary: string } | Failed> =>
  compileSource(program, toolchain, `${program.prefix}_${tool}.c`, output);

/** Compiles a source of the folder or of elsewhere with the library into a program. */
export async function compileSource(
  program: EmittedProgram,
  toolchain: Toolchain,
  source: string,
  output: Output,
): Promise<{ readonly binary: string } | Failed> {
  const name = basename(source).replace(/\.c$/, '');
  const binary = join(output.folder, `${name}-${toolchain.target}-${toolchain.compiler}`);
  const library = output.objects ?? libraryOf(program);
  const args = [...flagsOf(program, toolchain, output), '-I.', source, ...library, '-lm', '-o', binary];
  const result = await runProcess(toolchain.compiler, args, { cwd: program.folder });
  return result.code === 0 ? { binary } : { failure: firstLines(result.stderr) };
}

/** Runs a compiled tool, under emulation or on another machine where it needs that. */
export function runTool(
  toolchain: Toolchain,
  binary: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: Uint8Array },
): Promise<ProcessResult> {
  const { emulator, emulated, runner } = toolchain;
  if (runner !== undefined) return runRemotely(runner, binary, args, options.input);
  if (emulator === undefined) return runProcess(binary, args, options);
  const core = emulated === undefined ? [] : ['-cpu', emulated];
  return runProcess(emulator, [...core, binary, ...args], options);
}

/** Enough of a tool's complaint to act on. */
export const firstLines = (text: string): string => text.trim().split('\n').slice(0, 12).join('\n');
