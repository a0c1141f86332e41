/**
 * The tfjs packages: the ones that rnnc brings (wasm and cpu), and `@tensorflow/tfjs-node`, which is used where the
 * user has installed it and is never fetched. Nothing here knows graphs.
 */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { replaceWasmKernels } from './wasm-kernels.js';

export type Core = typeof import('@tensorflow/tfjs-core');
type Wasm = typeof import('@tensorflow/tfjs-backend-wasm');

/** Names as tfjs registers them. */
export type Backend = 'wasm' | 'cpu' | 'tensorflow';

export interface Runtime {
  readonly backend: Backend;
  readonly core: Core;
}

/** tfjs as it runs under Node. */
export interface NodeRuntime extends Runtime {
  /** For people. */
  readonly version: string;
}

// The packages have a CommonJS build for Node only; one copy of it is shared by all of them.
const require = createRequire(import.meta.url);

const nativePackage = '@tensorflow/tfjs-node';

/** tfjs-node as the user's folder or rnnc's own finds it: it brings its own tfjs-core. */
function findNative(folder: string): Core & { readonly version: Readonly<Record<string, string>> } {
  for (const from of [pathToFileURL(join(folder, 'package.json')).href, import.meta.url]) {
    const look = createRequire(from);
    let path: string;
    try {
      path = look.resolve(nativePackage);
    } catch {
      continue;
    }
    return look(path) as ReturnType<typeof findNative>;
  }
  throw new Error(`the package ${nativePackage} is not installed; run \`npm install ${nativePackage}\` in ${folder}`);
}

/** Loads tfjs-node from a folder of packages; throws with the reason where there is none. */
export async function startNative(folder: string): Promise<NodeRuntime> {
  const native = findNative(folder);
  if (!(await native.setBackend('tensorflow'))) throw new Error(`${nativePackage} does not start`);
  await native.ready();
  const version = `tfjs-node ${native.version['tfjs-node'] ?? native.version['tfjs'] ?? 'of unknown version'}`;
  return { backend: 'tensorflow', core: native, version };
}

async function start(backend: Backend): Promise<NodeRuntime> {
  if (backend === 'tensorflow') return startNative(process.cwd());
  const core = require('@tensorflow/tfjs-core') as Core;
  // Silences the advertisement for another package that tfjs prints under Node.
  core.env().set('PROD', true);
  if (backend === 'cpu') require('@tensorflow/tfjs-backend-cpu');
  else {
    const wasm = require('@tensorflow/tfjs-backend-wasm') as Wasm;
    wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    replaceWasmKernels(core);
  }
  if (!(await core.setBackend(backend))) throw new Error(`the ${backend} backend of tfjs does not start`);
  await core.ready();
  return { backend, core, version: `tfjs ${core.version_core}, ${backend} backend` };
}

const starting = new Map<Backend, Promise<NodeRuntime>>();

/** Started once; every later call gets the same. */
export function runtimeFor(backend: Backend): Promise<NodeRuntime> {
  const known = starting.get(backend);
  if (known !== undefined) return known;
  const runtime = start(backend);
  starting.set(backend, runtime);
  return runtime;
}
