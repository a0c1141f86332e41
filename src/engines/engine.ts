/** What runs a graph. Tensors that are carried from step to step stay inside the engine. */
import type { Graph } from '../graph/ops.js';
import type { EngineMemory } from '../lower/training-memory.js';
import type { Tensor } from '../tensor/tensor.js';

export interface Availability {
  readonly available: boolean;
  /** Version when available, the reason when not. */
  readonly detail: string;
}

export interface LoadOptions {
  readonly threads: number;
  /** Output -> input: after a run the output's value takes the input's place. */
  readonly carries: ReadonlyMap<string, string>;
}

export interface Session {
  /** Gives a resident input its value; it stays for all later runs. The data is copied or kept unchanged. */
  set: (input: string, tensor: Tensor) => void;
  /** The present value of a resident input, as a copy. */
  get: (input: string) => Promise<Tensor>;
  /** Takes resident inputs over from another session of the same engine, without a copy; that one has them no more. */
  adopt: (from: Session, inputs: readonly string[]) => void;
  /** Runs once. `feeds` are the inputs that are not resident. Returns the outputs that are not carried. */
  run: (feeds: Readonly<Record<string, Tensor>>) => Promise<Readonly<Record<string, Tensor>>>;
  close: () => Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** Why two runs may differ in bits; undefined for an engine whose runs never do. */
  readonly varies?: string;
  /** What it holds of memory beside the values that are alive; where it is not known, as onnxruntime. */
  readonly memory?: EngineMemory;
  available: () => Promise<Availability>;
  load: (graph: Graph, options: LoadOptions) => Promise<Session>;
  /** Names of the devices that this install knows, where an engine has several; the first is its own. */
  readonly providers?: () => Promise<readonly string[]>;
  /** The engine on one of these devices. */
  readonly on?: (provider: string) => Engine;
}
