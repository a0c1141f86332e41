/** Data to kept weights: the part that `train` and `build` share. */

import { batchesOf, type LoadedCorpus } from '../data/load.js';
import { checkScheduleAgainst } from '../model/run-length.js';
import type { Score } from '../train/score.js';
import { keepWeights } from './build-folder.js';
import type { Invocation } from './command.js';
import { type Opened, printDiagnostics } from './program.js';
import { openCorpus, runTraining, trainingFolder, trainingOf } from './train-model.js';

export interface TrainOutcome {
  readonly finished: boolean;
  readonly valid: Score | undefined;
  readonly test: Score | undefined;
  readonly corpus: LoadedCorpus;
}

/** Schedules in steps can be held against the run only when the data is known. */
function schedulesFit(invocation: Invocation, opened: Opened, corpus: LoadedCorpus): boolean {
  const training = trainingOf(opened);
  const { count } = batchesOf(corpus, training.loader, training.seed);
  const found = checkScheduleAgainst(training, count);
  printDiagnostics(invocation, found);
  return !found.some((d) => d.severity === 'error');
}

/** Undefined when the program does not fit its data: the diagnostics are printed. `onCorpus` may refuse the data. */
export async function trainToWeights(
  invocation: Invocation,
  opened: Opened,
  onCorpus: (corpus: LoadedCorpus) => void = () => undefined,
): Promise<TrainOutcome | undefined> {
  const corpus = openCorpus(invocation, opened, ['train', 'valid', 'test']);
  if (!invocation.flag('quiet')) for (const note of corpus.notes) invocation.terminal.warn(note);
  if (!schedulesFit(invocation, opened, corpus)) return undefined;
  onCorpus(corpus);
  const folder = trainingFolder(opened);
  const result = await runTraining(invocation, { opened, corpus, folder, resume: !invocation.flag('restart') });
  const { finished, test, weights, best } = result;
  const valid = best?.valid;
  if (finished && weights !== undefined) {
    const facts = {
      trained: true,
      epochs: result.epochsDone,
      ...(valid === undefined ? {} : { valid }),
      ...(test === undefined ? {} : { test }),
    };
    keepWeights(opened, weights, facts, corpus);
  }
  return { finished, valid, test, corpus };
}
