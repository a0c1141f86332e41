/**
 * Runs an emulated program under the counting plugin (`benchmarks/inference/plugin/count.c`): what it executes between
 * its functions `*roi_begin` and `*roi_end`, the same numbers every time. Knows nothing of cycles.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { firstLines } from './program.js';
import { isInstalled, runProcess } from './toolchain.js';

/** Instructions that run one after the other, and how often they did. */
export interface CountedBlock {
  readonly address: number;
  readonly count: number;
  /** Symbol of the function that it lies in. */
  readonly function: string;
  /** As qemu prints them. */
  readonly instructions: readonly string[];
}

/** Totals of all rounds between the marks; divide by `rounds` for one. */
export interface Counted {
  readonly rounds: number;
  readonly instructions: number;
  readonly loadBytes: number;
  readonly storeBytes: number;
  /** Lines that were not in the first level, and of these not in the second. */
  readonly firstMisses: number;
  readonly secondMisses: number;
  readonly blocks: readonly CountedBlock[];
}

/** A two-level data cache with lines of 64 bytes. */
export interface CacheShape {
  readonly l1: number;
  readonly l1Ways: number;
  readonly l2: number;
  readonly l2Ways: number;
}

export interface CountRequest {
  readonly binary: string;
  readonly args: readonly string[];
  readonly emulator: 'qemu-aarch64' | 'qemu-arm';
  /** What qemu calls it: `max` has every instruction. */
  readonly cpu: string;
  /** In KB; left out, no misses are counted. */
  readonly cache?: CacheShape;
  /** Root for shared libraries of the emulated system, for programs that are not static. */
  readonly root?: string;
  /** Environment of the program. */
  readonly environment?: Readonly<Record<string, string>>;
}

const pluginSource = fileURLToPath(new URL('../../benchmarks/inference/plugin/count.c', import.meta.url));

/** What must be installed to count, and is not. */
export function missingForCounting(emulator: CountRequest['emulator']): readonly string[] {
  const tools = ['gcc', 'setarch', emulator].filter((command) => !isInstalled(command));
  return existsSync(pluginSource) ? tools : [...tools, 'the counting plugin'];
}

/** Compiles the plugin into `folder`. */
export async function buildPlugin(folder: string): Promise<string> {
  const plugin = join(folder, 'libcount.so');
  const args = ['-O2', '-fPIC', '-shared', pluginSource, '-o', plugin];
  const { code, stderr } = await runProcess('gcc', args, { cwd: folder });
  if (code !== 0) throw new Fault('verify/cannot-compile', firstLines(stderr));
  return plugin;
}

const cacheOptions = (cache: CacheShape | undefined): string =>
  cache === undefined ? 'cache=0' : `l1=${cache.l1},w1=${cache.l1Ways},l2=${cache.l2},w2=${cache.l2Ways}`;

/** Runs a program with the plugin; what it leaves lies in `folder`. An empty environment keeps runs equal. */
export async function countRun(request: CountRequest, plugin: string, folder: string): Promise<Counted> {
  const { binary, args, emulator, cpu, cache, root, environment = {} } = request;
  const out = join(folder, 'counts.txt');
  const emulation = [
    emulator,
    ...(root === undefined ? [] : ['-L', root]),
    ...Object.entries(environment).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
    ...['-cpu', cpu, '-plugin', `${plugin},out=${out},${cacheOptions(cache)}`],
  ];
  const command = ['-i', 'PATH=/usr/bin:/bin', 'setarch', '-R', ...emulation, binary, ...args];
  const { code, stderr } = await runProcess('env', command, { cwd: folder });
  if (code !== 0) throw new Fault('verify/run-failed', firstLines(stderr) || `code ${code}`);
  return readCounts(await readFile(out, 'utf8'));
}

/** Reads what the plugin writes. */
export function readCounts(text: string): Counted {
  const [totals = '', ...lines] = text.trimEnd().split('\n');
  const numbers = totals.split(' ').map(Number);
  const [rounds = 0, instructions = 0, loadBytes = 0, storeBytes = 0, firstMisses = 0, secondMisses = 0] = numbers;
  const blocks: { address: number; count: number; function: string; instructions: string[] }[] = [];
  for (const line of lines) {
    if (!line.startsWith('@ ')) {
      defined(blocks.at(-1), 'a block').instructions.push(line.trim());
      continue;
    }
    const [, address = '', count = '', name = ''] = line.split(' ');
    blocks.push({ address: Number.parseInt(address, 16), count: Number(count), function: name, instructions: [] });
  }
  if (rounds === 0) throw new Fault('verify/run-failed', 'the program has not called roi_begin');
  return { rounds, instructions, loadBytes, storeBytes, firstMisses, secondMisses, blocks };
}
