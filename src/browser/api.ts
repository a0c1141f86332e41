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
  /**
   * Text for `evaluate()`, or the share of `text` that is held out for it at its end, such as 0.1. Programs with
   * generated data have a part of their own.
   */
  readonly validation?: string | Uint8Array | number;
  /** `evaluate()` reads the first so many held-out tokens. Default: all. */
  readonly validationTokens?: number;
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

export interface Evaluation {
  /** Updates made so far. */
  readonly step: number;
  /** Mean negative log-likelihood of a held-out token, in nats. */
  readonly loss: number;
  /** exp(loss). */
  readonly perplexity: number;
  /** Held-out tokens that were read. */
  readonly tokens: number;
  /** These weights are the best so far, and a copy of them is kept. Never so before the sparsity is the final one. */
  readonly kept: boolean;
}

/** The weights as they are, or those of the best evaluation; as they are, too, where none was kept. */
export type Which = 'now' | 'best';

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
  /** Held-out tokens that `evaluate()` reads; 0 where nothing is held out. */
  readonly validationTokens: number;
  /** Updates made so far. */
  readonly step: number;
  /** The evaluation whose weights are kept. */
  readonly best: Evaluation | undefined;
  /** Makes one update. Calls wait for each other. */
  update: () => Promise<StepResult>;
  /** Reads the held-out tokens as one stream, as `rnnc train` does after an epoch, and keeps the best weights. */
  evaluate: () => Promise<Evaluation>;
  /** Weights by their paths in the program; those of now unless told otherwise. */
  weights: (which?: Which) => Promise<ReadonlyMap<string, Tensor>>;
  /** The same weights as a safetensors file, which `rnnc` and other programs read. */
  save: (which?: Which) => Promise<Uint8Array<ArrayBuffer>>;
  /** Everything that the run needs to go on, kept weights too, for `createTrainer({ checkpoint })`. */
  checkpoint: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Frees the memory of the backend. */
  close: () => Promise<void>;
}

export interface PredictorOptions {
  /** Default: wasm, else cpu. */
  readonly backend?: Backend;
  /** What `weights` or `save` of a trainer gave, or a weights file of `rnnc train`. Default: the emitted weights. */
  readonly weights?: ReadonlyMap<string, Tensor> | Uint8Array;
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
