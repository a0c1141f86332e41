/** The emitted program as data: kernel calls in order, and where every buffer and every weight lies. */
import type { KernelCall, RegionLayout } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';

/** One weight in the blob. Regions are in blob order. */
export interface Region {
  /** C identifier, `rnn1_B_0`. */
  readonly name: string;
  readonly layout: RegionLayout;
  /** In bytes from the start of the blob. */
  readonly offset: number;
  readonly bytes: number;
  readonly alignment: number;
}

/** A buffer of the working memory, in floats. Buffers that are never alive together share memory. */
export interface PlacedBuffer {
  readonly id: number;
  /** For comments in the C: `rnn1 gates`. */
  readonly purpose: string;
  readonly size: number;
  /** In floats from the start of the working memory; unused for state. */
  readonly offset: number;
  readonly role: 'work' | 'state-now' | 'state-next';
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

export interface PlanState {
  readonly layer: string;
  readonly name: string;
  readonly width: number;
  readonly now: Buffer;
  readonly next: Buffer;
}

export interface InferencePlan {
  readonly model: string;
  readonly inputs: readonly PlanInput[];
  readonly outputs: readonly PlanOutput[];
  readonly states: readonly PlanState[];
  readonly buffers: readonly PlacedBuffer[];
  /** For each time step. */
  readonly step: readonly KernelCall[];
  /** Once, after the last step (layers behind `last`). */
  readonly finish: readonly KernelCall[];
  readonly regions: readonly Region[];
  /** Size of the blob's values, in bytes, padding included. */
  readonly weightBytes: number;
  /** Working memory in floats, state not included. */
  readonly workSize: number;
}
