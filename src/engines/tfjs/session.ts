/**
 * A loaded tfjs graph model as a session: carried tensors stay in the backend's memory, everything else is freed after
 * each run. It is given tfjs and imports none, so that it runs under Node and in a page alike.
 */
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { defined, invariant } from '../../support/assert.js';
import type { TfjsModel } from '../../targets/tfjs/tfjs-model.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LoadOptions, Session } from '../engine.js';
import { PlannedGraph, type StartedTfjs, write } from './planned-graph.js';

export class TfjsSession implements Session {
  private readonly started: StartedTfjs;
  private readonly backend: KernelBackend;
  private readonly graph: PlannedGraph;
  private readonly outputs: readonly string[];
  private readonly carries: ReadonlyMap<string, string>;
  private readonly resident = new Map<string, TensorInfo>();

  /** Its backend must be the one that tfjs uses. */
  constructor(started: StartedTfjs, model: TfjsModel, options: LoadOptions) {
    this.started = started;
    this.backend = defined(started.core.findBackend(started.backend), `the ${started.backend} backend`);
    this.outputs = model.outputs.map(({ name }) => name);
    this.graph = new PlannedGraph(started, model, this.outputs);
    this.carries = options.carries;
  }

  private use(): Promise<boolean> {
    return this.started.core.setBackend(this.started.backend);
  }

  private free(tensor: TensorInfo | undefined): void {
    if (tensor !== undefined) this.backend.disposeData(tensor.dataId);
  }

  set(input: string, { data, shape }: Tensor): void {
    this.free(this.resident.get(input));
    // tfjs may keep the array it is given.
    this.resident.set(input, write(this.backend, { shape, data: data.slice() } as Tensor));
  }

  get(input: string): Promise<Tensor> {
    const tensor = this.resident.get(input);
    invariant(tensor !== undefined, `${input} is not resident`);
    return this.read(tensor);
  }

  adopt(from: Session, inputs: readonly string[]): void {
    invariant(from instanceof TfjsSession, 'both sessions are of one engine');
    for (const input of inputs) {
      this.free(this.resident.get(input));
      this.resident.set(input, from.resident.get(input)!);
      from.resident.delete(input);
    }
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    await this.use();
    const fed = Object.entries(feeds).map(([name, tensor]) => [name, write(this.backend, tensor)] as const);
    const outputs = this.graph.run([...this.resident, ...fed]);
    const rest: Record<string, Tensor> = {};
    for (const [i, name] of this.outputs.entries()) {
      const output = outputs[i]!;
      const input = this.carries.get(name);
      if (input === undefined) {
        rest[name] = await this.read(output);
        this.free(output);
      } else {
        this.free(this.resident.get(input));
        this.resident.set(input, output);
      }
    }
    for (const [, tensor] of fed) this.free(tensor);
    return rest;
  }

  private async read({ dataId, shape }: TensorInfo): Promise<Tensor> {
    const data = (await this.backend.read(dataId)) as Float32Array | Int32Array;
    return { shape: shape.slice(), data: data.slice() } as Tensor;
  }

  close(): Promise<void> {
    for (const tensor of this.resident.values()) this.free(tensor);
    this.resident.clear();
    this.graph.close();
    return Promise.resolve();
  }
}
