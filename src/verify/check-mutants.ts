/**
 * Shows that the self-test sees faults: puts each of them into an emitted program, compiles it and runs the self-test,
 * which must fail. A fault that passes is a hole in what the program is checked by.
 */
import { join } from 'node:path';
import { Fault } from '../support/fault.js';
import { type Mutant, mutantsOf, readCoverage } from './mutants.js';
import { compileLibrary, type EmittedProgram, firstLines, obstacleOf, openProgram } from './program.js';
import { type ProcessResult, readEmitted, runProcess, type Toolchain, withFolder, writeScratch } from './toolchain.js';

export interface MutantReport {
  /** Faults that were compiled and run. */
  readonly tried: number;
  /** By kind of fault: how many were tried. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Those that no check saw. */
  readonly survivors: readonly Pick<Mutant, 'line' | 'fault' | 'before' | 'after'>[];
}

/** Seconds after which a program that does not end counts as caught. */
const patience = '20';

/** What nobody has written holds no zero by luck, where the compiler knows how: else a start left out is not seen. */
const spoiled = '-ftrivial-auto-var-init=pattern';

interface Bench {
  readonly program: EmittedProgram;
  readonly toolchain: Toolchain;
  readonly folder: string;
  readonly flags: readonly string[];
  /** Of everything but the program's own source. */
  readonly objects: readonly string[];
}

/** Which faults are tried. */
export interface MutantChoice {
  /** Only these. */
  readonly only?: (mutant: Mutant) => boolean;
  /** Of them every so many-th, so that there are at most `most`. */
  readonly most?: number | undefined;
}

/** Tries all faults, or those that are chosen. */
export async function checkMutants(
  folder: string,
  toolchain: Toolchain,
  { only = () => true, most }: MutantChoice = {},
): Promise<MutantReport> {
  const program = await openProgram(folder);
  const obstacle = obstacleOf(program, toolchain);
  if (obstacle !== undefined) throw new Fault('verify/no-toolchain', obstacle.reason);
  return withFolder(async (scratch) => {
    const source = await readEmitted(folder, `${program.prefix}.c`);
    const library = await compileLibrary(program, toolchain, { folder: scratch });
    if ('failure' in library) throw new Fault('verify/cannot-compile', library.failure);
    const own = `/${program.prefix}.c-`;
    const flags = await flagsOf(program, toolchain, scratch);
    const bare = { program, toolchain, folder: scratch, flags, objects: [] };
    const selftest = await mustCompile(bare, `${program.prefix}_selftest.c`, 'selftest.o', ['-c']);
    const bench = { ...bare, objects: [...library.objects.filter((o) => !o.includes(own)), selftest] };
    const all = mutantsOf(source, await coverage(bench, source)).filter(only);
    const stride = most === undefined ? 1 : Math.max(1, Math.ceil(all.length / most));
    const chosen = all.filter((_, i) => i % stride === 0);
    return report(chosen, await inPairs(chosen, (mutant, i) => passes(bench, mutant.text, `mutant-${i}`)));
  });
}

function report(chosen: readonly Mutant[], passed: readonly (boolean | undefined)[]): MutantReport {
  const tried = chosen.filter((_, i) => passed[i] !== undefined);
  const kinds: Record<string, number> = {};
  for (const { fault } of tried) kinds[fault] = (kinds[fault] ?? 0) + 1;
  const survivors = chosen
    .filter((_, i) => passed[i] === true)
    .map(({ line, fault, before, after }) => ({ line, fault, before, after }));
  return { tried: tried.length, kinds, survivors };
}

/** Two at a time, in order. */
async function inPairs<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) {
    const pair = items.slice(i, i + 2).map((item, k) => work(item, i + k));
    results.push(...(await Promise.all(pair)));
  }
  return results;
}

const run = ({ toolchain: { emulator }, folder }: Bench, binary: string): Promise<ProcessResult> =>
  runProcess('timeout', [patience, ...(emulator === undefined ? [] : [emulator]), binary], { cwd: folder });

async function flagsOf(program: EmittedProgram, toolchain: Toolchain, folder: string): Promise<readonly string[]> {
  const own = [...toolchain.flags, ...program.flags.filter((flag) => flag.startsWith('-ffp-'))];
  const source = await writeScratch(folder, 'nothing.c', '');
  const { code } = await runProcess(toolchain.compiler, ['-Werror', spoiled, '-fsyntax-only', source], { cwd: folder });
  return ['-std=c99', '-w', '-O0', ...(code === 0 ? [spoiled] : []), ...own, '-I.'];
}

/** Compiles a source, with everything else to a program unless it is only to be compiled. */
function compile(bench: Bench, source: string, to: string, more: readonly string[] = []): Promise<ProcessResult> {
  const { program, toolchain, flags, objects } = bench;
  const linked = more.includes('-c') ? [] : [...objects, '-lm'];
  return runProcess(toolchain.compiler, [...flags, ...more, source, ...linked, '-o', to], { cwd: program.folder });
}

/** Of what has no fault; returns where it is. */
async function mustCompile(bench: Bench, source: string, name: string, more: readonly string[]): Promise<string> {
  const to = join(bench.folder, name);
  const { code, stderr } = await compile(bench, source, to, more);
  if (code !== 0) throw new Fault('verify/cannot-compile', firstLines(stderr));
  return to;
}

/** How often each line of the source runs in the self-test. */
async function coverage(bench: Bench, text: string): Promise<ReadonlyMap<number, number>> {
  const { folder, toolchain } = bench;
  const source = await writeScratch(folder, 'covered.c', text);
  const result = await run(bench, await mustCompile(bench, source, 'covered', ['--coverage']));
  if (result.code !== 0) throw new Fault('verify/run-failed', firstLines(result.stdout + result.stderr));
  const gcov = toolchain.compiler.replace(/gcc$/, 'gcov');
  const lines = await runProcess(gcov, ['-t', 'covered-covered.gcda'], { cwd: folder });
  if (lines.code !== 0) throw new Fault('verify/cannot-run', `${gcov}: ${firstLines(lines.stderr)}`);
  return readCoverage(lines.stdout);
}

/** Whether the self-test passes with this source; undefined when it does not compile. */
async function passes(bench: Bench, text: string, name: string): Promise<boolean | undefined> {
  const source = await writeScratch(bench.folder, `${name}.c`, text);
  const binary = join(bench.folder, name);
  if ((await compile(bench, source, binary)).code !== 0) return undefined;
  const { code, stdout } = await run(bench, binary);
  return code === 0 && stdout.includes('PASS');
}
