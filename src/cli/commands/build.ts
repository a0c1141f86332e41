/** `rnnc build`: the whole road, from a program to verified C. */
import type { LoadedCorpus } from '../../data/load.js';
import { trainedKept } from '../../lower/inference-kept.js';
import { floatsIn } from '../../model/integers.js';
import type { Emit, Model } from '../../model/model.js';
import { summarize } from '../../model/summary.js';
import { buildTable } from '../../report/build-table.js';
import { duration } from '../../support/units.js';
import { baselineOf, canHaveBaseline } from '../baseline.js';
import { exceededBudgets, modelledTimes } from '../budget.js';
import { hasWeights, type LoadedWeights, loadWeights, untrainedWeights } from '../build-folder.js';
import { type Command, type Invocation, sharedOptions, trainingOptions } from '../command.js';
import { emitBlockOf } from '../emit-model.js';
import { emitTargets, emittedLine } from '../emit-targets.js';
import { lockOf, requireLocked, writeLock } from '../lock.js';
import { type Opened, openProgram, printDiagnostics } from '../program.js';
import { reported } from '../terminal.js';
import { trainToWeights } from '../train-to-weights.js';
import { agrees, comparedLine, comparePerplexity, reportLine, verifyEmitted } from '../verify-model.js';

/** Test tokens on which the emitted C is compared with the engine. */
const comparedTokens = 1000;

interface Trained {
  readonly loaded: LoadedWeights;
  readonly corpus: LoadedCorpus | undefined;
}

/** An exit code in place of a result. */
type Outcome<T> = { readonly code: number } | { readonly value: T };

async function trainOrLoad(
  invocation: Invocation,
  opened: Opened,
  onCorpus?: (corpus: LoadedCorpus | undefined) => void,
): Promise<Outcome<Trained>> {
  if (opened.model.training !== undefined) {
    const outcome = await trainToWeights(invocation, opened, onCorpus);
    if (outcome === undefined) return { code: 1 };
    if (!outcome.finished) {
      invocation.terminal.print('stopped; the same command goes on from the checkpoint');
      return { code: 130 };
    }
    return { value: { loaded: loadWeights(opened), corpus: outcome.corpus } };
  }
  onCorpus?.(undefined);
  if (invocation.flag('untrained')) return { value: { loaded: untrainedWeights(opened.model), corpus: undefined } };
  // Without a `train` block only weights that are there already can be emitted.
  return { value: { loaded: loadWeights(opened), corpus: undefined } };
}

const emitsOf = (model: Model): readonly Emit[] =>
  model.emits.length > 0 ? model.emits : [emitBlockOf(model, 'neon'), emitBlockOf(model, 'c')];

/** Writes every target; false when a budget is exceeded. */
function emitAll(invocation: Invocation, opened: Opened, loaded: LoadedWeights): boolean {
  const written = emitTargets(invocation, opened, emitsOf(opened.model), loaded);
  for (const folder of written ?? []) say(invocation, `emitted ${emittedLine(folder)}`);
  for (const { target, line } of emitsOf(opened.model).flatMap((emit) =>
    floatsIn(opened.model, emit).map((line) => ({ target: emit.target, line })),
  ))
    say(invocation, `emit ${target}: ${line}`);
  if (written !== undefined)
    for (const line of modelledTimes(opened.model, opened.model.emits, loaded.weights)) say(invocation, line);
  return written !== undefined;
}

function say(invocation: Invocation, line: string): void {
  if (!invocation.flag('quiet')) invocation.terminal.print(line);
}

/** Self-tests, and the perplexity of the C on test tokens; false when something failed. */
async function verifyAll(invocation: Invocation, opened: Opened, { loaded, corpus }: Trained): Promise<boolean> {
  const reports = await verifyEmitted(opened);
  for (const { name, targets } of reports) for (const row of targets) say(invocation, reportLine(name, row));
  const passed = reports.flatMap((r) => r.targets.filter((t) => t.status === 'passed').map((t) => t.target));
  const failed = reports.some((r) => r.targets.some((t) => t.status === 'failed'));
  if (corpus === undefined || passed.length === 0) return !failed;
  const targets = [...new Set(passed)];
  const request = { opened, corpus, weights: loaded.weights, tokens: comparedTokens, targets };
  const compared = await comparePerplexity(invocation, request);
  for (const row of compared) say(invocation, comparedLine(row));
  return !failed && compared.every(agrees);
}

