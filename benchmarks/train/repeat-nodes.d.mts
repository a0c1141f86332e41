/** Types of `repeat-nodes.mjs`, for its test. */
import type { Tensor } from '../../src/tensor/tensor.js';

export interface RepeatOptions {
  readonly threads: number;
  readonly runs: number;
  readonly seen?: Set<string>;
  readonly only?: RegExp;
}

export interface RepeatRow {
  readonly text: string;
  readonly op: string;
  readonly count: number;
  readonly identical: boolean;
}

type Feeds = Readonly<Record<string, Tensor>>;

export function repeatNodes(bytes: Uint8Array, feeds: Feeds, options: RepeatOptions): Promise<readonly RepeatRow[]>;
export function repeatModel(bytes: Uint8Array, feeds: Feeds, options: RepeatOptions): Promise<boolean>;
