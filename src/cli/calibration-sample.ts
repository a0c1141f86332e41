/** The first tokens of the training data, kept beside the weights: what scales of vectors are calibrated on. */
import { join } from 'node:path';
import type { Corpus } from '../data/corpus.js';
import { Fault } from '../support/fault.js';
import { readTextIfThere, writeWhole } from './files.js';

/** Tokens that are kept. */
const sampleTokens = 256;

const fileOf = (folder: string): string => join(folder, 'calibration.json');

/** Ids of sequences, each read from a zero state. */
export type Sample = readonly (readonly number[])[];

/** The first tokens of the train split: of running text one sequence, else those of the first examples. */
function sampleOf(corpus: Corpus): Sample {
  if (corpus.kind === 'streams') {
    const ids = corpus.splits.get('train')?.ids ?? new Int32Array(0);
    return [[corpus.start, ...ids.subarray(0, sampleTokens)]];
  }
  const { ids, starts } = corpus.splits.get('train') ?? { ids: new Int32Array(0), starts: new Int32Array(1) };
  const sequences: number[][] = [];
  for (let i = 0; i + 1 < starts.length && starts[i]! < sampleTokens; i++)
    sequences.push([...ids.subarray(starts[i]!, starts[i + 1]!)]);
  return sequences.filter((sequence) => sequence.length > 0);
}

export const keepSample = (folder: string, corpus: Corpus): void =>
  writeWhole(fileOf(folder), `${JSON.stringify(sampleOf(corpus))}\n`);

/** Undefined where no training has left one, or one without a token. */
export function readSample(folder: string): Sample | undefined {
  const text = readTextIfThere(fileOf(folder));
  if (text === undefined) return undefined;
  const found = parsed(text);
  if (found === undefined) throw new Fault('build/damaged', `${fileOf(folder)} is damaged`, 'train again');
  return found.length === 0 ? undefined : found;
}

const isId = (id: unknown): boolean => Number.isInteger(id) && (id as number) >= 0;

function parsed(text: string): Sample | undefined {
  try {
    const sample: unknown = JSON.parse(text);
    const sound =
      Array.isArray(sample) && sample.every((ids) => Array.isArray(ids) && ids.length > 0 && ids.every(isId));
    return sound ? (sample as Sample) : undefined;
  } catch {
    return undefined;
  }
}
