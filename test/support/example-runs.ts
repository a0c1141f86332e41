/** Tiny programs over labelled examples, with data of their own, for tests of whole runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileEvaluation, compileTraining } from '../../src/compile.js';
import { loadCorpus } from '../../src/data/load.js';
import type { Model } from '../../src/model/model.js';
import { bitsAt, streamKey } from '../../src/tensor/random.js';
import type { TrainOptions } from '../../src/train/options.js';
import { oracleEngine } from '../../src/train/test-support.js';
import { modelOf } from './check-text.js';

const train = (loader: string, epochs: number, lines: string): string => `
train {
  data      = ${loader}
  optimizer = adam(clip=5)
  lr        = 0.05
  epochs    = ${epochs}
  ${lines}
}`;

/** A label for every word. */
export const taggerText = (epochs = 2, lines = ''): string => `language 1
model tagger {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 5, dropout=20%)
  rnn    = lstm(embed, 6)
  tags   = softmax(rnn, 3)
}
compress { rnn: prune(sparsity=50%) }
${train('tagged("data", batch=3, max_steps=6, buckets=2)', epochs, lines)}`;

/** A label for every sequence. */
export const classifierText = (epochs = 2, lines = ''): string => `language 1
model classifier {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 5)
  rnn    = lstm(embed, 6)
  end    = last(rnn)
  most   = max_over_time(rnn)
  all    = concat(end, most)
  kind   = softmax(all, 2)
}
${train('classified("data", batch=3, max_steps=6, buckets=2)', epochs, lines)}`;

interface Sentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
  readonly label: string;
}

/** `x` opens a chunk, a `y` behind it continues it; a sentence with an x is `yes`. */
function sentence(seed: number): Sentence {
  const key = streamKey(seed, 'sentence');
  const words = Array.from({ length: 1 + (bitsAt(key, 0) % 6) }, (_, i) => 'axyyxyb'[bitsAt(key, i + 1) % 7]!);
  const tags: string[] = [];
  words.forEach((word, i) => {
    const inside = word === 'y' && i > 0 && tags[i - 1] !== 'O';
    tags.push(word === 'x' ? 'B-c' : inside ? 'I-c' : 'O');
  });
  return { words, tags, label: words.includes('x') ? 'yes' : 'no' };
}

/** Writes `data/` with files for a loader. */
export function writeExamples(folder: string, kind: 'tagged' | 'classified', count = 14): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  ['train', 'valid', 'test'].forEach((split, s) => {
    const sentences = Array.from({ length: s === 0 ? count : 6 }, (_, i) => sentence(100 * s + i));
    const lines = sentences.map(({ words, tags, label }) =>
      kind === 'tagged' ? `${words.map((w, i) => `${w} ${tags[i]}\n`).join('')}\n` : `${label}\t${words.join(' ')}\n`,
    );
    writeFileSync(join(folder, 'data', `${split}.txt`), lines.join(''));
  });
}

export interface ExampleRun {
  readonly model: Model;
  readonly options: (folder: string, change?: Partial<TrainOptions>) => TrainOptions;
}

/** A program over the data in `home`, ready to be trained. */
export function exampleRun(home: string, text: string): ExampleRun {
  const model = modelOf(text);
  const training = model.training!;
  const signal = model.layers.at(-1)!.shape.signal;
  const corpus = loadCorpus(training.loader, {
    programFolder: home,
    vocabulary: 9,
    seed: 1,
    ...(signal.kind === 'vector' ? { classes: signal.width } : {}),
  });
  const options = (folder: string, change: Partial<TrainOptions> = {}): TrainOptions => ({
    training,
    pools: model.pools,
    graphs: {
      step: (steps) => compileTraining(model, false, undefined, steps),
      coMatrix: undefined,
      evaluation: (steps) => compileEvaluation(model, steps),
    },
    engine: oracleEngine(),
    threads: 1,
    corpus,
    folder,
    identity: { program: 'p', compiler: '0' },
    resume: true,
    ...change,
  });
  return { model, options };
}
