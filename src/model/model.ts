/**
 * The checked program: total, every number solved, nothing optional that has a default. All later rooms read this
 * and never the syntax tree.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { LayerShape } from '../layers/layer.js';
import type { Part, Weight } from '../methods/method.js';
import { invariant } from '../support/assert.js';
import { listed } from '../support/listed.js';
import type { Block } from '../tensor/blocks.js';
import type { NumberFormat } from '../tensor/number-format.js';
import type { Moment, Schedule, SparsitySchedule } from './schedule.js';

/** One stored weight of a layer: a matrix (or one per gate) under one method. */
export interface Unit {
  /** `rnn1`, `rnn1.input`, `rnn1.recurrent.f`: prefix of its tensors' names in the weight file. */
  readonly path: string;
  /** Which gates of the layer it covers, in order; [0] where the layer has none. Stacked: all, in one matrix. */
  readonly gates: readonly number[];
  /** Which column blocks of the layer it covers. */
  readonly blocks: readonly number[];
  readonly weight: Weight;
  /** Index in `Model.rules`; undefined when no rule selects it (dense). */
  readonly rule: number | undefined;
  /** How its open arguments were solved, a line each. */
  readonly why: readonly string[];
  /** The number format that its rule names; without one `emit` says it. */
  readonly format?: WeightFormat;
}

/** The number format of a rule's weights. */
export interface WeightFormat {
  readonly format: NumberFormat;
  /** The forward pass of training has the values of the grid (straight-through); else they are rounded at the end. */
  readonly trained: boolean;
}

/** Whether a unit is among the gates that are asked for; all are when none are named. */
export function covers(gates: readonly number[] | undefined, unit: Unit): boolean {
  const asked = unit.gates.filter((gate) => gates === undefined || gates.includes(gate)).length;
  invariant(asked === 0 || asked === unit.gates.length, `${unit.path} is a weight of more gates than are asked for`);
  return asked > 0;
}

export interface Layer {
  /** `rnn1`; `rnn1.2` for the second of `layers=2`. */
  readonly name: string;
  /** The word of the language: `lstm`. */
  readonly kind: string;
  readonly span: Span;
  /** Names of the layers it reads. */
  readonly inputs: readonly string[];
  readonly shape: LayerShape;
  /** As the program writes it: other than `shape` where `small` makes a layer smaller. */
  readonly written: LayerShape;
  readonly units: readonly Unit[];
}

/** All masked tensors of one rule in one layer, or in all its layers: pruned by one ranking to one count. */
export interface Pool {
  /** One, or with `ranking=global` all that the rule selects, in the order of the model. */
  readonly layers: readonly string[];
  readonly rule: number;
  /** Paths of the masked tensors, `rnn1.S`. */
  readonly tensors: readonly string[];
  /** What is pruned together. */
  readonly block: Block;
  readonly elements: number;
  /** Values left at the end, whole blocks of them. */
  readonly kept: number;
}

/** The layers of a pool, for messages: `rnn1, rnn2`. */
export const poolName = ({ layers }: Pick<Pool, 'layers'>): string => listed(layers);

/** A rule of the program as solved, for `explain`. */
export interface ResolvedRule {
  /** As the formatter writes it, on one line. */
  readonly text: string;
  readonly span: Span;
  readonly method: string;
  /** Layers it selects, by name. */
  readonly layers: readonly string[];
}

export type Loader =
  | {
      readonly kind: 'text';
      readonly directory: string;
      readonly batch: number;
      readonly unroll: number;
      readonly unit: 'word' | 'char' | 'byte';
      readonly lower: boolean;
    }
  | {
      readonly kind: 'generated';
      readonly order: number;
      readonly vocabulary: number;
      readonly tokens: number;
      readonly batch: number;
      readonly unroll: number;
    }
  | ExampleLoader;

/** Labelled sequences: a label for each token, or one for each sequence. */
export interface ExampleLoader {
  readonly kind: 'tagged' | 'classified';
  readonly directory: string;
  /** Examples side by side. */
  readonly batch: number;
  /** The longest sequence there may be. */
  readonly maxSteps: number;
  /** Lengths to which sequences are padded; one step graph for each. */
  readonly buckets: number;
  readonly lower: boolean;
}

/** A stream is read on and on; examples each begin at a zero state. */
export type StreamLoader = Exclude<Loader, ExampleLoader>;

export const readsExamples = (loader: Loader): loader is ExampleLoader =>
  loader.kind === 'tagged' || loader.kind === 'classified';

/** Time steps of the largest step graph. */
export const stepsOf = (loader: Loader): number => (readsExamples(loader) ? loader.maxSteps : loader.unroll);

