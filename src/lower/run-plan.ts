/**
 * A whole run as data: what is done for a block of steps at once, and what step by step. Says the same as the calls of
 * one step after the other, in another order.
 */
import type { KernelCall } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';

/** Calls that run one behind the other over the steps of a block, or all together at each of its steps. */
export interface RunStage {
  /** `ahead`: a call for all steps of the block, then the next call. `walk`: all calls for a step, then the next. */
  readonly kind: 'ahead' | 'walk';
  readonly calls: readonly KernelCall[];
}

/** One loop over the sequence, block by block. */
export interface RunLoop {
  readonly backward: boolean;
  readonly stages: readonly RunStage[];
}

export interface RunBuffer {
  readonly id: number;
  readonly purpose: string;
  /** Of one step. */
  readonly size: number;
  /** In floats from the start of the working memory; unused for what lies elsewhere. */
  readonly offset: number;
  /**
   * `rows`: a row for each step of the sequence. `block`: one for each step of a block. `fed`, `given`: rows in the
   * caller's own inputs and outputs.
   */
  readonly role: 'work' | 'rows' | 'block' | 'fed' | 'given' | 'state-now' | 'state-next';
}

export interface RunPlan {
  /** Steps of a block; the last block of a sequence may have fewer. */
  readonly steps: number;
  /** As `InferencePlan.earlier` and then `step`. */
  readonly loops: readonly RunLoop[];
  /** What only outputs wait for, after a block of the last loop: call by call, for as many steps as are wanted. */
  readonly outputs: readonly KernelCall[];
  /** Where the outputs of every step lie, in the order of the plan's: with the caller, or a row for each step. */
  readonly results: readonly Buffer[];
  /** What lies behind the last step reads its rows where it needs one. */
  readonly buffers: readonly RunBuffer[];
  readonly workSize: number;
}
