/** What every command is: a name, its options, an example, and one function. */
import type { Terminal } from './terminal.js';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** `DIR` in `--out DIR`. */
  readonly value?: string;
  readonly doc: string;
  /** The only words allowed. */
  readonly words?: readonly string[];
}

export interface Invocation {
  readonly terminal: Terminal;
  /** Folder the command was called in. */
  readonly folder: string;
  /** Arguments that are not options. */
  readonly operands: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly flag: (option: string) => boolean;
  /** A positive integer, when given. */
  readonly integer: (option: string) => number | undefined;
}

export interface Command {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Operands as shown behind the options: `[model.cmp]`. */
  readonly operands: string;
  readonly most: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What it does, a paragraph. */
  readonly details: string;
  readonly examples: readonly string[];
  /** Returns the exit code: 0 ok, 1 the program is wrong. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** Options that several commands share, one by one. */
export const sharedOptions = {
  out: { type: 'string', value: 'DIR', doc: 'folder of builds (default: build)' },
  data: { type: 'string', value: 'DIR', doc: 'folder that holds the splits, in place of the one the program names' },
  engine: {
    type: 'string',
    value: 'NAME',
    doc: 'one of those that `rnnc engines` lists (default: onnxruntime, or tfjs-wasm where it is missing)',
  },
  provider: { type: 'string', value: 'NAME', doc: 'device of onnxruntime: cpu (default), cuda or webgpu' },
  deterministic: {
    type: 'boolean',
    doc: 'refuse engines that may give other bits in another run; the default engine never does',
  },
  threads: { type: 'string', value: 'N', doc: 'threads of the engine (default: all cores)' },
  'checkpoint-every': {
    type: 'string',
    value: 'STEPS',
    doc: 'also write a checkpoint every so many steps (default: every 5 minutes)',
  },
  tensorboard: { type: 'string', value: 'DIR', doc: 'write TensorBoard event files while it trains, to DIR/<model>' },
  format: {
    type: 'string',
    value: 'FORMAT',
    doc: 'of diagnostics and results: text (default) or json',
    words: ['text', 'json'],
  },
  quiet: { type: 'boolean', doc: 'print only the result' },
  by: {
    type: 'string',
    value: 'WHO',
    doc: 'engine (default), or the built C: native, aarch64, arm',
    words: ['engine', 'native', 'aarch64', 'arm'],
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

const { engine, provider, deterministic, threads, tensorboard, out, format, quiet } = sharedOptions;

/** Options of whatever trains, in the order of its help. */
export const trainingOptions = {
  engine,
  provider,
  deterministic,
  threads,
  'checkpoint-every': sharedOptions['checkpoint-every'],
  tensorboard,
  out,
  format,
  quiet,
} as const;