export type Optimizer = { readonly clip: number | undefined; readonly weightDecay: number } & (
  | { readonly kind: 'sgd' }
  | { readonly kind: 'momentum'; readonly momentum: number }
  | { readonly kind: 'adam' | 'adamw'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  | { readonly kind: 'adagrad'; readonly epsilon: number }
  | { readonly kind: 'rmsprop'; readonly rho: number; readonly epsilon: number; readonly momentum: number }
  | { readonly kind: 'adadelta'; readonly rho: number; readonly epsilon: number }
);
export type OptimizerOf<K extends Optimizer['kind']> = Extract<Optimizer, { readonly kind: K }>;

/** Co-matrix row dropout, [D] eq. 7-8. */
export interface CoMatrixDropout {
  /** Probability of keeping at the schedule's start. */
  readonly keep: number;
  /** Scheduled sparsity (a fraction) at which it has risen to 1; undefined: constant to the end. */
  readonly until: number | undefined;
  /** In place of both: the probability over the run. */
  readonly over?: Schedule;
}

/** Block coordinate descent, [D] 3.2: gradient flows to one part of the weights at a time. */
export interface Alternation {
  /** Length of a turn. */
  readonly every: Moment;
  readonly first: Part;
  /** Where it is written. */
  readonly span?: Span;
}

/** Occasional weight distortion, Lee et al. 2018: dense weights are trained, and now and then projected. */
export interface Distortion {
  /** Time from one projection to the next. */
  readonly every: Moment;
  /** Indices in `Model.rules` whose weights it is about. */
  readonly rules: readonly number[];
  /** Paths of these weights. */
  readonly paths: readonly string[];
  /** Where it is written. */
  readonly span?: Span;
}

/** Ends a run when validation has not become better for this many epochs; only epochs at full sparsity count. */
export interface EarlyStop {
  readonly patience: number;
}

/** What is reported, and what decides which epoch is the best. */
export type Metric = 'perplexity' | 'loss' | 'accuracy' | 'f1';

export interface Training {
  readonly loader: Loader;
  readonly metric: Metric;
  /** Half-width of the uniform draw of dense weights. */
  readonly init: number;
  readonly optimizer: Optimizer;
  readonly lr: Schedule;
  /** Where it is written. */
  readonly lrSpan?: Span;
  /** Of every layer that drops, in place of its own rate; undefined: each its own to the end. */
  readonly dropout: Schedule | undefined;
  readonly epochs: number;
  /** Present when a pool exists. */
  readonly sparsity: SparsitySchedule | undefined;
  /** Per layer name, where `sparsity(rnn1) = ...` overrides. */
  readonly sparsityOf: ReadonlyMap<string, SparsitySchedule>;
  readonly cmr: CoMatrixDropout | undefined;
  /** Weight of the sum of squares of all weights; undefined for none. */
  readonly l2: Schedule | undefined;
  /** Undefined: all parts of all weights are trained at every step. */
  readonly alternate: Alternation | undefined;
  /** Undefined: every weight is trained as its method stores it. */
  readonly distort: Distortion | undefined;
  readonly seed: number;
  /** Undefined: the run goes on to its last epoch. */
  readonly stop: EarlyStop | undefined;
  /** Weight file to start from, relative to the program's folder; undefined: the draws of the seed. */
  readonly start: string | undefined;
  readonly span: Span;
}

export type Arithmetic = 'float32' | 'integer';
export type EmitTarget = 'c' | 'neon' | 'tfjs' | 'onnx';
export interface Emit {
  readonly target: EmitTarget;
  /** `cortex-a73`; the default of the target when not given. Of several the one whose code all of them run. */
  readonly cpu: string;
  /** All cores the code is for, where several are asked for: what not all of them have is chosen at run time. */
  readonly cpus?: readonly string[];
  /** Number format of weights whose rule names none; biases are float32. */
  readonly weights: NumberFormat;
  /** What products with weights of integers are computed in. */
  readonly arithmetic: Arithmetic;
  /** Vectors of integer products have scales fixed beforehand; else each its own, anew each time. */
  readonly calibrated?: true;
  readonly activation: 'exact' | 'std' | 'fast';
  /** Prefix of C symbols. */
  readonly prefix: string;
  readonly vocabulary: 'c' | 'file' | 'none';
  /** Longest sequence, for models that need the whole of it; undefined where no limit is given. */
  readonly maxSteps?: number;
  /** Bytes of the whole model, when limited. */
  readonly budget: number | undefined;
  readonly budgetSpan: Span;
  /** Seconds that one step may take as modelled, when limited; then there is a clock. */
  readonly time?: { readonly seconds: number; readonly span: Span };
  /** Hertz of the core, by which modelled cycles are also said as time. */
  readonly clock?: number;
  readonly span: Span;
}

export interface Model {
  readonly name: string;
  readonly span: Span;
  /** Each used only after it is defined. */
  readonly layers: readonly Layer[];
  /** Names of layers nothing reads. */
  readonly outputs: readonly string[];
  readonly rules: readonly ResolvedRule[];
  readonly pools: readonly Pool[];
  readonly training: Training | undefined;
  readonly emits: readonly Emit[];
  /** Number format of weights whose rule names none, while an `emit` block is served; float32 when left out. */
  readonly weights?: NumberFormat;
  readonly warnings: readonly Diagnostic[];
}

/** Path of a unit's or layer's tensor in the weight file. */
export const tensorPath = (owner: string, tensor: string): string => `${owner}.${tensor}`;

export const isRecurrent = (layer: Layer): boolean => Object.keys(layer.shape.states).length > 0;

/** Whether values depend on more than the steps so far: classes of whole sequences, a direction from the end. */
export const readsWholeSequences = ({ layers }: Pick<Model, 'layers'>): boolean =>
  layers.some(
    ({ shape: { signal, direction } }) => direction !== undefined || (signal.kind === 'vector' && !signal.perStep),
  );

/** Steps of the longest sequence that is emitted for, as a block says or else the training; undefined: nothing says. */
export const longestSequence = ({ training }: Model, emit: Emit | undefined): number | undefined =>
  emit?.maxSteps ?? (training && stepsOf(training.loader));
