/**
 * Runs a graph natively through `onnxruntime-node`, when the user has it. A carried tensor is written where it lies
 * when nothing reads it any more; else it has two buffers that take turns as input and output. None is ever copied.
 * On the processor large weights are stored in the pieces that the step reads (`passes/carried-pieces`).
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Graph } from '../../graph/ops.js';
import { pieceNames } from '../../passes/carried-pieces.js';
import { invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { size } from '../../tensor/shape.js';
import type { FloatTensor, Tensor } from '../../tensor/tensor.js';
import type { Engine, LoadOptions, Session } from '../engine.js';
import { type LoadedModel, onDevice, onProcessor } from './loaded-model.js';
import { listProviders, loadRuntime, providerState, type Runtime } from './runtime.js';
import { fromPieces, sameForm, toPieces } from './stored-pieces.js';

class OnnxruntimeSession implements Session {
  private readonly runtime: Runtime;
  private readonly session: InferenceSession;
  private readonly model: LoadedModel;
  /** Inputs of the model with the values that stay in the session. */
  private readonly resident = new Map<string, OrtTensor>();
  /** Output -> the buffer that the next run writes it to, of those that are not written where their input lies. */
  private readonly spare = new Map<string, OrtTensor>();

  constructor(runtime: Runtime, session: InferenceSession, model: LoadedModel) {
    this.runtime = runtime;
    this.session = session;
    this.model = model;
  }

  private toOrt({ data, shape }: Tensor): OrtTensor {
    const { Tensor: Make } = this.runtime;
    return data instanceof Float32Array ? new Make('float32', data, shape) : new Make('int32', data, shape);
  }

  /** The inputs of the graph that hold an input. */
  private pieces(input: string): readonly string[] {
    const form = this.model.forms.get(input);
    return form === undefined ? [input] : pieceNames(form, input);
  }

  set(input: string, tensor: Tensor): void {
    const form = this.model.forms.get(input);
    if (form === undefined) {
      this.resident.set(input, this.toOrt({ shape: tensor.shape, data: tensor.data.slice() } as Tensor));
      return;
    }
    const names = pieceNames(form, input);
    for (const [i, piece] of toPieces(form, tensor as FloatTensor).entries())
      this.resident.set(names[i]!, this.toOrt(piece));
  }

  private read(input: string): Tensor {
    const found = this.pieces(input).map((name) => {
      const tensor = this.resident.get(name);
      invariant(tensor !== undefined, `${name} is not resident`);
      return fromOrt(tensor);
    });
    const form = this.model.forms.get(input);
    return form === undefined ? found[0]! : fromPieces(form, found as FloatTensor[]);
  }

  private drop(names: readonly string[]): void {
    for (const name of names) this.resident.delete(name);
    for (const [output, input] of this.model.carries) if (names.includes(input)) this.spare.delete(output);
  }

  get(input: string): Promise<Tensor> {
    return Promise.resolve(this.read(input));
  }

  adopt(from: Session, inputs: readonly string[]): void {
    invariant(from instanceof OnnxruntimeSession, 'both sessions are of one engine');
    const alike = inputs.filter((input) => sameForm(this.model.forms.get(input), from.model.forms.get(input)));
    // Graphs of other lengths may read a weight in another way: one tensor at a time is then stored anew.
    for (const input of inputs) {
      if (alike.includes(input)) continue;
      this.set(input, from.read(input));
      from.drop(from.pieces(input));
    }
    const wanted = new Set(alike.flatMap((input) => this.pieces(input)));
    for (const name of wanted) {
      this.resident.set(name, from.resident.get(name)!);
      from.resident.delete(name);
    }
    for (const [output, tensor] of from.spare) {
      if (!wanted.has(from.model.carries.get(output)!)) continue;
      from.spare.delete(output);
      if (this.model.carries.has(output)) this.spare.set(output, tensor);
    }
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of this.resident) inputs[name] = tensor;
    for (const [name, tensor] of Object.entries(feeds)) inputs[name] = this.toOrt(tensor);
    const { carries, rows, inPlace } = this.model;
    const fetches: Record<string, OrtTensor | null> = {};
    for (const name of this.session.outputNames) fetches[name] = carries.has(name) ? this.target(name) : null;
    const outputs = (await this.session.run(inputs, fetches)) as Readonly<Record<string, OrtTensor>>;
    const apart = new Set(rows.flatMap(({ ids, rows: changed }) => [ids, changed]));
    for (const { output, ids, rows: changed } of rows)
      writeRows(this.resident.get(carries.get(output)!)!, outputs[ids]!, outputs[changed]!);
    const rest: Record<string, Tensor> = {};
    for (const name of this.session.outputNames) {
      const input = carries.get(name);
      if (input === undefined && !apart.has(name)) rest[name] = fromOrt(outputs[name]!);
      else if (input !== undefined && !inPlace.has(name)) this.swap(name, input);
    }
    return rest;
  }

  private target(output: string): OrtTensor {
    const known = this.spare.get(output);
    if (known !== undefined) return known;
    const present = this.resident.get(this.model.carries.get(output)!);
    invariant(present !== undefined, `${this.model.carries.get(output)} was never set`);
    if (this.model.inPlace.has(output)) return present;
    const tensor = this.toOrt({ shape: present.dims, data: new Float32Array(size(present.dims)) });
    this.spare.set(output, tensor);
    return tensor;
  }

  private swap(output: string, input: string): void {
    const written = this.spare.get(output)!;
    this.spare.set(output, this.resident.get(input)!);
    this.resident.set(input, written);
  }

  close(): Promise<void> {
    this.resident.clear();
    this.spare.clear();
    return this.session.release();
  }
}

