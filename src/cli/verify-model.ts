/** Verifies what was emitted: self-tests on every target, and the C's perplexity beside the engine's. */
import { basename, join } from 'node:path';
import { compileEvaluation } from '../compile.js';
import type { Corpus, Split } from '../data/corpus.js';
import type { LoadedCorpus } from '../data/load.js';
import type { Emit } from '../model/model.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { packBlob } from '../targets/c-family/blob.js';
import { identityOf } from '../targets/c-family/manifest.js';
import { formatText } from '../tensor/number-format.js';
import type { Weights } from '../tensor/tensor.js';
import type { Score } from '../train/score.js';
import { firstTokens, openEvaluator } from '../train/split-evaluator.js';
import { openProgram as openEmitted } from '../verify/program.js';
import type { ErrorFigures, Oracle } from '../verify/random-sequences.js';
import type { VerifyTarget } from '../verify/toolchain.js';
import { type TargetReport, type VerifyReport, verifyBuild } from '../verify/verify.js';
import { loadWeights, untrainedWeights } from './build-folder.js';
import { emittedFolder, scoreBuilt } from './built.js';
import { readSample } from './calibration-sample.js';
import type { Invocation } from './command.js';
import { emitBlockOf, emittedPlan, emittedWeights } from './emit-model.js';
import { exactPerplexity } from './exact-score.js';
import { isFolder } from './files.js';
import type { Opened } from './program.js';
import { chooseEngine, threadsOf, trainingOf } from './train-model.js';

export interface EmittedReport extends VerifyReport {
  readonly name: 'c' | 'neon';
}

export interface VerifyRequest {
  /** The only target; left out: all that fit. */
  readonly only?: VerifyTarget;
  readonly sanitize?: boolean;
  /** Random sequences to hold against the oracle; none by default. */
  readonly sequences?: number;
  /** A command that runs programs on another machine. */
  readonly runner?: string;
}

/** Verifies the emitted folders: portable C natively, NEON for AArch64 and ARMv7. */
export async function verifyEmitted(opened: Opened, request: VerifyRequest = {}): Promise<readonly EmittedReport[]> {
  const { only, sanitize = false, sequences = 0, runner } = request;
  const reports: EmittedReport[] = [];
  for (const name of ['c', 'neon'] as const) {
    const folder = join(opened.buildFolder, name);
    const all: readonly VerifyTarget[] = name === 'c' ? ['native'] : ['aarch64', 'arm'];
    const targets = only === undefined ? all : [only];
    if (!isFolder(folder) || (only === 'native' && name === 'neon')) continue;
    const random = sequences === 0 ? {} : { random: { oracle: await oracleOf(opened, name, folder), sequences } };
    const elsewhere = runner === undefined ? {} : { runner };
    reports.push({ name, ...(await verifyBuild(folder, { targets, sanitize, ...random, ...elsewhere })) });
  }
  return reports;
}

/** What an emitted folder stands for: the plan of its block, on the weights it was emitted from. */
async function oracleOf(opened: Opened, target: 'c' | 'neon', folder: string): Promise<Oracle> {
  const { trained, identity } = await openEmitted(folder);
  const { model } = opened;
  const loaded = trained ? loadWeights(opened) : untrainedWeights(model);
  const emit = emitBlockOf(model, target);
  const plan = emittedPlan(model, loaded.weights, emit);
  const weights = emittedWeights(plan, emit, loaded);
  if (identityOf(packBlob(plan, weights, loaded.words)) !== identity) {
    const message = `the C in ${folder} is of other weights, or of another form of ${model.name}`;
    throw new Fault('verify/other-weights', message, 'emit it again');
  }
  return { plan, weights, activation: emit.activation };
}

/** "neon on aarch64 (aarch64-linux-gnu-gcc): passed, 1024 values, largest error 2.1e-7 (3.5 ulp), its bound 4.0e-6". */
export function reportLine(name: string, report: TargetReport): string {
  const head = `${name} on ${report.target} (${report.compiler}): ${report.status}`;
  const { measured, reason } = report;
  if (report.status !== 'passed') return `${head}: ${reason}`;
  if (measured === undefined) return head;
  const random = report.random === undefined ? '' : `; random sequences: ${errorsOf(report.random)}`;
  const bits = measured.bits === undefined ? '' : `; ${measured.bits} results have the bits of every processor`;
  return `${head}, ${errorsOf(measured)}${bits}${random}`;
}

/** "1024 values, largest error 2.1e-7 (3.5 ulp), its bound 4.0e-6". */
function errorsOf({ values, largestError, ulp, bound }: ErrorFigures): string {
  const [error, allowed] = [largestError, bound].map((x) => x.toExponential(1));
  return `${values} values, largest error ${error} (${ulp.toPrecision(2)} ulp), its bound ${allowed}`;
}

/** Perplexity as the compiler computes the C bit by bit. */
interface Bitwise {
  readonly exact: number;
  /** The same with a scale of its own for every vector, where scales are calibrated. */
  readonly dynamic?: number;
}

