/** The `generated` loader: splits of a seeded Markov source, with what a perfect model would reach on them. */
import type { Loader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { Split, Stream } from './corpus.js';
import { makeSource, sampleSource } from './markov.js';

export type GeneratedLoader = Extract<Loader, { kind: 'generated' }>;

export interface GeneratedStreams {
  readonly words: readonly string[];
  readonly start: number;
  readonly splits: ReadonlyMap<Split, Stream>;
  readonly bestPerplexity: number;
}

/** Entries of the law that are still solved in a moment. */
const largestLaw = 20_000_000;

/** Train has `tokens` words, valid and test a tenth of that each. Word 0 stands before every split. */
export function loadGenerated(loader: GeneratedLoader, seed: number): GeneratedStreams {
  const { order, vocabulary, tokens } = loader;
  const entries = vocabulary * vocabulary * 2 ** (order - 1);
  if (vocabulary < 2 || order < 1 || tokens < 1 || entries > largestLaw)
    throw new Fault(
      'data/generated-size',
      `generated(order=${order}, vocab=${count(vocabulary)}, tokens=${count(tokens)}) cannot be made`,
      `use order >= 1, vocab >= 2, tokens >= 1 and vocab^2 * 2^(order-1) <= ${count(largestLaw)}`,
    );
  const source = makeSource(order, vocabulary, seed);
  const tenth = Math.max(1, Math.floor(tokens / 10));
  const sizes: readonly (readonly [Split, number])[] = [
    ['train', tokens],
    ['valid', tenth],
    ['test', tenth],
  ];
  const splits = new Map<Split, Stream>(
    sizes.map(([split, length]) => {
      const sample = sampleSource(source, length, seed, `generated ${split}`);
      return [split, { ...sample, unknown: 0, origin: `generated ${split} (seed ${seed})` }];
    }),
  );
  const words = ['<eos>', ...Array.from({ length: vocabulary - 1 }, (_, i) => `w${i + 1}`)];
  return { words, start: 0, splits, bestPerplexity: Math.exp(source.entropyRate) };
}
