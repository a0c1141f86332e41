/**
 * Runs a graph by the kernels of tfjs: those of its wasm or cpu backend, or of the native one of tfjs-node. Nothing is
 * fetched: the wasm files come from the installed package.
 */
import type { Graph } from '../../graph/ops.js';
import type { EngineMemory } from '../../lower/training-memory.js';
import { Fault } from '../../support/fault.js';
import { graphToTfjs } from '../../targets/tfjs/to-tfjs.js';
import type { Availability, Engine, LoadOptions, Session } from '../engine.js';
import { type Backend, runtimeFor } from './runtime.js';
import { TfjsSession } from './session.js';
import { hasProducts, takesProduct } from './wasm-matmul.js';

async function available(backend: Backend): Promise<Availability> {
  try {
    const { version } = await runtimeFor(backend);
    return { available: true, detail: version };
  } catch (error) {
    return { available: false, detail: String((error as Error).message).split('\n')[0]! };
  }
}

async function load(backend: Backend, graph: Graph, options: LoadOptions): Promise<Session> {
  const state = await available(backend);
  if (!state.available) throw new Fault('engines/missing', `tfjs cannot be loaded: ${state.detail}`);
  const runtime = await runtimeFor(backend);
  await runtime.core.setBackend(runtime.backend);
  const ours = backend === 'wasm' && hasProducts(runtime.core.findBackend(backend));
  const model = graphToTfjs(graph, ours ? { kernels: { takesProduct } } : {});
  return new TfjsSession(runtime, model, options);
}

/**
 * Nothing that counts beside the values, which are freed one by one; a step is planned once, and its calls are small.
 * Within 12% of what `benchmarks/train/memory.mjs` measures on wasm, above 50 MB.
 */
const memory: EngineMemory = { perByte: 0, perOp: 0, perCarried: 0, start: 0, inPlace: false };

const engineOf = (backend: Backend): Omit<Engine, 'name'> => ({
  memory,
  available: () => available(backend),
  load: (graph, options) => load(backend, graph, options),
});

/** Portable; one thread under Node. */
export const tfjsWasm: Engine = { name: 'tfjs-wasm', ...engineOf('wasm') };
/** Plain JavaScript: slow, and needs nothing. */
export const tfjsCpu: Engine = { name: 'tfjs-cpu', ...engineOf('cpu') };
/** The native TensorFlow of the package `@tensorflow/tfjs-node`, where the user has installed it. */
export const tfjsNode: Engine = {
  name: 'tfjs-node',
  varies: 'TensorFlow does not promise the order of its sums',
  ...engineOf('tensorflow'),
};

/** Backends of browsers: known by name, so that asking for one says why it is not here. */
const browserOnly = (backend: string, needs: string): Engine => {
  const detail = `Node has no ${needs}: it runs in a browser, where \`rnnc emit --target tfjs\` takes the model`;
  return {
    name: `tfjs-${backend}`,
    varies: `the order of sums on ${backend} is not fixed`,
    available: () => Promise.resolve({ available: false, detail }),
    load: () => Promise.reject(new Fault('engines/missing', `the engine tfjs-${backend} is not available: ${detail}`)),
  };
};
export const tfjsWebgpu: Engine = browserOnly('webgpu', 'WebGPU');
export const tfjsWebgl: Engine = browserOnly('webgl', 'WebGL');
