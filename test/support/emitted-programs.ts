/** Emits a program's C into a folder and runs its self-test under one compiler: what `rnnc verify` does for all. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenVectors } from '../../src/lower/golden-vectors.js';
import { trainedKept } from '../../src/lower/inference-kept.js';
import type { Emit, Model } from '../../src/model/model.js';
import { summarize, totals } from '../../src/model/summary.js';
import { headerBytes } from '../../src/targets/c-family/blob.js';
import { emitFamily } from '../../src/targets/c-family/emit-family.js';
import type { Weights } from '../../src/tensor/tensor.js';
import { compileTool, obstacleOf, openProgram, runTool } from '../../src/verify/program.js';
import { runsUnattended, toolchainsOf, type VerifyTarget, withFolder } from '../../src/verify/toolchain.js';
import { boundFailure, readMeasured } from '../../src/verify/verify.js';
import { type Pruned, planOf } from './program-checks.js';

/** The block of the program for a target; the random ones have both. */
export const emitOf = (model: Model, target: 'c' | 'neon'): Emit => model.emits.find((e) => e.target === target)!;

/** Writes all files; `linked` keeps the weights in a file of their own, which is then returned in bytes. */
export async function emitTo(
  folder: string,
  model: Model,
  { weights }: Pruned,
  how: { readonly target: 'c' | 'neon'; readonly linked: boolean },
): Promise<void> {
  const options = emitOf(model, how.target);
  const plan = planOf(model, weights);
  const golden = goldenVectors(plan, weights, { seed: 1, steps: 4, activation: options.activation });
  const input = { plan, weights, trained: true, golden, options, manifest: {} };
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of emitFamily(input, how.target, how.linked ? 0 : undefined))
    await writeFile(join(folder, path), contents);
}

/** What the compiler predicts of the whole program for these weights and what its manifest says, side by side. */
export async function sizesOf(
  folder: string,
  model: Model,
  weights: Weights,
): Promise<{ predicted: unknown; emitted: unknown }> {
  const { after } = totals(summarize(model, trainedKept(model, weights)));
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    readonly weights: { readonly bytes: number; readonly blobBytes: number };
    readonly multiplyAdds: { readonly step: number; readonly finish: number };
  };
  const { step, finish } = manifest.multiplyAdds;
  return {
    predicted: { bytes: after.bytes, blobBytes: after.bytes + headerBytes, macs: after.macs },
    emitted: { bytes: manifest.weights.bytes, blobBytes: manifest.weights.blobBytes, macs: step + finish },
  };
}

export type Compiler = 'gcc' | 'clang' | 'gcc with sanitizers';

export interface SelfTest {
  /** What went wrong; empty when nothing did. */
  readonly failure: string;
  /** A tool is missing, where a person may have left it out. */
  readonly missing: boolean;
  /** The bound in parts of the error, for the value that comes nearest to its own. */
  readonly slack: number | undefined;
}

/** Compiles with warnings as errors and runs the self-test. */
export async function selfTest(folder: string, target: VerifyTarget, compiler: Compiler): Promise<SelfTest> {
  const program = await openProgram(folder);
  const toolchain = toolchainsOf(target).find((t) => target !== 'native' || t.compiler === compiler.split(' ')[0])!;
  const obstacle = obstacleOf(program, toolchain);
  if (obstacle !== undefined) return { failure: obstacle.reason, missing: !runsUnattended(), slack: undefined };
  return withFolder(async (output) => {
    const sanitizer = compiler === 'gcc with sanitizers' ? ({ sanitizer: 'address' } as const) : {};
    const end = (failure: string, slack?: number): SelfTest => ({ failure, missing: false, slack });
    const compiled = await compileTool(program, toolchain, 'selftest', { folder: output, ...sanitizer });
    if ('failure' in compiled) return end(compiled.failure);
    const result = await runTool(toolchain, compiled.binary, [], { cwd: output });
    const measured = readMeasured(result.stdout);
    if (result.code !== 0 || measured === undefined) return end(`${result.stdout}${result.stderr}`);
    const slack = measured.largestError === 0 ? undefined : 1 / measured.largestShare;
    return end(boundFailure(measured) ?? '', slack);
  });
}
