/**
 * `onnxruntime-node` when the user has it, and the execution providers (devices) that this install of it can use.
 * Nothing is fetched: a provider whose library is not there is refused with what would put it there.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Builder } from '../../graph/builder.js';
import { listed } from '../../support/listed.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import type { Availability } from '../engine.js';

export type Runtime = typeof import('onnxruntime-node');

const packageName = 'onnxruntime-node';
const installHint = 'run `npm install onnxruntime-node`, or train with `--engine tfjs-wasm`';
const cudaHint =
  'on Linux x64 with CUDA 12, run ' +
  '`npm install onnxruntime-node --ignore-scripts=false --onnxruntime-node-install=cuda12`';

/** The package; throws where it is not installed or does not load. */
export async function loadRuntime(): Promise<Runtime> {
  // It would otherwise keep a database in the home folder and report to its makers; read once, when it is loaded.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const loaded = (await import(packageName)) as Runtime & { readonly default?: Runtime };
  const runtime = loaded.default ?? loaded;
  // Its own log lines would stand between ours; what goes wrong is thrown.
  runtime.env.logLevel = 'fatal';
  return runtime;
}

/** Whether the package loads at all. */
export async function packageState(): Promise<Availability> {
  try {
    const { env } = await loadRuntime();
    return { available: true, detail: `onnxruntime-node ${env.versions.node}` };
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    const why = missing ? 'the package onnxruntime-node is not installed' : String((error as Error).message);
    return { available: false, detail: `${why.split('\n')[0]}; ${installHint}` };
  }
}

/** Execution providers that this build of the package knows, the processor's first. */
export async function listProviders(): Promise<readonly string[]> {
  const { available } = await packageState();
  return available ? (await loadRuntime()).listSupportedBackends().map(({ name }) => name) : [];
}

/** True when a provider that comes in a library of its own has it. */
function hasLibrary(provider: string): boolean {
  const file = {
    win32: `onnxruntime_providers_${provider}.dll`,
    darwin: `libonnxruntime_providers_${provider}.dylib`,
  }[process.platform as string];
  const name = file ?? `libonnxruntime_providers_${provider}.so`;
  const root = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  return existsSync(join(root, 'bin', 'napi-v6', process.platform, process.arch, name));
}

function tinyModel(): Uint8Array {
  const g = new Builder();
  const a = g.input('a', [2, 2]);
  return encodeOnnx(graphToOnnx(g.finish({ y: g.matmul(a, a) })));
}

/** `Failed to get a WebGPU adapter: No supported adapters` of a message with file names and line numbers. */
function reasonOf(error: unknown): string {
  const line = String((error as Error).message).split('\n')[0]!;
  return line.replace(/^.* was false\. /, '').replace(/^\S+:\d+ .*?: /, '');
}

const states = new Map<string, Promise<Availability>>();

async function tryProvider(provider: string): Promise<Availability> {
  const state = await packageState();
  if (!state.available || provider === 'cpu') return state;
  const runtime = await loadRuntime();
  const known = runtime.listSupportedBackends();
  const found = known.find(({ name }) => name === provider);
  if (found === undefined) {
    const names = listed(known.map(({ name }) => name));
    return { available: false, detail: `${state.detail} has no provider ${provider} here, it has ${names}` };
  }
  const hint = provider === 'webgpu' ? 'it needs a graphics processor and its Vulkan, Metal or D3D12 driver' : cudaHint;
  if (!found.bundled && !hasLibrary(provider))
    return { available: false, detail: `the ${provider} library of onnxruntime-node is not installed; ${hint}` };
  try {
    const session = await runtime.InferenceSession.create(tinyModel(), { executionProviders: [provider] });
    const a = new runtime.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
    await session.run({ a });
    await session.release();
    return { available: true, detail: `${state.detail}, ${provider}` };
  } catch (error) {
    return { available: false, detail: `${reasonOf(error)}; ${hint}` };
  }
}

/** Whether a provider of the package works on this machine: a small product is computed on it. */
export function providerState(provider: string): Promise<Availability> {
  const known = states.get(provider);
  if (known !== undefined) return known;
  const state = tryProvider(provider);
  states.set(provider, state);
  return state;
}
