/**
 * tfjs in a page: the emitted folder's copies of its bundles, loaded as they are (they put themselves on the global
 * `tf`), and an engine that runs an emitted `model.json`. Nothing comes from elsewhere.
 */
import type { Engine } from '../engines/engine.js';
import { type StartedTfjs, TfjsSession } from '../engines/tfjs/session.js';
import { replaceWasmKernels } from '../engines/tfjs/wasm-kernels.js';
import { Fault } from '../support/fault.js';
import type { Backend } from './api.js';

type Tfjs = StartedTfjs['core'] & {
  readonly loadGraphModel: (url: string) => Promise<ConstructorParameters<typeof TfjsSession>[1]>;
  readonly wasm?: { readonly setWasmPaths: (folder: string) => void };
};

export interface PageTfjs {
  readonly backend: Backend;
  readonly tf: Tfjs;
}

const global = globalThis as { tf?: Tfjs };

const load = (file: string, folder: URL): Promise<unknown> => import(new URL(file, folder).href);

async function loadCore(folder: URL): Promise<Tfjs> {
  // The page, or another model in it, may have brought tfjs.
  if (global.tf?.loadGraphModel !== undefined) return global.tf;
  // Bundles that add themselves to one global: in this order, one after the other.
  await load('tf-core.min.js', folder);
  await load('tf-converter.min.js', folder);
  const { tf } = global;
  if (tf?.loadGraphModel === undefined) throw new Fault('page/no-tfjs', `tfjs did not load from ${folder.href}`);
  tf.env().set('PROD', true);
  return tf;
}

async function startWasm(tf: Tfjs, folder: URL): Promise<boolean> {
  try {
    if (tf.findBackendFactory('wasm') === null) await load('tf-backend-wasm.min.js', folder);
    // The threaded build needs a page that is isolated from others, which a plain static server does not make.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    tf.wasm?.setWasmPaths(folder.href);
    replaceWasmKernels(tf);
    return await tf.setBackend('wasm');
  } catch {
    return false;
  }
}

async function startCpu(tf: Tfjs, folder: URL): Promise<boolean> {
  if (tf.findBackendFactory('cpu') === null) await load('tf-backend-cpu.min.js', folder);
  return await tf.setBackend('cpu');
}

let core: Promise<Tfjs> | undefined;

/** The backend asked for; without one, wasm and else cpu. */
export async function startTfjs(folder: URL, asked: Backend | undefined): Promise<PageTfjs> {
  core ??= loadCore(folder);
  const tf = await core;
  if (asked !== 'cpu' && (await startWasm(tf, folder))) return { backend: 'wasm', tf };
  if (asked === 'wasm')
    throw new Fault('page/no-wasm', 'the wasm backend does not start in this browser', "use backend: 'cpu'");
  if (await startCpu(tf, folder)) return { backend: 'cpu', tf };
  throw new Fault('page/no-backend', 'no backend of tfjs starts in this browser');
}

/** Runs the graph whose `model.json` is at `url`, whatever graph it is asked for. */
export const pageEngine = ({ backend, tf }: PageTfjs, url: URL): Engine => ({
  name: `tfjs-${backend}`,
  available: () => Promise.resolve({ available: true, detail: `tfjs ${tf.version_core}, ${backend} backend` }),
  load: async (graph, options) => {
    const model = await tf.loadGraphModel(url.href);
    return new TfjsSession({ core: tf, backend }, model, Object.keys(graph.outputs), options);
  },
});
