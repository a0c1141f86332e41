/** `rnnc eval`: perplexity, accuracy and F1 of a trained model on a split. */
import type { Split } from '../../data/corpus.js';
import type { LoadedCorpus } from '../../data/load.js';
import type { Metric } from '../../model/model.js';
import { count } from '../../support/units.js';
import { formatText, isFloat32 } from '../../tensor/number-format.js';
import type { Score } from '../../train/score.js';
import { firstTokens } from '../../train/split-evaluator.js';
import { loadWeights } from '../build-folder.js';
import { scoreBuilt } from '../built.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { asStored, storingBlock } from '../emit-model.js';
import { type Opened, openProgram } from '../program.js';
import { openCorpus, trainingOf } from '../train-model.js';
import { scoreSplit } from '../verify-model.js';

const splits: readonly Split[] = ['train', 'valid', 'test'];

interface Evaluated extends Score {
  readonly split: Split;
  readonly by: string;
  readonly metric: Metric;
  readonly sourcePerplexity?: number;
  /** Number format of weights whose rule names none, as an `emit` block stores them. */
  readonly weights?: string;
}

/** What the engine rounds by, where an `emit` block says so: the C program rounds by itself. */
function storedFormat({ model }: Opened): string | undefined {
  const block = storingBlock(model);
  return block === undefined || isFloat32(block.weights) ? undefined : formatText(block.weights);
}

/** Perplexity of the known source on a whole split. */
function sourceOf(corpus: LoadedCorpus, split: Split, tokens: number | undefined): number | undefined {
  const stream = corpus.kind === 'streams' ? corpus.splits.get(split) : undefined;
  return tokens === undefined || tokens >= (stream?.ids.length ?? 0) ? stream?.sourcePerplexity : undefined;
}

async function evaluate(invocation: Invocation, opened: Opened): Promise<Evaluated> {
  const split = splits.find((s) => s === invocation.text('split')) ?? 'test';
  const loaded = loadWeights(opened);
  const whole = openCorpus(invocation, opened, [split], loaded);
  const tokens = invocation.integer('tokens');
  const corpus = tokens === undefined ? whole : firstTokens(whole, split, tokens);
  const by = invocation.text('by') ?? 'engine';
  const source = sourceOf(whole, split, tokens);
  const { metric } = trainingOf(opened);
  const format = by === 'engine' ? storedFormat(opened) : undefined;
  const facts = {
    split,
    by,
    metric,
    ...(format === undefined ? {} : { weights: format }),
    ...(source === undefined ? {} : { sourcePerplexity: source }),
  };
  const stored = { ...opened, model: asStored(opened.model) };
  for (const note of corpus.kind === 'examples' ? corpus.notes : []) invocation.terminal.warn(note);
  const score =
    by === 'engine'
      ? await scoreSplit(invocation, { opened: stored, corpus, weights: loaded.weights, split })
      : await scoreBuilt(opened, by, corpus, split);
  return { ...facts, ...score };
}

/** "perplexity 82.0412", and the measures of labelled examples. */
function measuredText({ perplexity, accuracy, f1 }: Score): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return [
    `perplexity ${perplexity.toFixed(4)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${percent(accuracy)}`]),
    ...(f1 === undefined ? [] : [`F1 ${percent(f1)}`]),
  ].join(', ');
}

export const evalCommand: Command = {
  name: 'eval',
  summary: 'perplexity, accuracy and F1 of a split, by an engine or by the built C',
  operands: '[model.cmp]',
  most: 1,
  options: {
    split: { type: 'string', value: 'SPLIT', doc: 'test (default), valid or train', words: splits },
    tokens: { type: 'string', value: 'N', doc: 'only the first N tokens; of examples only whole ones' },
    by: sharedOptions.by,
    data: sharedOptions.data,
    engine: sharedOptions.engine,
    provider: sharedOptions.provider,
    threads: sharedOptions.threads,
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Perplexity = exp(mean negative log-likelihood) over every token, the ends of lines included: one stream, zero',
    'initial state, nothing dropped at the tail. Labelled examples are each read from a zero state; besides, the share',
    'of right labels is printed, for BIO labels the F1 of chunks as conlleval counts it, and for relations with',
    'directions the macro F1 of the scorer of SemEval-2010 task 8. The emitted C is measured in the same way. An',
    'engine rounds weights to the format in which the first `emit c` or `emit neon` block stores them, and says so.',
  ].join('\n'),
  examples: ['rnnc eval --split test', 'rnnc eval --split test --tokens 2000 --by aarch64'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const result = await evaluate(invocation, opened);
    if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify(result));
    else {
      const source = result.sourcePerplexity;
      const beside = source === undefined ? '' : `; the source itself has ${source.toFixed(4)}`;
      const { split, tokens, by, accuracy } = result;
      const what = accuracy === undefined ? 'tokens' : 'labels';
      const target = storingBlock(opened.model)?.target;
      const rounded = result.weights === undefined ? '' : `, in ${result.weights} as \`emit ${target}\` stores it`;
      const measured = `${measuredText(result)}${beside}`;
      invocation.terminal.print(`${split}, ${count(tokens)} ${what}, by ${by}${rounded}: ${measured}`);
    }
    return 0;
  },
};
