/**
 * Modelled cycles of counted blocks on a core: every block by llvm-mca, times how often it ran. Core-bound: memory
 * answers from the first level, branches are free. llvm-mca has no model of its own for Cortex-A72, A73, A75 and A76
 * and takes that of the A57: a figure carries the name of its model.
 */
import { tmpdir } from 'node:os';
import { Fault } from '../support/fault.js';
import type { CountedBlock } from './count-run.js';
import { isInstalled, runProcess } from './toolchain.js';

/** Cores with a model of their own. */
export const modelledCores = ['cortex-a53', 'cortex-a55', 'cortex-a57', 'neoverse-n1'] as const;
export type ModelledCore = (typeof modelledCores)[number];

/** The model that stands for a core; undefined where none does. */
export function modelOf(cpu: string): ModelledCore | undefined {
  const known = modelledCores.find((core) => core === cpu);
  if (known !== undefined) return known;
  return /^cortex-a7[2356]$/.test(cpu) ? 'cortex-a57' : undefined;
}

export interface Modelled {
  readonly core: ModelledCore;
  readonly cycles: number;
  /** Share of the executed instructions that the model cannot read; they count one cycle each. */
  readonly unread: number;
}

/** What must be installed to model cycles, and is not. */
export const missingForModel = (): readonly string[] =>
  ['llvm-mca-19', 'llvm-mc-19'].filter((command) => !isInstalled(command));

/** Modelled cycles of all blocks together. */
export async function modelCycles(
  blocks: readonly CountedBlock[],
  cores: readonly ModelledCore[],
): Promise<readonly Modelled[]> {
  const joined = joinedBlocks(blocks);
  const total = executed(joined);
  // Of blocks that hardly ever run the mere number of instructions will do.
  const [rare, often] = split(joined, (block) => executed([block]) < total / 1000);
  const readable = often.map(prepared);
  await decodeBytes(readable);
  return Promise.all(
    cores.map(async (core) => {
      const cycles = await blockCycles(readable, core);
      const known = readable.map(({ block }, i) => (cycles[i] ?? block.instructions.length) * block.count);
      const unread = executed(readable.filter((_, i) => cycles[i] === undefined).map(({ block }) => block));
      return { core, cycles: executed(rare) + sum(known), unread: total === 0 ? 0 : unread / total };
    }),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const executed = (blocks: readonly CountedBlock[]): number =>
  sum(blocks.map(({ count, instructions }) => count * instructions.length));
const split = <T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] => [
  items.filter(test),
  items.filter((item) => !test(item)),
];

/** Instructions after which another may follow than the next. */
const leaves = /^(b|b\.\w+|bl|blr|br|cbz|cbnz|tbz|tbnz|ret|svc)\b/;

const mutable = ({ instructions, ...block }: CountedBlock) => ({
  ...(block as { -readonly [K in keyof typeof block]: (typeof block)[K] }),
  instructions: [...instructions],
});

/** qemu cuts blocks where pages end: what always runs on into the next block is one with it. */
export function joinedBlocks(blocks: readonly CountedBlock[]): readonly CountedBlock[] {
  const left = new Map(blocks.map((block) => [block.address, mutable(block)]));
  for (const block of [...left.values()].sort((a, b) => b.address - a.address)) {
    const next = left.get(block.address + 4 * block.instructions.length);
    if (next === undefined || leaves.test(block.instructions.at(-1) ?? 'b') || next.count < block.count) continue;
    block.instructions.push(...next.instructions);
    next.count -= block.count;
  }
  return [...left.values()].filter(({ count }) => count > 0);
}

/** A block as an assembler reads it, and whether it jumps to its own start. */
interface Prepared {
  readonly block: CountedBlock;
  readonly lines: string[];
  readonly loops: boolean;
}

const target = /^(b\.\w+|b|bl|cbz|cbnz|tbz|tbnz)\s+(.*?)#?0x([0-9a-f]+)$/;

function prepared(block: CountedBlock): Prepared {
  let loops = false;
  const lines = block.instructions.map((line) => {
    const jump = target.exec(line);
    if (jump !== null) {
      loops ||= Number.parseInt(jump[3]!, 16) === block.address;
      return `${jump[1]} ${jump[2]}.Lstart`;
    }
    if (/^adrp?\b/.test(line)) return 'mov x1, x2';
    return /^(ret|br|blr|svc)\b/.test(line) ? 'nop' : line;
  });
  return { block, lines, loops };
}

/** qemu 7.2 prints what it has no name for (sdot, float16 arithmetic) as bytes. */
async function decodeBytes(all: readonly Prepared[]): Promise<void> {
  const wanted = [...new Set(all.flatMap(({ lines }) => lines.filter((line) => line.startsWith('.byte'))))];
  if (wanted.length === 0) return;
  const input = wanted.map((line) => line.slice(5).replaceAll(',', ' ')).join('\n');
  const decoder = ['-triple=aarch64', '-mattr=+all', '-disassemble'];
  const { stdout } = await runTool('llvm-mc-19', decoder, `${input}\n`);
  const names = stdout.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('.'));
  const decoded = new Map(wanted.map((line, i) => [line, names[i]?.trim().replaceAll('\t', ' ') ?? line]));
  for (const { lines } of all) lines.splice(0, lines.length, ...lines.map((line) => decoded.get(line) ?? line));
}

/** Cycles of one round of each block; undefined where it cannot be read. Loops are followed over more rounds. */
async function blockCycles(all: readonly Prepared[], core: ModelledCore): Promise<readonly (number | undefined)[]> {
  const [looping, straight] = split(all, ({ loops }) => loops);
  const [a, b] = await Promise.all([analysed(looping, core, 100), analysed(straight, core, 20)]);
  return all.map((block) => a.get(block) ?? b.get(block));
}

async function analysed(
  all: readonly Prepared[],
  core: ModelledCore,
  rounds: number,
): Promise<ReadonlyMap<Prepared, number>> {
  if (all.length === 0) return new Map();
  const options = ['-mtriple=aarch64', '-mattr=+v8.2a,+dotprod,+fullfp16', `-mcpu=${core}`, `-iterations=${rounds}`];
  const quiet = ['--skip-unsupported-instructions=none', '--instruction-info=0', '--resource-pressure=0', '-'];
  const regions = all.map(({ lines }, i) => `# LLVM-MCA-BEGIN ${i}\n${lines.join('\n')}\n# LLVM-MCA-END`);
  const { code, stdout } = await runTool('llvm-mca-19', [...options, ...quiet], `.Lstart:\n${regions.join('\n')}\n`);
  const cycles = [...stdout.matchAll(/^Total Cycles: +(\d+)$/gm)].map((found) => Number(found[1]) / rounds);
  if (code === 0 && cycles.length === all.length) return new Map(all.map((block, i) => [block, cycles[i]!]));
  if (all.length === 1) return new Map();
  // One line that cannot be read spoils a whole run: halve until it is alone.
  const half = Math.ceil(all.length / 2);
  const parts = [await analysed(all.slice(0, half), core, rounds), await analysed(all.slice(half), core, rounds)];
  return new Map(parts.flatMap((part) => [...part]));
}

async function runTool(command: string, args: readonly string[], input: string) {
  if (!isInstalled(command)) throw new Fault('verify/cannot-run', `${command} is not installed`, 'install llvm-19');
  return runProcess(command, args, { cwd: tmpdir(), input: new TextEncoder().encode(input) });
}
