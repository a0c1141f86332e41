/** What a build keeps on disk: weights, vocabulary, a copy of the program, and what is known of them. */
import { join } from 'node:path';
import { parametersOf } from '../compile.js';
import type { Corpus } from '../data/corpus.js';
import { type Model, readsExamples } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { listed } from '../support/listed.js';
import { printProgram } from '../syntax/print.js';
import { readSafetensors, type SafetensorsFile } from '../targets/safetensors/read.js';
import { writeSafetensors } from '../targets/safetensors/write.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { initialWeights } from '../train/initialize.js';
import { applyMask, selectLargest } from '../train/masks.js';
import type { Score } from '../train/score.js';
import { keepSample, readSample, type Sample } from './calibration-sample.js';
import { exists, makeFolder, readBytes, readTextIfThere, writeWhole } from './files.js';
import { buildProgram } from './find-program.js';
import type { Opened } from './program.js';

/** Facts of a finished training, kept in the weight file's header. */
export interface WeightFacts {
  readonly trained: boolean;
  /** Of the kept weights. */
  readonly valid?: Score;
  readonly test?: Score;
  readonly epochs?: number;
}

export interface LoadedWeights extends WeightFacts {
  readonly weights: Weights;
  readonly words: readonly string[] | undefined;
  /** Of a model of labelled examples. */
  readonly labels?: readonly string[];
  /** What scales of vectors are calibrated on. */
  readonly sample?: Sample;
}

const weightsFile = (folder: string): string => join(folder, 'weights.safetensors');
const wordsFile = (folder: string): string => join(folder, 'vocabulary.json');
const labelsFile = (folder: string): string => join(folder, 'labels.json');

/** Keeps trained weights, their vocabulary and labels, and the program they belong to. */
export function keepWeights(opened: Opened, weights: Weights, facts: WeightFacts, corpus: Corpus): void {
  const { buildFolder } = opened;
  makeFolder(buildFolder);
  const metadata: Record<string, string> = { format: 'rnnc', model: opened.model.name };
  for (const [key, value] of Object.entries(facts)) metadata[key] = JSON.stringify(value);
  writeWhole(weightsFile(buildFolder), writeSafetensors(weights, metadata));
  writeWhole(wordsFile(buildFolder), `${JSON.stringify(corpus.words)}\n`);
  keepSample(buildFolder, corpus);
  if (corpus.kind === 'examples') writeWhole(labelsFile(buildFolder), `${JSON.stringify(corpus.labels)}\n`);
  writeWhole(join(buildFolder, buildProgram), printProgram(opened.program));
}

/** Keeps weights that no training of this program made; the vocabulary where it is known. */
export function keepFitted(opened: Opened, weights: Weights, words: readonly string[] | undefined): void {
  const { buildFolder } = opened;
  makeFolder(buildFolder);
  const metadata = { format: 'rnnc', model: opened.model.name, trained: 'true', fitted: 'true' };
  writeWhole(weightsFile(buildFolder), writeSafetensors(weights, metadata));
  if (words !== undefined) writeWhole(wordsFile(buildFolder), `${JSON.stringify(words, undefined, 0)}\n`);
  writeWhole(join(buildFolder, buildProgram), printProgram(opened.program));
}

export const hasWeights = (buildFolder: string): boolean => exists(weightsFile(buildFolder));

function parsedWords(text: string): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    const sound = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
    return sound ? (words as string[]) : undefined;
  } catch {
    return undefined;
  }
}

function readList(path: string): readonly string[] | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  const words = parsedWords(text);
  if (words === undefined) throw new Fault('build/damaged', `${path} is damaged`, 'train again');
  return words;
}

/** The vocabulary of the build, when it has one. */
export const readWords = (buildFolder: string): readonly string[] | undefined => readList(wordsFile(buildFolder));

/** The labels of the build, when its model has some. */
const readLabels = (buildFolder: string): readonly string[] | undefined => readList(labelsFile(buildFolder));

function parsedScore(text: string | undefined): Score | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Score);
}

function checkTensors(model: Model, tensors: Weights, path: string): void {
  const hint = 'train again, or name the program these weights belong to';
  for (const { name, shape } of parametersOf(model)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Fault('build/other-program', `${path} has no tensor ${name}`, hint);
    if (!sameShape(tensor.shape, shape)) {
      const found = formatShape(tensor.shape);
      throw new Fault('build/other-program', `${name} in ${path} is ${found}, not ${formatShape(shape)}`, hint);
    }
    const bad = tensor.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) throw new Fault('build/not-finite', `${name} in ${path} holds ${tensor.data[bad]} at index ${bad}`);
  }
}

function checkPools(model: Model, tensors: Weights, path: string): void {
  for (const pool of model.pools) {
    let nonzero = 0;
    for (const name of pool.tensors) for (const value of tensors.get(name)!.data) if (value !== 0) nonzero++;
    if (nonzero > pool.kept) {
      const message = `${listed(pool.tensors)} in ${path} keep ${nonzero} values, the program allows ${pool.kept}`;
      throw new Fault('build/not-sparse-enough', message, 'finish the training: its sparsity schedule has not ended');
    }
  }
}

function readWeights(path: string): SafetensorsFile {
  const bytes = readBytes(path);
  try {
    return readSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.code, `${path} is ${error.message}`, 'write it anew with `rnnc train`');
  }
}

/** Trained weights of the build, checked against the model; `missing` is what to do when there are none. */
export function loadWeights(opened: Opened, missing = 'run `rnnc train`'): LoadedWeights {
  const path = weightsFile(opened.buildFolder);
  if (!exists(path)) {
    throw new Fault('build/untrained', `there are no trained weights in ${opened.buildFolder}`, missing);
  }
  const { tensors, metadata } = readWeights(path);
  checkTensors(opened.model, tensors, path);
  checkPools(opened.model, tensors, path);
  const [valid, test] = [parsedScore(metadata['valid']), parsedScore(metadata['test'])];
  const { training } = opened.model;
  const sample = readSample(opened.buildFolder);
  const labels = training !== undefined && readsExamples(training.loader) ? readLabels(opened.buildFolder) : undefined;
  return {
    weights: tensors,
    words: readWords(opened.buildFolder),
    trained: metadata['trained'] === 'true',
    ...(labels === undefined ? {} : { labels }),
    ...(sample === undefined ? {} : { sample }),
    ...(valid === undefined ? {} : { valid }),
    ...(test === undefined ? {} : { test }),
  };
}

/** Seeded weights, pruned to their final counts: for `--untrained`. */
export function untrainedWeights(model: Model): LoadedWeights {
  const weights = new Map<string, FloatTensor>(initialWeights(parametersOf(model), model.training?.seed ?? 1));
  for (const pool of model.pools) {
    const tensors = pool.tensors.map((name) => weights.get(name)!);
    selectLargest(tensors, pool.kept, pool.block).forEach((mask, i) => {
      weights.set(pool.tensors[i]!, applyMask(tensors[i]!, mask));
    });
  }
  return { weights, words: undefined, trained: false };
}