/** Puts rows (n, width) at their places (n) in a table. */
function writeRows(table: OrtTensor, ids: OrtTensor, rows: OrtTensor): void {
  const width = table.dims[1]!;
  const [into, at, from] = [table.data, ids.data, rows.data] as [Float32Array, Int32Array, Float32Array];
  for (let i = 0; i < at.length; i++) into.set(from.subarray(i * width, (i + 1) * width), at[i]! * width);
}

function fromOrt(tensor: OrtTensor): Tensor {
  const shape = tensor.dims.slice();
  const data = tensor.data as Float32Array | Int32Array;
  return { shape, data: data.slice() } as Tensor;
}

/** How every session is made, for a number of threads. */
export const sessionOptions = (provider: string, threads: number): InferenceSession.SessionOptions => ({
  // What a device cannot do is done on the processor.
  executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // On the processor a plan of all addresses lies beside what the first step took, whose parts are too small for it: a
  // third more memory, and a step is less than 2% faster (`benchmarks/train/memory.mjs`).
  enableMemPattern: provider !== 'cpu',
  // On the processor the passes leave it nothing to gain, and its time grows with the square of the nodes:
  // 16 s of the 20 that 4 layers and 200 steps took to load.
  graphOptimizationLevel: provider === 'cpu' ? 'disabled' : 'all',
  logSeverityLevel: 3,
});

async function load(provider: string, graph: Graph, options: LoadOptions): Promise<Session> {
  const state = await providerState(provider);
  if (!state.available) throw new Fault('engines/missing', 'onnxruntime-node cannot be loaded', state.detail);
  const runtime = await loadRuntime();
  const settings = sessionOptions(provider, options.threads);
  const model = provider === 'cpu' ? onProcessor(graph, options.carries) : onDevice(graph, options.carries);
  const session = await runtime.InferenceSession.create(encodeOnnx(model.onnx), settings);
  return new OnnxruntimeSession(runtime, session, model);
}

/** The engine on another device. Its sums are made in an order that the device chooses. */
const onProvider = (provider: string): Engine => ({
  name: `onnxruntime-${provider}`,
  varies: `the order of sums on ${provider} is not fixed`,
  available: () => providerState(provider),
  load: (graph, options) => load(provider, graph, options),
});

/** Native, the default. */
export const onnxruntime: Engine = {
  name: 'onnxruntime',
  available: () => providerState('cpu'),
  load: (graph, options) => load('cpu', graph, options),
  providers: listProviders,
  on: (provider) => (provider === 'cpu' ? onnxruntime : onProvider(provider)),
};
