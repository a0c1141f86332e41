/**
 * Compilers and emulators: the only door to processes and to the disk in this room. Emitted folders are read and
 * never written to; what is compiled lies in a folder of its own that is removed again.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasDots } from '../kernels/cores.js';
import { Fault } from '../support/fault.js';

/** This machine, or an Arm one under emulation. */
export type VerifyTarget = 'native' | 'aarch64' | 'arm';

export interface Toolchain {
  readonly target: VerifyTarget;
  /** Command of the compiler, `gcc`. */
  readonly compiler: string;
  /** Command that runs what it makes; undefined where that runs by itself. */
  readonly emulator: string | undefined;
  /** The core that is emulated, as the emulator names it; its default where none is named. */
  readonly emulated?: string;
  /** A command that runs what it makes on another machine, in place of the emulator. */
  readonly runner?: string;
  /** Flags besides those of the emitted program's processor. */
  readonly flags: readonly string[];
}

const toolchains: Readonly<Record<VerifyTarget, readonly Toolchain[]>> = {
  native: ['gcc', 'clang'].map((compiler) => ({ target: 'native', compiler, emulator: undefined, flags: [] })),
  aarch64: [{ target: 'aarch64', compiler: 'aarch64-linux-gnu-gcc', emulator: 'qemu-aarch64', flags: ['-static'] }],
  arm: [
    {
      target: 'arm',
      compiler: 'arm-linux-gnueabihf-gcc',
      emulator: 'qemu-arm',
      flags: ['-static', '-march=armv7-a', '-mfpu=neon', '-mfloat-abi=hard'],
    },
  ],
};

/** All toolchains of a target, found or not. */
export const toolchainsOf = (target: VerifyTarget): readonly Toolchain[] => toolchains[target];

/**
 * A toolchain once for each kind of core that a program is for: with products of dots and without, as the program
 * chooses at run time. An emulator stands for all cores of a kind.
 */
export function onEachKind(toolchain: Toolchain, cpus: readonly string[]): readonly Toolchain[] {
  const kinds = [...new Set(cpus.map(hasDots))];
  if (toolchain.target !== 'aarch64' || toolchain.emulator === undefined || kinds.length < 2) return [toolchain];
  return kinds.map((dots) => ({ ...toolchain, emulated: dots ? 'cortex-a76' : 'cortex-a53' }));
}

/** Whether the processor here runs NEON intrinsics by itself. */
export const hostIsArm = (): boolean => process.arch === 'arm64' || process.arch === 'arm';

/** A missing tool is then a failure. */
export const runsUnattended = (): boolean => process.env['CI'] === 'true';

/** Whether a command is found. */
export function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Commands of a toolchain that are not installed. */
export const missingTools = ({ compiler, emulator, runner }: Toolchain): readonly string[] =>
  [compiler, ...(emulator === undefined || runner !== undefined ? [] : [emulator])].filter(
    (command) => !isInstalled(command),
  );

export interface ProcessResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; a signal counts as code 1. */
export function runProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: Uint8Array },
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(new Fault('verify/cannot-run', `cannot run ${command}: ${error.message}`)));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    // A program that ends before it has read everything is judged by its code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? new Uint8Array(0));
  });
}

/** A folder that is gone when `use` is done. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rnnc-verify-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Text of a file of an emitted folder. */
export async function readEmitted(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch {
    throw new Fault('verify/not-emitted', `${folder} has no ${name}`, 'give a folder that `rnnc emit` has written');
  }
}

/** Writes a file into a folder of `withFolder` and returns its path. */
export async function writeScratch(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
