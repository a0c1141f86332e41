/** What tests look at after a run: its files, its fault; and runs that stop early. */
import { join } from 'node:path';
import { Fault } from '../support/fault.js';
import { nodeDisk } from './disk.js';
import { readMetrics } from './metrics.js';
import type { TrainOptions } from './options.js';
import { runFiles } from './run-folder.js';
import { tinyTraining } from './test-support.js';

/** A file of a run, which must be there. */
export const file = (folder: string, name: keyof typeof runFiles): Buffer =>
  Buffer.from(nodeDisk.read(join(folder, runFiles[name]))!);
/** All that a run leaves, but what the clock says. */
export const remains = (folder: string): object => ({
  checkpoint: file(folder, 'checkpoint').toString('base64'),
  weights: file(folder, 'weights').toString('base64'),
  metrics: readMetrics(file(folder, 'metrics').toString()).map((line) => ({
    ...line,
    tokens_per_second: 0,
    seconds: 0,
  })),
});
/** The Fault with which a run ends. */
export const fault = async (run: Promise<unknown>): Promise<Fault> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault');
};
/** True once `steps` updates were made since the run was opened. */
export const stopAfter = (steps: number): Pick<TrainOptions, 'progress' | 'shouldStop'> => {
  let made = 0;
  return {
    progress: (event) => {
      if (event.kind === 'step') made++;
    },
    shouldStop: () => made >= steps,
  };
};
/** Two epochs of four steps, for what is done many times. */
export const short = {
  ...tinyTraining,
  loader: { ...tinyTraining.loader, tokens: 41 },
  epochs: 2,
  sparsity: { ...tinyTraining.sparsity!, from: { value: 2, unit: 'steps' }, to: { value: 6, unit: 'steps' } },
} as const;
/** The same with a checkpoint every three steps. */
export const often = { training: short, checkpointEvery: { steps: 3, seconds: 1e9 }, logEvery: 2 };
/** With co-matrix dropout until a quarter of the weights is gone. */
export const withRows = { ...tinyTraining, cmr: { keep: 0.5, until: 0.25 } };
