/** `rnnc predict`: ask a trained model. */

import { Fault } from '../../support/fault.js';
import { listed } from '../../support/listed.js';
import { streamKey, uniformAt } from '../../tensor/random.js';
import { loadWeights } from '../build-folder.js';
import { type Asker, withBuiltAsker } from '../built.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { asStored } from '../emit-model.js';
import { Predictor, textEnds } from '../predictor.js';
import { type Opened, openProgram } from '../program.js';
import { idsToText, parseIds, startIds, textToIds } from '../text-ids.js';
import { chooseEngine, threadsOf } from '../train-model.js';

/** The ids asked about: behind the id that stands before every stream, where `train` says that it is one. */
async function promptIds(invocation: Invocation, opened: Opened, words: readonly string[]): Promise<number[]> {
  const loader = opened.model.training?.loader;
  const ids = invocation.text('ids');
  const start = loader === undefined ? [] : startIds(loader, words);
  if (ids !== undefined) return [...start, ...parseIds(ids, textEnds(opened.model).vocabulary)];
  if (loader === undefined)
    throw new UsageError(`${opened.model.name} has no \`train\` block that says how text is read`, 'give --ids 3,17,4');
  const text = invocation.text('text') ?? (await invocation.terminal.readInput()).trimEnd();
  const typed = textToIds(text, loader, words);
  if (typed.unknown.length > 0)
    invocation.terminal.warn(`not in the vocabulary, read as <unk>: ${listed(typed.unknown)}`);
  const prompt = [...start, ...typed.ids];
  if (prompt.length === 0) throw new Fault('predict/empty', 'there is nothing to predict from', 'give --text or --ids');
  return prompt;
}

const ranked = (probabilities: Float32Array): number[] =>
  [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);

/** The most likely id, or a draw from the law sharpened by `temperature`. */
function choose(probabilities: Float32Array, temperature: number, draw: number): number {
  if (temperature === 0) return ranked(probabilities)[0]!;
  const weights = probabilities.map((p) => p ** (1 / temperature));
  let left = draw * weights.reduce((a, b) => a + b, 0);
  const at = weights.findIndex((w) => {
    left -= w;
    return left < 0;
  });
  return at < 0 ? weights.length - 1 : at;
}

function temperatureOf(invocation: Invocation): number {
  const text = invocation.text('temperature') ?? '0';
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new UsageError(`--temperature ${text} is not a number of at least 0`);
  }
  return value;
}

/** What ids and classes stand for. */
interface Names {
  readonly words: readonly string[];
  readonly classes: readonly string[];
}

/** Lends an engine or the built C to `use`. */
async function withAsker(
  invocation: Invocation,
  opened: Opened,
  use: (asker: Asker, names: Names) => Promise<void>,
): Promise<void> {
  const { weights, words = [], labels } = loadWeights(opened);
  const names = { words, classes: labels ?? words };
  const by = invocation.text('by') ?? 'engine';
  if (by !== 'engine') return withBuiltAsker(opened, by, (asker) => use(asker, names));
  const engine = await chooseEngine(invocation);
  const predictor = new Predictor({ model: asStored(opened.model), weights, engine, threads: threadsOf(invocation) });
  try {
    await use(predictor, names);
  } finally {
    await predictor.close();
  }
}

/** The label of every token, and how probable it is. */
async function printTags(invocation: Invocation, opened: Opened, asker: Asker, names: Names): Promise<void> {
  const ids = await promptIds(invocation, opened, names.words);
  const rows = (await asker.each(ids)).map((probabilities, i) => {
    const id = ranked(probabilities)[0]!;
    const word = names.words[ids[i]!] ?? `#${ids[i]}`;
    return { word, label: names.classes[id] ?? `#${id}`, probability: probabilities[id]! };
  });
  if (invocation.text('format') === 'json') {
    invocation.terminal.print(JSON.stringify(rows));
    return;
  }
  const width = Math.max(...rows.map(({ word }) => word.length));
  for (const { word, label, probability } of rows)
    invocation.terminal.print(`${word.padEnd(width)}  ${(probability * 100).toFixed(2).padStart(6)}%  ${label}`);
}

