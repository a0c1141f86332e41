/** What a run is given and what it gives back. */
import type { Corpus } from '../data/corpus.js';
import type { Engine } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import type { ProjectedUnit } from '../model/distortion.js';
import type { Pool, Training } from '../model/model.js';
import type { Weights } from '../tensor/tensor.js';
import type { Best } from './checkpoint.js';
import type { Disk } from './disk.js';
import type { ShouldStop } from './evaluate.js';
import type { TrainEvent } from './events.js';
import type { Score } from './score.js';

/** Of so many unrolled steps. Made when first needed: lowering a large model takes a while. */
export interface TrainGraphs {
  readonly step: (steps: number) => StepGraph;
  /** The step with co-matrix dropout drawn, where the program asks for it; used until nothing is dropped any more. */
  readonly coMatrix: ((steps: number) => StepGraph) | undefined;
  /** One stream, batch 1; or a batch of examples, padded to so many steps. */
  readonly evaluation: (steps: number) => StepGraph;
}

export interface TrainOptions {
  /** Epochs, seed, schedules and optimizer of the program. */
  readonly training: Training;
  /** Of the weights that are trained: those that `distort` projects are in none. */
  readonly pools: readonly Pool[];
  /** Weights that are trained as dense matrices and projected now and then; none when left out. */
  readonly projected?: readonly ProjectedUnit[];
  readonly graphs: TrainGraphs;
  readonly engine: Engine;
  readonly threads: number;
  readonly corpus: Corpus;
  /** Folder of the run; made when it is not there. */
  readonly folder: string;
  /** Hash of the program and version of rnnc. */
  readonly identity: { readonly program: string; readonly compiler: string };
  /** Go on from the folder's checkpoint when there is one. Otherwise what is in the folder is cleared. */
  readonly resume: boolean;
  /** Values of all weights to start from in place of the draws, by path; asked for when the run is new. */
  readonly start?: { readonly from: string; readonly read: () => Weights };
  /** Whichever comes first. Epoch ends and a clean stop always write one. Default: 300 seconds. */
  readonly checkpointEvery?: { readonly steps?: number; readonly seconds?: number };
  /** Steps between lines of the metrics; default: a hundredth of an epoch. */
  readonly logEvery?: number;
  /** Folder of a TensorBoard event file that grows beside the metrics. */
  readonly tensorboard?: string;
  readonly progress?: (event: TrainEvent) => void;
  /**
   * Asked after every step and evaluation window; true ends the run cleanly after a checkpoint. An engine that computes
   * in this thread lets no signal in: who waits for one takes a turn of the event loop before it answers.
   */
  readonly shouldStop?: ShouldStop;
  readonly disk?: Disk;
}

export interface TrainResult {
  /** False when it was stopped: `resume` goes on. */
  readonly finished: boolean;
  /** Updates made. */
  readonly step: number;
  readonly epochsDone: number;
  /** The kept epoch; undefined before the first epoch at full sparsity is over. */
  readonly best: Best | undefined;
  /** Of the kept weights on the test split. */
  readonly test: Score | undefined;
  /** Kept weights, by path. */
  readonly weights: Weights | undefined;
  /** Where the kept weights are. */
  readonly weightsFile: string;
  readonly droppedTokens: number;
}
