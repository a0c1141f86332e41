/**
 * Runs a graph natively through `onnxruntime-node`, when the user has it. A carried tensor is written where it lies
 * when nothing reads it any more; else it has two buffers that take turns as input and output. None is ever copied.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { writtenInPlace } from '../../graph/in-place.js';
import type { Graph } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { size } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine, LoadOptions, Session } from '../engine.js';
import { listProviders, loadRuntime, providerState, type Runtime } from './runtime.js';

/** Output -> input of what is carried, and which of these outputs are written to the memory of their input. */
interface Places {
  readonly carries: ReadonlyMap<string, string>;
  readonly inPlace: ReadonlySet<string>;
}

class OnnxruntimeSession implements Session {
  private readonly runtime: Runtime;
  private readonly session: InferenceSession;
  private readonly carries: ReadonlyMap<string, string>;
  private readonly resident = new Map<string, OrtTensor>();
  /** Outputs whose buffer is that of the input they replace. */
  private readonly inPlace: ReadonlySet<string>;
  /** Output -> the buffer that the next run writes it to, of the others. */
  private readonly spare = new Map<string, OrtTensor>();

  constructor(runtime: Runtime, session: InferenceSession, { carries, inPlace }: Places) {
    this.runtime = runtime;
    this.session = session;
    this.carries = carries;
    this.inPlace = inPlace;
  }

  private toOrt({ data, shape }: Tensor): OrtTensor {
    const { Tensor: Make } = this.runtime;
    return data instanceof Float32Array ? new Make('float32', data, shape) : new Make('int32', data, shape);
  }

  set(input: string, tensor: Tensor): void {
    this.resident.set(input, this.toOrt({ shape: tensor.shape, data: tensor.data.slice() } as Tensor));
  }

  get(input: string): Promise<Tensor> {
    const tensor = this.resident.get(input);
    invariant(tensor !== undefined, `${input} is not resident`);
    return Promise.resolve(fromOrt(tensor));
  }

  adopt(from: Session, inputs: readonly string[]): void {
    invariant(from instanceof OnnxruntimeSession, 'both sessions are of one engine');
    const wanted = new Set(inputs);
    for (const input of inputs) {
      this.resident.set(input, from.resident.get(input)!);
      from.resident.delete(input);
    }
    for (const [output, tensor] of from.spare) {
      if (!wanted.has(from.carries.get(output)!)) continue;
      from.spare.delete(output);
      if (this.carries.has(output)) this.spare.set(output, tensor);
    }
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of this.resident) inputs[name] = tensor;
    for (const [name, tensor] of Object.entries(feeds)) inputs[name] = this.toOrt(tensor);
    const fetches: Record<string, OrtTensor | null> = {};
    for (const name of this.session.outputNames) fetches[name] = this.carries.has(name) ? this.target(name) : null;
    const outputs = await this.session.run(inputs, fetches);
    const rest: Record<string, Tensor> = {};
    for (const name of this.session.outputNames) {
      const input = this.carries.get(name);
      if (input === undefined) rest[name] = fromOrt(outputs[name] as OrtTensor);
      else if (!this.inPlace.has(name)) this.swap(name, input);
    }
    return rest;
  }

  private target(output: string): OrtTensor {
    const known = this.spare.get(output);
    if (known !== undefined) return known;
    const present = this.resident.get(this.carries.get(output)!);
    invariant(present !== undefined, `${this.carries.get(output)} was never set`);
    if (this.inPlace.has(output)) return present;
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
  const session = await runtime.InferenceSession.create(encodeOnnx(graphToOnnx(graph)), settings);
  const { carries } = options;
  const inPlace = provider === 'cpu' ? writtenInPlace(graph, carries) : new Set<string>();
  return new OnnxruntimeSession(runtime, session, { carries, inPlace });
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
