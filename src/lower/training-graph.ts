/** A training or evaluation step as data: one graph, and what each of its inputs and outputs means. */
import type { Graph } from '../graph/ops.js';
import type { Part, Scale } from '../methods/method.js';
import type { Pool } from '../model/model.js';
import type { Block } from '../tensor/blocks.js';
import type { Runs } from '../tensor/grid.js';
import type { NumberFormat } from '../tensor/number-format.js';
import type { Shape } from '../tensor/shape.js';

/** The blocks of a pruned tensor, and with whom it shares a count; all values are kept where it has no pool. */
export interface PrunedAs {
  readonly block: Block;
  readonly pool: Pick<Pool, 'tensors' | 'block' | 'kept'> | undefined;
}

/** How a tensor is stored in another format than float32. */
export interface StoredAs {
  readonly format: NumberFormat;
  /** Values of a row, as the kernels read it. */
  readonly row: number;
  /** For pruned tensors: only the blocks that are kept are stored, and groups are counted over them. */
  readonly pruned: PrunedAs | undefined;
}

/** The grid whose scales a tensor holds: of which weight, its ends, and which of its values share a scale. */
export interface GridOf {
  readonly weight: string;
  readonly levels: number;
  readonly runs: Runs;
}

/** A trainable tensor. Its graph input is its path; its new value is the output `nextName(path)`. */
export interface Parameter {
  /** Path in the weight file. */
  readonly name: string;
  readonly shape: Shape;
  /** Half-width of the uniform draw at the start; 0 for none. */
  readonly bound: number;
  /** Constant start value where `bound` is 0. */
  readonly value: number;
  readonly patch: readonly [start: number, count: number, value: number] | undefined;
  /** Name of its mask's graph input, for masked tensors. */
  readonly mask: string | undefined;
  /** Evaluation and prediction are fed its values as they are stored; left out for float32. */
  readonly stored?: StoredAs;
  /** Trained only in the turns of this part, where the program alternates. */
  readonly part?: Part;
  /** The scalar among the parameters that it is multiplied by; see `foldScales`. */
  readonly scaledBy?: string;
  /** It is such a scalar: no weight of the program, and gone once it is folded. */
  readonly penalty?: Scale['penalty'];
  /** Of such a scalar: how many values of dense weights it stands before. */
  readonly weighs?: number;
  /** It holds learned scales: a tensor of the weight file that starts from the values, and counts as bytes alone. */
  readonly gridOf?: GridOf;
}

/** Whether it is a weight of the program, and not what scales one: those neither decay nor count. */
export const isWeight = ({ penalty, gridOf }: Parameter): boolean => penalty === undefined && gridOf === undefined;

/** A tensor that is carried from step to step: recurrent state, optimizer moments. Starts at zero. */
export interface Carried {
  /** Graph input; the new value is the output `nextName(name)`. */
  readonly name: string;
  readonly shape: Shape;
  readonly role: 'state' | 'moment';
}

/** A random 0-or-1/p tensor that the host draws before each step. */
export interface Draw {
  readonly name: string;
  readonly shape: Shape;
  /** `dropout`: keep = 1 - rate. `cmr`: keep is the regularizer's p at this step, by the sparsity of `layer`. */
  readonly role: { readonly kind: 'dropout'; readonly rate: number } | { readonly kind: 'cmr'; readonly layer: string };
}

/**
 * Data fed at each step: int32 ids (steps * batch) or float32 features (steps * batch, width), time-major. Examples of
 * different lengths are told apart by two more: `weight`, the share of each label in the loss (0 for padding), and
 * `present` (steps * batch), 1 at the tokens of an example and 0 behind its end, where a layer must know.
 */
export interface DataInput {
  readonly name: string;
  /** Layer it feeds; for labels and weights, the softmax; '' for `present`. */
  readonly layer: string;
  readonly role: 'input' | 'label' | 'weight' | 'present';
  readonly type: 'int32' | 'float32';
  readonly shape: Shape;
}

/** Names of fixed inputs and outputs. */
export const learningRate = 'lr';
/** Scalar input: weight of the sum of squares, where the program schedules it. */
export const squaresWeight = 'l2';
/** Scalar input: number of this update, from 1 (for the optimizers that need it). */
export const stepNumber = 'step';
/** Scalar input: 1 in the steps that train this part, else 0. */
export const turnName = (part: Part): string => `turn.${part}`;
/** Scalar input: number of this update among those of the part, from 1. */
export const turnNumber = (part: Part): string => `step.${part}`;
export const lossOutput = 'loss';
export const gradientNorm = 'gradient_norm';
/** Negative log-likelihood of each row (rows), in nats, at the softmax layer `layer`; in training graphs too. */
export const likelihoodOutput = (layer: string): string => `nll.${layer}`;
/** Rows of the logits or values of an output layer, in evaluation and prediction graphs. */
export const valueOutput = (layer: string): string => `value.${layer}`;
export const inputName = (layer: string): string => `data.${layer}`;
export const labelName = (layer: string): string => `label.${layer}`;
export const weightName = (layer: string): string => `weight.${layer}`;
export const presentInput = 'present';
export const stateName = (layer: string, state: string): string => `state.${layer}.${state}`;
export const maskName = (parameter: string): string => `mask.${parameter}`;
export const nextName = (input: string): string => `${input}.next`;

export interface StepGraph {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly parameters: readonly Parameter[];
  readonly carried: readonly Carried[];
  readonly draws: readonly Draw[];
  readonly data: readonly DataInput[];
  /** True when the graph updates parameters (has `lr`, `loss`, `gradient_norm`). */
  readonly trains: boolean;
}
