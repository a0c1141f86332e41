/** What the tests of this room share: the oracle as an engine, a tiny recurrent model, and a disk that crashes. */

import { differentiate } from '../autodiff/differentiate.js';
import type { Split } from '../data/corpus.js';
import { loadCorpus } from '../data/load.js';
import type { Engine, LoadOptions, Session } from '../engines/engine.js';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Graph, Value } from '../graph/ops.js';
import {
  type Carried,
  type DataInput,
  type Draw,
  gradientNorm,
  inputName,
  labelName,
  learningRate,
  likelihoodOutput,
  lossOutput,
  maskName,
  nextName,
  type Parameter,
  type StepGraph,
  stateName,
} from '../lower/training-graph.js';
import { type Loader, type Pool, stepsOf, type Training } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import { single } from '../tensor/blocks.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Disk, nodeDisk } from './disk.js';
import type { TrainOptions } from './options.js';

const copy = ({ shape, data }: Tensor): Tensor =>
  data instanceof Int32Array ? { shape, data: data.slice() } : { shape, data: data.slice() };

class OracleSession implements Session {
  private readonly graph: Graph;
  private readonly carries: ReadonlyMap<string, string>;
  private readonly residents = new Map<string, Tensor>();

  constructor(graph: Graph, { carries }: LoadOptions) {
    this.graph = graph;
    this.carries = carries;
  }

  set(input: string, tensor: Tensor): void {
    this.residents.set(input, copy(tensor));
  }
  async get(input: string): Promise<Tensor> {
    return copy(defined(this.residents.get(input), input));
  }
  adopt(from: Session, inputs: readonly string[]): void {
    const other = from as OracleSession;
    for (const input of inputs) {
      this.residents.set(input, defined(other.residents.get(input), input));
      other.residents.delete(input);
    }
  }
  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    const feed: Record<string, Feed[string]> = {};
    for (const [name, tensor] of [...this.residents, ...Object.entries(feeds)]) {
      const { shape, data } = tensor;
      feed[name] = data instanceof Int32Array ? { shape, data } : { shape, data: Float64Array.from(data) };
    }
    const results: Record<string, Tensor> = {};
    for (const [name, { shape, data }] of Object.entries(evaluate(this.graph, feed))) {
      const tensor = { shape, data: Float32Array.from(data) };
      const input = this.carries.get(name);
      if (input === undefined) results[name] = tensor;
      else this.residents.set(input, tensor);
    }
    return results;
  }
  async close(): Promise<void> {
    this.residents.clear();
  }
}

/** The oracle, with the number of graphs it was given. */
export function oracleEngine(): Engine & { readonly loads: () => number } {
  let loads = 0;
  return {
    name: 'oracle',
    available: async () => ({ available: true, detail: 'here' }),
    load: async (graph, options) => {
      loads++;
      return new OracleSession(graph, options);
    },
    loads: () => loads,
  };
}

const V = 6;
const H = 4;
const layer = 'rnn';
const output = 'next';

interface Kind {
  readonly steps: number;
  readonly batch: number;
  /** Draws of dropout are in every training graph, draws of rows only where asked. */
  readonly trains: boolean;
  readonly rows: boolean;
}

const parameters: readonly Parameter[] = [
  { name: 'embed.E', shape: [V, H], bound: 0.5, value: 0, patch: undefined, mask: undefined },
  { name: 'rnn.S', shape: [H, H], bound: 0.5, value: 0, patch: undefined, mask: maskName('rnn.S') },
  { name: 'next.W', shape: [H, V], bound: 0.5, value: 0, patch: undefined, mask: maskName('next.W') },
  { name: 'next.b', shape: [V], bound: 0, value: 0, patch: [0, 2, 0.25], mask: undefined },
];