function printTop(invocation: Invocation, probabilities: Float32Array, words: readonly string[]): void {
  const top = ranked(probabilities).slice(0, invocation.integer('top') ?? 5);
  if (invocation.text('format') === 'json') {
    const rows = top.map((id) => ({ id, word: words[id], probability: probabilities[id] }));
    invocation.terminal.print(JSON.stringify(rows));
  } else {
    for (const id of top) {
      invocation.terminal.print(
        `${((probabilities[id] ?? 0) * 100).toFixed(2).padStart(6)}%  ${words[id] ?? `#${id}`}`,
      );
    }
  }
}

async function printContinuation(
  invocation: Invocation,
  opened: Opened,
  { asker, words, temperature }: { asker: Asker; words: readonly string[]; temperature: number },
): Promise<void> {
  const count = invocation.integer('count')!;
  const key = streamKey(invocation.integer('seed') ?? 1, 'predict');
  const prompt = await promptIds(invocation, opened, words);
  const fresh: number[] = [];
  for (let i = 0; i < count; i++) {
    fresh.push(choose(await asker.after([...prompt, ...fresh]), temperature, uniformAt(key, i)));
  }
  const loader = opened.model.training?.loader;
  if (invocation.text('format') === 'json') {
    invocation.terminal.print(JSON.stringify({ ids: fresh, text: idsToText(fresh, loader, words) }));
  } else invocation.terminal.print(idsToText(fresh, loader, words));
}

export const predictCommand: Command = {
  name: 'predict',
  summary: 'text or ids in; continuation, top words or labels out',
  operands: '[model.cmp]',
  most: 1,
  options: {
    text: { type: 'string', value: 'TEXT', doc: 'what to predict from (default: standard input)' },
    ids: { type: 'string', value: 'IDS', doc: 'the same as ids: 3,17,4' },
    top: { type: 'string', value: 'K', doc: 'how many words or labels to show (default: 5)' },
    count: { type: 'string', value: 'N', doc: 'continue by N words instead' },
    temperature: { type: 'string', value: 'T', doc: 'draw the continuation; 0 (default) takes the likeliest word' },
    seed: { type: 'string', value: 'N', doc: 'of the draws (default: 1)' },
    by: sharedOptions.by,
    engine: sharedOptions.engine,
    provider: sharedOptions.provider,
    threads: sharedOptions.threads,
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Reads as the model was trained: behind a line end, words outside the vocabulary as <unk>.',
    'Shows the likeliest next words (or the label of each word, or those of the whole text), or continues it with',
    '--count.',
  ].join('\n'),
  examples: ['rnnc predict --text "the company said" --count 10', 'rnnc predict --ids 3,17 --top 3 --by aarch64'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const { perStep } = textEnds(opened.model);
    const temperature = temperatureOf(invocation);
    for (const option of ['temperature', 'seed'])
      if (invocation.text(option) !== undefined && invocation.integer('count') === undefined)
        throw new UsageError(`--${option} is of the words of a continuation`, 'give --count too, or leave it out');
    if (invocation.integer('count') !== undefined && !perStep) {
      throw new UsageError(`${opened.model.name} labels a whole text; it does not continue it`, 'leave out --count');
    }
    const tags = opened.model.training?.loader.kind === 'tagged';
    if (invocation.integer('count') !== undefined && tags) {
      throw new UsageError(`${opened.model.name} labels words; it does not continue them`, 'leave out --count');
    }
    await withAsker(invocation, opened, async (asker, names) => {
      const { words, classes } = names;
      if (invocation.integer('count') !== undefined)
        await printContinuation(invocation, opened, { asker, words, temperature });
      else if (tags) await printTags(invocation, opened, asker, names);
      else printTop(invocation, await asker.after(await promptIds(invocation, opened, words)), classes);
    });
    return 0;
  },
};
