/** The emitted program as data: kernel calls in order, and where every buffer and every weight lies. */
import type { KernelCall, RegionLayout } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';
import type { ElementType } from '../kernels/regions.js';
import type { RunPlan } from './run-plan.js';

/** One weight in the blob. Regions are in blob order: by falling alignment, 64, then 4, then 2, without gaps. */
export interface Region {
  /** C identifier, unique in the plan: `rnn1_B_0`, `rnn1_S_indices`. */
  readonly name: string;
  readonly layout: RegionLayout;
  readonly element: ElementType;
  /** Number of elements, padding inside the layout included; 0 for the entries of an empty sparse matrix. */
  readonly elements: number;
  /** In bytes from the start of the blob. */
  readonly offset: number;
  /** Up to the next region: the elements, and the padding to `alignment` behind them. */
  readonly bytes: number;
  readonly alignment: number;
}

/** A buffer of the working memory, in floats. Buffers that are never alive together share memory. */
export interface PlacedBuffer {
  readonly id: number;
  /** For comments in the C: `rnn1 gates`. */
  readonly purpose: string;
  /** Of one step. */
  readonly size: number;
  /** In floats from the start of the working memory; unused for state. */
  readonly offset: number;
  /** `rows`: a row for each of `maxSteps` steps, one behind the other; calls see that of their step. */
  readonly role: 'work' | 'rows' | 'state-now' | 'state-next';
}

export interface PlanInput {
  /** Layer name: `tokens`. */
  readonly name: string;
  readonly kind: 'ids' | 'features';
  /** Vocabulary of ids, width of features. */
  readonly size: number;
  /** Where features lie for the calls; undefined for ids. */
  readonly buffer: Buffer | undefined;
}

export interface PlanOutput {
  readonly layer: string;
  readonly buffer: Buffer;
  /** Written after every step, or once after the last. */
  readonly perStep: boolean;
  /** Logits over classes: softmax and top-k make sense. */
  readonly classifies: boolean;
}

/** `now` and `next` change places after each step; the outputs of a step are read before. */
export interface PlanState {
  readonly layer: string;
  readonly name: string;
  readonly width: number;
  readonly now: Buffer;
  readonly next: Buffer;
}

/** Calls for each time step, over the whole sequence. */
export interface PlanLoop {
  /** From the last step to the first. */
  readonly backward: boolean;
  readonly calls: readonly KernelCall[];
}

export interface InferencePlan {
  readonly model: string;
  readonly inputs: readonly PlanInput[];
  readonly outputs: readonly PlanOutput[];
  readonly states: readonly PlanState[];
  readonly buffers: readonly PlacedBuffer[];
  /** Steps of the longest sequence, for a model that must have the whole of it; undefined for all others. */
  readonly maxSteps: number | undefined;
  /** What runs over the whole sequence before `step` does; empty for a model that works step by step. */
  readonly earlier: readonly PlanLoop[];
  /** For each time step: all outputs, or all that is left to do for them. */
  readonly step: readonly KernelCall[];
  /** Once, after the last step (layers behind `last`), while `next` still names what that step wrote. */
  readonly finish: readonly KernelCall[];
  readonly regions: readonly Region[];
  /** Size of the blob in bytes: the sum of its regions, whichever way the kept values of a pool fall on its units. */
  readonly weightBytes: number;
  /** Working memory in floats, state not included: of a step or of a run, whichever needs more. */
  readonly workSize: number;
  /** The same in blocks of steps; undefined where a run is step after step. */
  readonly run?: RunPlan | undefined;
}