async function trainBaseline(invocation: Invocation, opened: Opened): Promise<Outcome<LoadedWeights | undefined>> {
  if (!invocation.flag('baseline') && !canHaveBaseline(opened)) return { value: undefined };
  const plain = baselineOf(opened);
  if (invocation.flag('baseline')) {
    say(invocation, 'the uncompressed model, under the same recipe:');
    const trained = await trainOrLoad(invocation, plain);
    return 'code' in trained ? trained : { value: trained.value.loaded };
  }
  return { value: hasWeights(plain.buildFolder) ? loadWeights(plain) : undefined };
}

const scoresOf = (loaded: LoadedWeights | undefined) =>
  loaded?.trained === true ? { valid: loaded.valid, test: loaded.test } : undefined;

function printSummary(
  invocation: Invocation,
  opened: Opened,
  trained: Trained,
  baseline: LoadedWeights | undefined,
): void {
  const streams = trained.corpus?.kind === 'streams' ? trained.corpus : undefined;
  const test = streams?.splits.get('test');
  const source =
    test?.sourcePerplexity === undefined || test.bigramPerplexity === undefined
      ? undefined
      : { test: test.sourcePerplexity, bigram: test.bigramPerplexity };
  const facts = {
    layers: summarize(opened.model, trainedKept(opened.model, trained.loaded.weights)),
    compressed: scoresOf(trained.loaded),
    baseline: scoresOf(baseline),
    best: streams?.bestPerplexity,
    metric: opened.model.training?.metric ?? 'perplexity',
    source,
  };
  const table = reported(invocation.terminal, buildTable(facts, invocation.terminal.columns));
  invocation.terminal.print(`\n${opened.model.name}\n${table}`);
}

export const buildCommand: Command = {
  name: 'build',
  summary: 'check, train, emit, verify, and a table of before and after',
  operands: '[model.cmp]',
  most: 1,
  options: {
    data: sharedOptions.data,
    baseline: { type: 'boolean', doc: 'also train the model uncompressed, under the same recipe' },
    untrained: { type: 'boolean', doc: 'for a program without `train`: seeded weights' },
    locked: { type: 'boolean', doc: 'refuse to build what differs from the lock file, and name what does' },
    restart: { type: 'boolean', doc: 'train anew, even when there is a checkpoint' },
    ...trainingOptions,
  },
  details: [
    'Trains when the program has a `train` block (going on from a checkpoint), writes every `emit` block (NEON and',
    'portable C when there is none), runs the self-tests natively and under emulation, and compares the perplexity of',
    `the C with the engine's on ${comparedTokens} test tokens.`,
    '',
    'Writes model.lock.json beside model.cmp: hashes of the program, its imports and its data, the compiler, the seed',
    'and every number that was solved. Keep it under version control; --locked refuses a build that differs.',
  ].join('\n'),
  examples: ['rnnc build model.cmp', 'rnnc build lm.cmp --data path/to/text --baseline'],
  run: async (invocation) => {
    const began = performance.now();
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const exceeded = exceededBudgets(opened.model, opened.model.emits);
    printDiagnostics(invocation, exceeded);
    if (exceeded.length > 0) return 1;
    const trained = await trainOrLoad(invocation, opened, (corpus) => {
      if (invocation.flag('locked')) requireLocked(opened, lockOf(opened, corpus?.hash), invocation.folder);
    });
    if ('code' in trained) return trained.code;
    if (!invocation.flag('locked')) writeLock(opened, lockOf(opened, trained.value.corpus?.hash));
    const baseline = await trainBaseline(invocation, opened);
    if ('code' in baseline) return baseline.code;
    if (!emitAll(invocation, opened, trained.value.loaded)) return 1;
    const verified = await verifyAll(invocation, opened, trained.value);
    printSummary(invocation, opened, trained.value, baseline.value);
    say(
      invocation,
      `\n${verified ? 'done' : 'FAILED verification'} in ${duration((performance.now() - began) / 1000)}`,
    );
    return verified ? 0 : 1;
  },
};
