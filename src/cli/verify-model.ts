/** Verifies what was emitted: self-tests on every target, and the C's perplexity beside the engine's. */
import { join } from 'node:path';
import { compileEvaluation } from '../compile.js';
import type { LoadedCorpus } from '../data/load.js';
import type { Weights } from '../tensor/tensor.js';
import { evaluatePerplexity } from '../train/evaluate.js';
import type { VerifyTarget } from '../verify/toolchain.js';
import { type TargetReport, type VerifyReport, verifyBuild } from '../verify/verify.js';
import { builtPerplexity } from './built.js';
import type { Invocation } from './command.js';
import { isFolder } from './files.js';
import type { Opened } from './program.js';
import { chooseEngine, threadsOf } from './train-model.js';

export interface EmittedReport extends VerifyReport {
  readonly name: 'c' | 'neon';
}

/** Self-tests of the emitted folders: portable C natively, NEON for AArch64 and ARMv7. */
export async function verifyEmitted(
  opened: Opened,
  only?: VerifyTarget,
  sanitize = false,
): Promise<readonly EmittedReport[]> {
  const reports: EmittedReport[] = [];
  for (const name of ['c', 'neon'] as const) {
    const folder = join(opened.buildFolder, name);
    const all: readonly VerifyTarget[] = name === 'c' ? ['native'] : ['aarch64', 'arm'];
    const targets = only === undefined ? all : [only];
    if (!isFolder(folder) || (only === 'native' && name === 'neon')) continue;
    reports.push({ name, ...(await verifyBuild(folder, { targets, sanitize })) });
  }
  return reports;
}

/** "neon on aarch64 (aarch64-linux-gnu-gcc): passed, largest error 2.1e-7 within its bound 4.0e-6". */
export function reportLine(name: string, report: TargetReport): string {
  const head = `${name} on ${report.target} (${report.compiler}): ${report.status}`;
  const { measured, reason } = report;
  if (report.status !== 'passed') return `${head}: ${reason}`;
  if (measured === undefined) return head;
  const [error, bound] = [measured.largestError, measured.bound].map((x) => x.toExponential(1));
  return `${head}, ${measured.values} values, largest error ${error}, its bound ${bound}`;
}

export interface Compared {
  readonly target: VerifyTarget;
  readonly tokens: number;
  readonly engine: number;
  readonly built: number;
  /** |built - engine| / engine. */
  readonly relative: number;
}

/** The C's perplexity may differ from the engine's by this much, relative. */
export const perplexityTolerance = 1e-4;

export interface CompareRequest {
  readonly opened: Opened;
  readonly corpus: LoadedCorpus;
  readonly weights: Weights;
  readonly tokens: number;
  readonly targets: readonly VerifyTarget[];
}

/** Perplexity of the first test tokens by the engine and by the built C on each target. */
export async function comparePerplexity(invocation: Invocation, request: CompareRequest): Promise<readonly Compared[]> {
  const { opened, corpus, weights, targets } = request;
  const whole = corpus.splits.get('test')!;
  const stream = { ...whole, ids: whole.ids.subarray(0, request.tokens) };
  const engine = await chooseEngine(invocation);
  const threads = threadsOf(invocation);
  const graph = compileEvaluation(opened.model);
  const score = await evaluatePerplexity({ graph, engine, threads, weights, stream, start: corpus.start });
  const reference = score!.perplexity;
  return Promise.all(
    targets.map(async (target) => {
      const built = await builtPerplexity(opened, target, stream.ids, corpus.start);
      const relative = Math.abs(built - reference) / reference;
      return { target, tokens: stream.ids.length, engine: reference, built, relative };
    }),
  );
}

export function comparedLine({ tokens, target, built, engine, relative }: Compared): string {
  const verdict = relative <= perplexityTolerance ? 'within' : 'outside';
  return (
    `test perplexity of ${tokens} tokens on ${target}: ${built.toFixed(5)}, by the engine ${engine.toFixed(5)} ` +
    `(${relative.toExponential(1)} apart, ${verdict} ${perplexityTolerance})`
  );
}
