/** The built C as a model: which emitted folder runs where, its perplexity and its next-word probabilities. */
import { join } from 'node:path';
import type { Corpus, ExampleCorpus, Examples, Split } from '../data/corpus.js';
import { countExamples, lengthOf } from '../data/example-batches.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { ExampleTally, type Row } from '../train/example-tally.js';
import type { Score } from '../train/score.js';
import { runBuilt, withBuilt } from '../verify/run-built.js';
import type { VerifyTarget } from '../verify/toolchain.js';
import { isFolder } from './files.js';
import type { Opened } from './program.js';

/** `native` runs the portable C; the Arm targets run the NEON C, or the portable C when that is all there is. */
export function emittedFolder({ buildFolder, model }: Opened, target: VerifyTarget): string {
  const candidates = target === 'native' ? ['c'] : ['neon', 'c'];
  const found = candidates.map((name) => join(buildFolder, name)).find(isFolder);
  if (found !== undefined) return found;
  const wanted = candidates[0]!;
  throw new Fault(
    'build/not-emitted',
    `${model.name} has no emitted ${wanted}`,
    `run \`rnnc emit --target ${wanted}\``,
  );
}

/** What the built C gets on a split: a stream from zero state behind its start, examples each from zero state. */
export async function scoreBuilt(opened: Opened, by: string, corpus: Corpus, split: Split): Promise<Score> {
  const target = by as VerifyTarget;
  const folder = emittedFolder(opened, target);
  if (corpus.kind === 'examples') {
    const examples = defined(corpus.splits.get(split), split);
    const result = await runBuilt(folder, target, separated(examples), { kind: 'logits', sequences: true });
    return scoreRows(corpus, examples, result.kind === 'logits' ? result.rows : []);
  }
  const { ids } = defined(corpus.splits.get(split), split);
  const result = await runBuilt(folder, target, [corpus.start, ...ids], { kind: 'nll' });
  if (result.kind !== 'nll') throw new Fault('verify/run-failed', 'the run tool gave no likelihood');
  return { perplexity: result.perplexity, nats: result.nll / result.tokens, tokens: result.tokens };
}

/** All sequences, -1 behind each. */
function separated({ ids, starts }: Examples): Int32Array {
  const result: number[] = [];
  for (let i = 1; i < starts.length; i++) result.push(...ids.subarray(starts[i - 1], starts[i]), -1);
  return Int32Array.from(result);
}

/** One row for each label, in order. */
function scoreRows(corpus: ExampleCorpus, examples: Examples, rows: readonly Row[]): Score {
  if (rows.length !== examples.labels.length)
    throw new Fault('verify/run-failed', `the run tool gave ${rows.length} rows for ${examples.labels.length} labels`);
  const tally = new ExampleTally(corpus, examples);
  let at = 0;
  for (let i = 0; i < countExamples(examples); i++) {
    const labels = corpus.perToken ? lengthOf(examples, i) : 1;
    tally.add(i, rows.slice(at, at + labels));
    at += labels;
  }
  return tally.score();
}

function softmax(logits: readonly number[]): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exponentials = logits.map((x) => Math.exp(x - most));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (e) => e / total);
}

/** Probabilities after some ids. */
export interface Asker {
  after: (ids: readonly number[]) => Promise<Float32Array>;
  /** At every step; of a model of whole sequences one row. */
  each: (ids: readonly number[]) => Promise<readonly Float32Array[]>;
}

/** Lends the built C as an asker; every question starts from zero state. */
export function withBuiltAsker<T>(opened: Opened, by: string, use: (asker: Asker) => Promise<T>): Promise<T> {
  const target = by as VerifyTarget;
  return withBuilt(emittedFolder(opened, target), target, (run) => {
    const each = async (ids: readonly number[]): Promise<readonly Float32Array[]> => {
      const result = await run(ids, { kind: 'logits' });
      const rows = result.kind === 'logits' ? result.rows : [];
      if (rows.length === 0) throw new Fault('verify/run-failed', 'the run tool gave no logits');
      return rows.map(softmax);
    };
    return use({ each, after: async (ids) => (await each(ids)).at(-1)! });
  });
}
