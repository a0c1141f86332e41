/** Weight files that a person names: `--from`, `start = "..."`. */
import { dirname, resolve } from 'node:path';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { fitModel } from '../fit/fit-model.js';
import { storedAsWritten } from '../fit/given.js';
import { projectedUnits, trainedModel } from '../model/distortion.js';
import type { Model } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import type { Weights } from '../tensor/tensor.js';
import type { TrainOptions } from '../train/options.js';
import { trainedWeights } from '../train/projection.js';
import { readWords } from './build-folder.js';
import { readBytes } from './files.js';
import type { Opened } from './program.js';

/** All tensors of a safetensors file; a fault names the file, and what it was wanted for. */
export function readGivenWeights(path: string, verb: 'start from' | 'fit to'): Weights {
  const bytes = readBytes(path);
  try {
    return readSafetensors(bytes).tensors;
  } catch (error) {
    if (error instanceof Fault) throw new Fault(error.code, `cannot ${verb} ${path}: ${error.message}`, error.hint);
    throw error;
  }
}

/** A vocabulary beside the weights must be the one of the data: ids would mean other words. */
function compareWords(from: string, words: readonly string[]): void {
  const theirs = readWords(dirname(from));
  if (theirs === undefined) return;
  const id = words.findIndex((word, i) => word !== theirs[i]);
  if (id < 0 && theirs.length === words.length) return;
  const at = id < 0 ? words.length : id;
  const [here, there] = [words, theirs].map((list) => (list[at] === undefined ? 'nothing' : `"${list[at]}"`));
  const message = `cannot start from ${from}: its vocabulary gives id ${at} to ${there}, the data to ${here}`;
  throw new Fault('train/other-vocabulary', message, 'train on the text that the weights were trained on');
}

/** What is trained, of given weights: the program's own as they are, others fitted to it. */
function fittedWeights(program: Model, from: string, given: Weights): Weights {
  const model = trainedModel(program);
  if (model !== program && program.layers.every((layer) => storedAsWritten(layer, given)))
    return trainedWeights(projectedUnits(program), given);
  if (model.layers.every((layer) => storedAsWritten(layer, given))) return given;
  const diagnostics = new Diagnostics();
  const fitted = fitModel(model, given, diagnostics.report);
  if (fitted !== undefined) return fitted.weights;
  const [first] = diagnostics.all;
  throw new Fault('train/odd-weights', `cannot start from ${from}: ${first?.message}`, first?.hint);
}

/** The weights that `start = "..."` names, fitted to the program where they are not its own; `words` of its data. */
export function startingWeights(
  { path, model }: Opened,
  named: string,
  words: readonly string[],
): NonNullable<TrainOptions['start']> {
  const from = resolve(dirname(path), named);
  const read = (): Weights => {
    const given = readGivenWeights(from, 'start from');
    compareWords(from, words);
    return fittedWeights(model, from, given);
  };
  return { from, read };
}