/** h_t = tanh(E[x_t] + h_(t-1) S), logits = h W + b, with momentum 0.9 on S. */
function tinyStep({ steps, batch, trains, rows }: Kind): StepGraph {
  const g = new Builder();
  const values = parameters.map(({ name, shape }) => g.input(name, shape));
  const [e, s, w, b] = values as [Value, Value, Value, Value];
  const inputs: DataInput = { name: inputName('x'), layer: 'x', role: 'input', type: 'int32', shape: [steps * batch] };
  const labels: DataInput = { ...inputs, name: labelName(output), layer: output, role: 'label' };
  const state: Carried = { name: stateName(layer, 'h'), shape: [batch, H], role: 'state' };
  const draws: Draw[] = [];
  if (trains) draws.push({ name: 'drop', shape: [steps * batch, H], role: { kind: 'dropout', rate: 0.2 } });
  if (rows) draws.push({ name: 'rows', shape: [steps * batch, H], role: { kind: 'cmr', layer } });
  const embedded = g.split(g.gather(e, g.input(inputs.name, inputs.shape, 'int32')), 0, steps);
  let h = g.input(state.name, state.shape);
  const hidden = embedded.map((x) => {
    h = g.tanh(g.add(x, g.matmul(h, s)));
    return h;
  });
  const dropped = draws.reduce((all, { name, shape }) => g.mul(all, g.input(name, shape)), g.concat(hidden, 0));
  const logits = g.add(g.matmul(dropped, w), b);
  const nll = g.crossEntropy(logits, g.input(labels.name, labels.shape, 'int32'));
  const outputs: Record<string, Value> = { [likelihoodOutput(output)]: nll, [nextName(state.name)]: h };
  const data = [inputs, labels];
  if (!trains) return { graph: g.finish(outputs), steps, batch, parameters, carried: [state], draws, data, trains };
  const loss = g.mul(g.sum(nll), g.constant(1 / batch));
  const carried = [state, ...addUpdate(g, loss, values, outputs)];
  return { graph: g.finish(outputs), steps, batch, parameters, carried, draws, data, trains };
}

function addUpdate(g: Builder, loss: Value, values: readonly Value[], outputs: Record<string, Value>): Carried[] {
  const gradients = differentiate(g, loss, values);
  const rate = g.input(learningRate, []);
  const moment: Carried = { name: 'moment.rnn.S', shape: [H, H], role: 'moment' };
  let norm = g.constant(0);
  parameters.forEach(({ name, shape, mask }, i) => {
    let change = gradients.get(values[i]!)!;
    norm = g.add(norm, g.sum(g.mul(change, change)));
    if (name === 'rnn.S') {
      change = g.add(change, g.mul(g.input(moment.name, shape), g.constant(0.9)));
      outputs[nextName(moment.name)] = change;
    }
    const next = g.sub(values[i]!, g.mul(change, rate));
    outputs[nextName(name)] = mask === undefined ? next : g.mul(next, g.input(mask, shape));
  });
  outputs[lossOutput] = loss;
  outputs[gradientNorm] = g.sqrt(norm);
  return [moment];
}

/** `rnn` loses 10 of 16 weights, `next` 5 of 24. */
export const tinyPools: readonly Pool[] = [
  { layers: ['rnn'], rule: 0, tensors: ['rnn.S'], block: single, elements: 16, kept: 6 },
  { layers: ['next'], rule: 1, tensors: ['next.W'], block: single, elements: 24, kept: 19 },
];

const span = { source: { path: 'tiny.cmp', text: '' }, start: 0, end: 0 };

/** Three epochs of nine steps; masks change at steps 4, 8, 12, 16 and are final from 18 on. */
export const tinyTraining: Training & { readonly loader: Extract<Loader, { kind: 'generated' }> } = {
  loader: { kind: 'generated', order: 1, vocabulary: V, tokens: 97, batch: 2, unroll: 5 },
  metric: 'perplexity',
  init: 0.5,
  optimizer: { kind: 'sgd', clip: undefined, weightDecay: 0 },
  lr: {
    kind: 'decay',
    rate: 0.1,
    by: 0.5,
    every: { value: 1, unit: 'epochs' },
    after: { value: 2, unit: 'epochs' },
  },
  epochs: 3,
  sparsity: {
    kind: 'cubic',
    start: 0,
    from: { value: 4, unit: 'steps' },
    to: { value: 2, unit: 'epochs' },
    every: 4,
    implied: false,
  },
  sparsityOf: new Map(),
  cmr: undefined,
  l2: undefined,
  alternate: undefined,
  distort: undefined,
  dropout: undefined,
  seed: 5,
  stop: undefined,
  start: undefined,
  span,
};

