/**
 * Runs a graph through tfjs (the GraphModel executor of `@tensorflow/tfjs-converter`) on its wasm or cpu backend.
 * Carried tensors stay in the backend's memory; everything else is freed after each run. Nothing is fetched: the
 * wasm files come from the installed package.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import type { Graph } from '../../graph/ops.js';
import { invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import { encodeTfjsWeights, tfjsArtifacts } from '../../targets/tfjs/encode-tfjs.js';
import { graphToTfjs } from '../../targets/tfjs/to-tfjs.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Availability, Engine, LoadOptions, Session } from '../engine.js';

type Core = typeof import('@tensorflow/tfjs-core');
type Converter = typeof import('@tensorflow/tfjs-converter');
type Wasm = typeof import('@tensorflow/tfjs-backend-wasm');
type Backend = 'wasm' | 'cpu';

interface Runtime {
  readonly backend: Backend;
  readonly core: Core;
  readonly converter: Converter;
}

// The packages have a CommonJS build for Node only; one copy of it is shared by all of them.
const require = createRequire(import.meta.url);

const starting = new Map<Backend, Promise<Runtime>>();

async function start(backend: Backend): Promise<Runtime> {
  const core = require('@tensorflow/tfjs-core') as Core;
  // Silences the advertisement for another package that tfjs prints under Node.
  core.env().set('PROD', true);
  const converter = require('@tensorflow/tfjs-converter') as Converter;
  if (backend === 'cpu') require('@tensorflow/tfjs-backend-cpu');
  else {
    const wasm = require('@tensorflow/tfjs-backend-wasm') as Wasm;
    wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  }
  if (!(await core.setBackend(backend))) throw new Error(`the ${backend} backend of tfjs does not start`);
  await core.ready();
  return { backend, core, converter };
}

function runtimeFor(backend: Backend): Promise<Runtime> {
  const known = starting.get(backend);
  if (known !== undefined) return known;
  const runtime = start(backend);
  starting.set(backend, runtime);
  return runtime;
}

class TfjsSession implements Session {
  private readonly runtime: Runtime;
  private readonly model: GraphModel;
  private readonly graph: Graph;
  private readonly carries: ReadonlyMap<string, string>;
  private readonly resident = new Map<string, TfTensor>();

  constructor(runtime: Runtime, model: GraphModel, graph: Graph, options: LoadOptions) {
    this.runtime = runtime;
    this.model = model;
    this.graph = graph;
    this.carries = options.carries;
  }

  private use(): Promise<boolean> {
    return this.runtime.core.setBackend(this.runtime.backend);
  }

  private toTf({ data, shape }: Tensor): TfTensor {
    const type = data instanceof Float32Array ? 'float32' : 'int32';
    return this.runtime.core.tensor(data, [...shape], type);
  }

  set(input: string, { data, shape }: Tensor): void {
    this.resident.get(input)?.dispose();
    // tfjs may keep the array it is given.
    this.resident.set(input, this.toTf({ shape, data: data.slice() } as Tensor));
  }

  async get(input: string): Promise<Tensor> {
    const tensor = this.resident.get(input);
    invariant(tensor !== undefined, `${input} is not resident`);
    await this.use();
    return read(tensor);
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    await this.use();
    const fed = Object.entries(feeds).map(([name, tensor]) => [name, this.toTf(tensor)] as const);
    const names = Object.keys(this.graph.outputs);
    const outputs = this.execute(Object.fromEntries([...this.resident, ...fed]), names);
    const rest: Record<string, Tensor> = {};
    for (const [i, name] of names.entries()) {
      const output = outputs[i]!;
      const input = this.carries.get(name);
      if (input === undefined) {
        rest[name] = await read(output);
        output.dispose();
      } else {
        this.resident.get(input)?.dispose();
        this.resident.set(input, output);
      }
    }
    for (const [, tensor] of fed) tensor.dispose();
    return rest;
  }

  private execute(inputs: Record<string, TfTensor>, names: string[]): TfTensor[] {
    const outputs = this.model.execute(inputs, names);
    return Array.isArray(outputs) ? outputs : [outputs];
  }

  close(): Promise<void> {
    for (const tensor of this.resident.values()) tensor.dispose();
    this.resident.clear();
    this.model.dispose();
    return Promise.resolve();
  }
}

async function read(tensor: TfTensor): Promise<Tensor> {
  const data = (await tensor.data()) as Float32Array | Int32Array;
  return { shape: tensor.shape.slice(), data: data.slice() } as Tensor;
}

async function available(backend: Backend): Promise<Availability> {
  try {
    const { core } = await runtimeFor(backend);
    return { available: true, detail: `tfjs ${core.version_core}, ${backend} backend` };
  } catch (error) {
    return { available: false, detail: String((error as Error).message).split('\n')[0]! };
  }
}

async function load(backend: Backend, graph: Graph, options: LoadOptions): Promise<Session> {
  const state = await available(backend);
  if (!state.available) throw new Fault('engines/missing', `tfjs cannot be loaded: ${state.detail}`);
  const runtime = await runtimeFor(backend);
  await runtime.core.setBackend(backend);
  const source = graphToTfjs(graph);
  const artifacts = { ...tfjsArtifacts(source), weightData: encodeTfjsWeights(source).buffer };
  const model = await runtime.converter.loadGraphModel({ load: () => Promise.resolve(artifacts) });
  return new TfjsSession(runtime, model, graph, options);
}

const engineOf = (backend: Backend): Engine => ({
  name: `tfjs-${backend}`,
  available: () => available(backend),
  load: (graph, options) => load(backend, graph, options),
});

/** Portable; one thread under Node. */
export const tfjsWasm: Engine = engineOf('wasm');
/** Plain JavaScript: slow, and needs nothing. */
export const tfjsCpu: Engine = engineOf('cpu');
