/**
 * tfjs in a page: the emitted folder's copies of its bundles, loaded as they are (they put themselves on the global
 * `tf`), and an engine that runs an emitted `model.json`. Nothing comes from elsewhere.
 */
import type { Engine } from '../engines/engine.js';
import type { StartedTfjs } from '../engines/tfjs/planned-graph.js';
import { TfjsSession } from '../engines/tfjs/session.js';
import { replaceWasmKernels } from '../engines/tfjs/wasm-kernels.js';
import { Fault } from '../support/fault.js';
import { decodeTfjs, type TfjsFile } from '../targets/tfjs/decode-tfjs.js';
import type { TfjsModel } from '../targets/tfjs/tfjs-model.js';
import type { Weights } from '../tensor/tensor.js';
import type { Backend } from './api.js';
import { fetched } from './fetched.js';

type Tfjs = StartedTfjs['core'] & {
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
  if (global.tf?.findBackend !== undefined) return global.tf;
  await load('tf-core.min.js', folder);
  const { tf } = global;
  if (tf?.findBackend === undefined) throw new Fault('page/no-tfjs', `tfjs did not load from ${folder.href}`);
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

/** The model with other values in the place of those constants that have new ones. */
const withConstants = (model: TfjsModel, values: Weights): TfjsModel => ({
  ...model,
  constants: model.constants.map((constant) => ({
    ...constant,
    data: values.get(constant.name)?.data ?? constant.data,
  })),
});

/**
 * Runs the graph whose `model.json` is at `url`, whatever graph it is asked for; `weights.bin` lies beside it, and
 * `values` take the place of what it holds.
 */
export const pageEngine = ({ backend, tf }: PageTfjs, url: URL, values: Weights = new Map()): Engine => ({
  name: `tfjs-${backend}`,
  available: () => Promise.resolve({ available: true, detail: `tfjs ${tf.version_core}, ${backend} backend` }),
  load: async (_, options) => {
    const file = (await (await fetched(url)).json()) as TfjsFile;
    const weights = await (await fetched(new URL('weights.bin', url))).arrayBuffer();
    await tf.setBackend(backend);
    const model = withConstants(decodeTfjs(file, new Uint8Array(weights)), values);
    return new TfjsSession({ core: tf, backend }, model, options);
  },
});