export const tinyEvaluation = (steps: number): StepGraph => tinyStep({ steps, batch: 1, trains: false, rows: false });

/** A whole run in `folder`; `change` replaces any part of it. */
export function tinyRun(folder: string, change: Partial<TrainOptions> = {}): TrainOptions {
  const training = change.training ?? tinyTraining;
  const unroll = stepsOf(training.loader);
  const { batch } = training.loader;
  return {
    training,
    pools: tinyPools,
    graphs: {
      step: () => tinyStep({ steps: unroll, batch, trains: true, rows: false }),
      coMatrix:
        training.cmr === undefined ? undefined : () => tinyStep({ steps: unroll, batch, trains: true, rows: true }),
      evaluation: () => tinyEvaluation(4),
    },
    engine: oracleEngine(),
    threads: 1,
    corpus: loadCorpus(training.loader, { programFolder: '.', vocabulary: V, seed: training.seed }),
    folder,
    identity: { program: 'p'.repeat(64), compiler: '0.0.0' },
    resume: true,
    logEvery: 3,
    checkpointEvery: { steps: 4, seconds: 1e9 },
    ...change,
  };
}

/** The run on data that has only these splits. */
export function onlySplits(options: TrainOptions, splits: readonly Split[]): TrainOptions {
  const { corpus } = options;
  invariant(corpus.kind === 'streams', 'the tiny run reads a stream');
  return { ...options, corpus: { ...corpus, splits: new Map([...corpus.splits].filter(([s]) => splits.includes(s))) } };
}

/** Thrown by a disk that crashed: everything after it fails too, as if the process were gone. */
export class Crash extends Error {}

/** The real disk, up to the write with number `moment` (from 0), which is cut in half. No process survives it. */
export function crashingDisk(moment: number): Disk & { readonly crashed: () => boolean } {
  let left = moment;
  const alive = (): boolean => {
    if (left < 0) throw new Crash('gone');
    return left-- > 0;
  };
  const step = (act: () => void): void => {
    if (!alive()) throw new Crash('now');
    act();
  };
  return {
    ...nodeDisk,
    write: (path, bytes, fresh) => {
      if (alive()) return nodeDisk.write(path, bytes, fresh);
      nodeDisk.write(path, bytes.subarray(0, bytes.length >> 1), fresh);
      throw new Crash('in a write');
    },
    append: (path, text) => {
      if (alive()) return nodeDisk.append(path, text);
      nodeDisk.append(path, text.slice(0, text.length >> 1));
      throw new Crash('in an append');
    },
    rename: (from, to) => step(() => nodeDisk.rename(from, to)),
    remove: (path) => step(() => nodeDisk.remove(path)),
    runs: () => false,
    crashed: () => left < 0,
  };
}

/** The real disk, which is full from the write or append with number `moment` (from 0) on: each leaves half. */
export function fullDisk(moment: number): Disk {
  let left = moment;
  const full = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return {
    ...nodeDisk,
    write: (path, bytes, fresh) => {
      if (left-- > 0) return nodeDisk.write(path, bytes, fresh);
      nodeDisk.write(path, bytes.subarray(0, bytes.length >> 1), fresh);
      throw full();
    },
    append: (path, text) => {
      if (left-- > 0) return nodeDisk.append(path, text);
      nodeDisk.append(path, text.slice(0, text.length >> 1));
      throw full();
    },
  };
}
