/**
 * Runs a graph natively through `onnxruntime-node`, when the user has it. Carried tensors live in two buffers of
 * the engine that take turns as input and output, so they are never copied between steps.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Graph } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { size } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Availability, Engine, LoadOptions, Session } from '../engine.js';

type Runtime = typeof import('onnxruntime-node');

const packageName = 'onnxruntime-node';
const installHint = 'run `npm install onnxruntime-node`, or train with `--engine tfjs-wasm`';

async function loadRuntime(): Promise<Runtime> {
  const runtime = (await import(packageName)) as Runtime & { readonly default?: Runtime };
  return runtime.default ?? runtime;
}

async function available(): Promise<Availability> {
  try {
    const { env } = await loadRuntime();
    return { available: true, detail: `onnxruntime-node ${env.versions.node}` };
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    const why = missing ? 'the package onnxruntime-node is not installed' : String((error as Error).message);
    return { available: false, detail: `${why.split('\n')[0]}; ${installHint}` };
  }
}

class OnnxruntimeSession implements Session {
  private readonly runtime: Runtime;
  private readonly session: InferenceSession;
  private readonly carries: ReadonlyMap<string, string>;
  private readonly resident = new Map<string, OrtTensor>();
  /** Output -> the buffer that the next run writes it to. */
  private readonly spare = new Map<string, OrtTensor>();

  constructor(runtime: Runtime, session: InferenceSession, carries: ReadonlyMap<string, string>) {
    this.runtime = runtime;
    this.session = session;
    this.carries = carries;
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
      else this.swap(name, input);
    }
    return rest;
  }

  private target(output: string): OrtTensor {
    const known = this.spare.get(output);
    if (known !== undefined) return known;
    const present = this.resident.get(this.carries.get(output)!);
    invariant(present !== undefined, `${this.carries.get(output)} was never set`);
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

async function load(graph: Graph, options: LoadOptions): Promise<Session> {
  const state = await available();
  if (!state.available) throw new Fault('engines/missing', 'onnxruntime-node cannot be loaded', state.detail);
  const runtime = await loadRuntime();
  runtime.env.logLevel = 'error';
  const session = await runtime.InferenceSession.create(encodeOnnx(graphToOnnx(graph)), {
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return new OnnxruntimeSession(runtime, session, options.carries);
}

/** Native, the default. */
export const onnxruntime: Engine = { name: 'onnxruntime', available, load };
