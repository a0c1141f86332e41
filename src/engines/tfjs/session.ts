/**
 * A loaded tfjs graph model as a session: carried tensors stay in the backend's memory, everything else is freed after
 * each run. It is given tfjs and imports none, so that it runs under Node and in a page alike.
 */
import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../support/assert.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LoadOptions, Session } from '../engine.js';

/** A tfjs whose backend has started. */
export interface StartedTfjs {
  /** As tfjs registers it: `wasm`. */
  readonly backend: string;
  readonly core: typeof import('@tensorflow/tfjs-core');
}

export class TfjsSession implements Session {
  private readonly runtime: StartedTfjs;
  private readonly model: GraphModel;
  private readonly outputs: readonly string[];
  private readonly carries: ReadonlyMap<string, string>;
  private readonly resident = new Map<string, TfTensor>();

  /** `outputs` are the names of all outputs of the model. */
  constructor(runtime: StartedTfjs, model: GraphModel, outputs: readonly string[], options: LoadOptions) {
    this.runtime = runtime;
    this.model = model;
    this.outputs = outputs;
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

  adopt(from: Session, inputs: readonly string[]): void {
    invariant(from instanceof TfjsSession, 'both sessions are of one engine');
    for (const input of inputs) {
      this.resident.get(input)?.dispose();
      this.resident.set(input, from.resident.get(input)!);
      from.resident.delete(input);
    }
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    await this.use();
    const fed = Object.entries(feeds).map(([name, tensor]) => [name, this.toTf(tensor)] as const);
    const outputs = this.execute(Object.fromEntries([...this.resident, ...fed]), [...this.outputs]);
    const rest: Record<string, Tensor> = {};
    for (const [i, name] of this.outputs.entries()) {
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
