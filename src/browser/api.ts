/**
 * What the emitted `rnnc-model.js` offers, as types alone: this file is shipped beside it. It imports nothing, so that
 * it reads as it stands.
 */

/** What the model runs on: tfjs on WebAssembly, or plain JavaScript where that is missing. */
export type Backend = 'wasm' | 'cpu';

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export interface TrainerOptions {
  /** Default: wasm, else cpu. */
  readonly backend?: Backend;
  /** `seed` (default): the draws of the program's seed. `weights`: the emitted weights, after the last epoch. */
  readonly start?: 'seed' | 'weights';
  /** What `checkpoint()` of a trainer of the same program, data and text gave: the run goes on, to the same bits. */
  readonly checkpoint?: Uint8Array;
  /** Training text; needed by programs whose data is `text(...)`. Bytes are UTF-8. */
  readonly text?: string | Uint8Array;
}

export interface StepResult {
  /** Updates made so far, this one included. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  /** Mean negative log-likelihood per token of this step, in nats. */
  readonly loss: number;
  /** exp(loss). */
  readonly perplexity: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Share of all pruned weights that is zero. */
  readonly sparsity: number;
}

export interface Trainer {
  readonly backend: Backend;
  /** id -> word. */
  readonly words: readonly string[];
  readonly stepsPerEpoch: number;
  /** Steps of the whole run of the program; `step()` may go on beyond, with all schedules at their ends. */
  readonly totalSteps: number;
  /** Ids that one step is trained on. */
  readonly tokensPerStep: number;
  /** Perplexity of a perfect model, where the source is known. */
  readonly bestPerplexity: number | undefined;
  /** Updates made so far. */
  readonly step: number;
  /** Makes one update. Calls wait for each other. */
  update: () => Promise<StepResult>;
  /** The weights as they are now, by their paths in the program. */
  weights: () => Promise<ReadonlyMap<string, Tensor>>;
  /** The weights as a safetensors file, which `rnnc` and other programs read. */
  save: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Everything that the run needs to go on, for `createTrainer({ checkpoint })`. */
  checkpoint: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Frees the memory of the backend. */
  close: () => Promise<void>;
}

export interface PredictorOptions {
  /** Default: wasm, else cpu. */
  readonly backend?: Backend;
}

export interface Predictor {
  readonly backend: Backend;
  /** id -> word; empty where the emitted weights have no vocabulary. */
  readonly words: readonly string[];
  /** Time steps of one call of `run`: 1, or the length of the sequences that the model reads. */
  readonly steps: number;
  /** One call of the graph: values of each input layer in, those of each output layer out. State goes on. */
  run: (inputs: Readonly<Record<string, ArrayLike<number>>>) => Promise<Readonly<Record<string, Float32Array>>>;
  /** Values of the output after these ids, one by one (`steps` is 1) or as one sequence; for one input and output. */
  predict: (ids: ArrayLike<number>) => Promise<Float32Array>;
  /** Recurrent state back to zero. */
  reset: () => void;
  /** Frees the memory of the backend. */
  close: () => Promise<void>;
}