/** `exact` of programs of integer products, whose vectors an engine does not round. */
export interface Compared extends Partial<Bitwise> {
  readonly target: VerifyTarget;
  /** How many were predicted, and of what: "tokens", or "labels" of examples. */
  readonly tokens: number;
  readonly what: 'tokens' | 'labels';
  readonly engine: number;
  readonly built: number;
  /** |built - engine| / engine, or the same with `exact`; undefined where neither says what the C should get. */
  readonly relative: number | undefined;
}

/** The C's perplexity may differ from what it should get by this much, relative. */
export const perplexityTolerance = 1e-4;

/** Whether the C gets what it should, as far as that is known. */
export const agrees = ({ relative }: Compared): boolean => relative === undefined || relative <= perplexityTolerance;

export interface ScoreRequest {
  readonly opened: Opened;
  readonly corpus: Corpus;
  readonly weights: Weights;
  readonly split: Split;
}

/** What weights get on a split by the engine of the command line. */
export async function scoreSplit(invocation: Invocation, request: ScoreRequest): Promise<Score> {
  const { opened, corpus, weights, split } = request;
  const evaluator = await openEvaluator({
    corpus,
    loader: trainingOf(opened).loader,
    graphOf: (steps) => compileEvaluation(opened.model, steps),
    engine: await chooseEngine(invocation),
    threads: threadsOf(invocation),
  });
  try {
    evaluator.setWeights(weights);
    return defined(await evaluator.score(split), `score on ${split}`);
  } finally {
    await evaluator.close();
  }
}

export interface CompareRequest {
  readonly opened: Opened;
  readonly corpus: LoadedCorpus;
  readonly weights: Weights;
  readonly tokens: number;
  readonly targets: readonly VerifyTarget[];
}

/** The block that the folder of a target was emitted by. */
const emittedFor = (opened: Opened, target: VerifyTarget): Emit =>
  emitBlockOf(opened.model, basename(emittedFolder(opened, target)) === 'c' ? 'c' : 'neon');

/** Perplexity of the first test tokens by the engine and by the built C on each target. */
export async function comparePerplexity(invocation: Invocation, request: CompareRequest): Promise<readonly Compared[]> {
  const { opened, weights, targets } = request;
  const corpus = firstTokens(request.corpus, 'test', request.tokens);
  const scores = new Map<string, Score>();
  for (const { weights: format } of targets.map((target) => emittedFor(opened, target))) {
    const model = { ...opened.model, weights: format };
    const scored = { opened: { ...opened, model }, corpus, weights, split: 'test' } as const;
    if (!scores.has(formatText(format))) scores.set(formatText(format), await scoreSplit(invocation, scored));
  }
  return Promise.all(
    targets.map(async (target) => {
      const emit = emittedFor(opened, target);
      const { perplexity: engine, tokens } = scores.get(formatText(emit.weights))!;
      const { perplexity: built } = await scoreBuilt(opened, target, corpus, 'test');
      const what = corpus.kind === 'examples' ? 'labels' : 'tokens';
      const found = { target, tokens, what, engine, built } as const;
      if (emit.arithmetic === 'float32') return { ...found, relative: Math.abs(built - engine) / engine };
      const exact = exactOf(request, corpus, emit);
      return exact === undefined
        ? { ...found, relative: undefined }
        : { ...found, ...exact, relative: Math.abs(built - exact.exact) / exact.exact };
    }),
  );
}

/** What the compiler computes bit by bit; undefined where it cannot. */
function exactOf({ opened, weights }: CompareRequest, corpus: Corpus, emit: Emit): Bitwise | undefined {
  if (corpus.kind === 'examples') return undefined;
  const { ids } = defined(corpus.splits.get('test'), 'test');
  const sample = readSample(opened.buildFolder);
  const loaded = { weights, trained: true, ...(sample === undefined ? {} : { sample }) };
  const computed = (block: Emit) => exactPerplexity(opened.model, block, loaded, [corpus.start, ...ids]);
  const exact = computed(emit);
  if (exact === undefined) return undefined;
  const { calibrated, ...anew } = emit;
  const dynamic = calibrated === true ? computed(anew) : undefined;
  return { exact, ...(dynamic === undefined ? {} : { dynamic }) };
}

/** "test perplexity of 1000 tokens on native: 93.10000, by the engine 93.10001 (1.1e-7 apart, within 0.0001)". */
export function comparedLine(compared: Compared): string {
  const { tokens, what, target, built, engine, exact, dynamic, relative } = compared;
  const head = `test perplexity of ${tokens} ${what} on ${target}: ${built.toFixed(5)}`;
  const byEngine = `by the engine ${engine.toFixed(5)}`;
  if (relative === undefined) return `${head}, ${byEngine} (which does not round vectors to integers)`;
  const verdict = relative <= perplexityTolerance ? 'within' : 'outside';
  const apart = `(${relative.toExponential(1)} apart, ${verdict} ${perplexityTolerance})`;
  if (exact === undefined) return `${head}, ${byEngine} ${apart}`;
  const anew = dynamic === undefined ? '' : `; with dynamic scales ${dynamic.toFixed(5)}`;
  return `${head}, computed bit by bit ${exact.toFixed(5)} ${apart}${anew}; ${byEngine}, which does not round vectors`;
}
