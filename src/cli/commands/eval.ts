/** `rnnc eval`: the perplexity of a trained model on a split. */
import { compileEvaluation } from '../../compile.js';
import type { Split } from '../../data/corpus.js';
import { count } from '../../support/units.js';
import { evaluatePerplexity } from '../../train/evaluate.js';
import { loadWeights } from '../build-folder.js';
import { builtPerplexity } from '../built.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { type Opened, openProgram } from '../program.js';
import { chooseEngine, openCorpus, threadsOf } from '../train-model.js';

const splits: readonly Split[] = ['train', 'valid', 'test'];

interface Evaluated {
  readonly split: Split;
  readonly by: string;
  readonly tokens: number;
  readonly perplexity: number;
  readonly sourcePerplexity?: number;
}

async function evaluate(invocation: Invocation, opened: Opened): Promise<Evaluated> {
  const split = splits.find((s) => s === invocation.text('split')) ?? 'test';
  const loaded = loadWeights(opened);
  const corpus = openCorpus(invocation, opened, [split], loaded.words);
  const whole = corpus.splits.get(split)!;
  const tokens = Math.min(invocation.integer('tokens') ?? whole.ids.length, whole.ids.length);
  const stream = { ...whole, ids: whole.ids.subarray(0, tokens) };
  const by = invocation.text('by') ?? 'engine';
  const source = tokens === whole.ids.length ? whole.sourcePerplexity : undefined;
  const facts = { split, by, tokens, ...(source === undefined ? {} : { sourcePerplexity: source }) };
  if (by !== 'engine') return { ...facts, perplexity: await builtPerplexity(opened, by, stream.ids, corpus.start) };
  const engine = await chooseEngine(invocation);
  const graph = compileEvaluation(opened.model);
  const score = await evaluatePerplexity({
    graph,
    engine,
    threads: threadsOf(invocation),
    weights: loaded.weights,
    stream,
    start: corpus.start,
  });
  return { ...facts, perplexity: score!.perplexity };
}

export const evalCommand: Command = {
  name: 'eval',
  summary: 'perplexity of a split, by an engine or by the built C',
  operands: '[model.cmp]',
  most: 1,
  options: {
    split: { type: 'string', value: 'SPLIT', doc: 'test (default), valid or train', words: splits },
    tokens: { type: 'string', value: 'N', doc: 'only the first N tokens' },
    by: {
      type: 'string',
      value: 'WHO',
      doc: 'engine (default), or the built C: native, aarch64, arm',
      words: ['engine', 'native', 'aarch64', 'arm'],
    },
    data: sharedOptions.data,
    engine: sharedOptions.engine,
    provider: sharedOptions.provider,
    threads: sharedOptions.threads,
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Perplexity = exp(mean negative log-likelihood) over every token, the ends of lines included: one stream, zero',
    'initial state, nothing dropped at the tail. The emitted C is measured in the same way.',
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
      const { split, tokens, perplexity, by } = result;
      invocation.terminal.print(
        `${split}, ${count(tokens)} tokens, by ${by}: perplexity ${perplexity.toFixed(4)}${beside}`,
      );
    }
    return 0;
  },
};
