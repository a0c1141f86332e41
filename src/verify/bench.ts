/**
 * How fast emitted programs are: their bench tools timed in turns in one run, on this machine or by a runner, and what
 * one of their steps executes, counted under emulation. Time is for information: it is never a gate.
 */
import { Fault } from '../support/fault.js';
import { buildPlugin, type CacheShape, countRun, missingForCounting } from './count-run.js';
import { type Modelled, type ModelledCore, missingForModel, modelCycles } from './cycle-model.js';
import { compileTool, type EmittedProgram, firstLines, obstacleOf, openProgram, runTool } from './program.js';
import { missingTools, type Toolchain, toolchainsOf, type VerifyTarget, withFolder } from './toolchain.js';

/** An emitted folder and what it is called in a table. */
export interface Contestant {
  readonly name: string;
  readonly folder: string;
}

export interface Timed {
  readonly name: string;
  /** `step`, `step of a run of 24`, `run of 50 steps`: what was timed. */
  readonly what: string;
  /** Nanoseconds: of the fastest one, and the median of the rounds' means. */
  readonly best: number;
  readonly median: number;
}

export interface Timing {
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly rounds: number;
  readonly steps: number;
  readonly rows: readonly Timed[];
}

export interface TimeRequest {
  readonly target: VerifyTarget;
  readonly runner?: string;
  /** How often the contestants take turns, and how many steps each makes in a turn. */
  readonly rounds: number;
  readonly steps: number;
}

/** Vectors of 128 bits, as NEON has them. */
const hostFlags: readonly string[] = process.arch === 'x64' ? ['-march=x86-64-v2'] : [];

interface Ready {
  readonly name: string;
  readonly binary: string;
  readonly toolchain: Toolchain;
}

/** Times all contestants in turns. */
export async function timeInTurns(contestants: readonly Contestant[], request: TimeRequest): Promise<Timing> {
  const { target, runner, rounds, steps } = request;
  const found = toolchainsOf(target)[0]!;
  const flags = [...found.flags, ...(target === 'native' ? hostFlags : [])];
  const toolchain = { ...found, flags, ...(runner === undefined ? {} : { runner }) };
  return withFolder(async (folder) => {
    const ready: Ready[] = [];
    for (const { name, folder: emitted } of contestants)
      ready.push({ name, toolchain, binary: await compileBench(await openProgram(emitted), toolchain, folder) });
    const rounded: (readonly Turn[])[][] = [];
    for (let round = 0; round < rounds; round++) {
      const all: (readonly Turn[])[] = [];
      for (const one of ready) all.push(await takeTurn(one, steps, folder));
      rounded.push(all);
    }
    const rows = ready.flatMap(({ name }, i) =>
      rounded[0]![i]!.map((_, line) =>
        timed(
          name,
          rounded.map((all) => all[i]![line]!),
        ),
      ),
    );
    return { compiler: toolchain.compiler, flags: ['-O3', ...flags], rounds, steps, rows };
  });
}

async function compileBench(program: EmittedProgram, toolchain: Toolchain, folder: string): Promise<string> {
  const obstacle = obstacleOf(program, toolchain);
  if (obstacle !== undefined) throw new Fault('verify/no-toolchain', `cannot measure: ${obstacle.reason}`);
  const compiled = await compileTool(program, toolchain, 'bench', { folder });
  if ('failure' in compiled) throw new Fault('verify/cannot-compile', compiled.failure);
  return compiled.binary;
}

interface Turn {
  readonly what: string;
  readonly mean: number;
  readonly best: number;
}

async function takeTurn({ binary, toolchain }: Ready, steps: number, cwd: string): Promise<readonly Turn[]> {
  const { code, stdout, stderr } = await runTool(toolchain, binary, [String(steps)], { cwd });
  const turns = readTurns(stdout);
  if (code !== 0 || turns.length === 0) throw new Fault('verify/run-failed', firstLines(stderr) || `code ${code}`);
  return turns;
}

/** The lines of a bench tool. */
export const readTurns = (stdout: string): readonly Turn[] =>
  [...stdout.matchAll(/^(\d+) ns per (.+) \(best (\d+)\) over \d+$/gm)].map(([, mean, what, best]) => ({
    what: what!,
    mean: Number(mean),
    best: Number(best),
  }));

/** Best of all, and the median of the means. */
export function timed(name: string, turns: readonly Turn[]): Timed {
  const means = turns.map(({ mean }) => mean).sort((a, b) => a - b);
  const median = (means[(means.length - 1) >> 1]! + means[means.length >> 1]!) / 2;
  return { name, what: turns[0]!.what, median, best: Math.min(...turns.map(({ best }) => best)) };
}

export interface CountedStep {
  readonly name: string;
  readonly instructions: number;
  readonly loadBytes: number;
  readonly storeBytes: number;
  readonly firstMisses: number;
  readonly secondMisses: number;
  /** Cycles of one step by each model; empty where llvm-mca is not installed. */
  readonly modelled: readonly Modelled[];
}

/** A Cortex-A53 as it is often built, in KB. */
export const countedCache: CacheShape = { l1: 32, l1Ways: 4, l2: 512, l2Ways: 16 };

/** What is missing to count steps here. */
export const missingToCount = (): readonly string[] => [
  ...new Set([...toolchainsOf('aarch64').flatMap(missingTools), ...missingForCounting('qemu-aarch64')]),
];

/** Counts steps of emitted programs on AArch64; the first one warms the caches up and is not counted. */
export async function countSteps(
  contestants: readonly Contestant[],
  cores: readonly ModelledCore[],
): Promise<readonly CountedStep[]> {
  const toolchain = toolchainsOf('aarch64')[0]!;
  return withFolder(async (folder) => {
    const plugin = await buildPlugin(folder);
    const rows: CountedStep[] = [];
    for (const { name, folder: emitted } of contestants) {
      const binary = await compileBench(await openProgram(emitted), toolchain, folder);
      const request = { binary, args: ['3'], emulator: 'qemu-aarch64', cpu: 'max', cache: countedCache } as const;
      const counted = await countRun(request, plugin, folder);
      const each = (total: number): number => Math.round(total / counted.rounds);
      const modelled = missingForModel().length > 0 ? [] : await modelCycles(counted.blocks, cores);
      rows.push({
        name,
        instructions: each(counted.instructions),
        loadBytes: each(counted.loadBytes),
        storeBytes: each(counted.storeBytes),
        firstMisses: each(counted.firstMisses),
        secondMisses: each(counted.secondMisses),
        modelled: modelled.map((model) => ({ ...model, cycles: each(model.cycles) })),
      });
    }
    return rows;
  });
}
