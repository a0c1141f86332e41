/**
 * Runs a tfjs graph model by calling the backend's kernels one after the other, as planned once: which value each call
 * reads, and which are freed behind it. It does no more than that, where the graph executor of tfjs finds all of it out
 * anew in every run. It is given tfjs and imports none, so that it runs under Node and in a page alike.
 */
import type { KernelBackend, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { defined } from '../../support/assert.js';
import type { TfjsConstant, TfjsModel, TfjsNode } from '../../targets/tfjs/tfjs-model.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type KernelCall, kernelCall } from './kernel-calls.js';

/** A tfjs whose backend has started. */
export interface StartedTfjs {
  /** As tfjs registers it: `wasm`. */
  readonly backend: string;
  readonly core: typeof import('@tensorflow/tfjs-core');
}

/** Values are kept in numbered places. */
type Place = number;

interface PlannedCall {
  readonly kernel: KernelConfig['kernelFunc'];
  /** What the kernel is given; its operands are filled in before each call. */
  readonly given: Parameters<KernelConfig['kernelFunc']>[0];
  readonly reads: readonly (readonly [operand: string | number, from: Place])[];
  /** Places of its results, in order. */
  readonly writes: readonly Place[];
  /** Values that nothing reads behind this call. */
  readonly frees: readonly Place[];
}

/** Puts a tensor into the backend's memory, which may keep the array. */
export function write(backend: KernelBackend, { shape, data }: Tensor): TensorInfo {
  const dtype = data instanceof Float32Array ? 'float32' : 'int32';
  return { dataId: backend.write(data, [...shape], dtype), shape: [...shape], dtype };
}

class Planner {
  readonly places = new Map<string, Place>();
  private readonly started: StartedTfjs;
  private readonly backend: KernelBackend;
  private readonly constants: ReadonlyMap<string, TfjsConstant>;

  constructor(started: StartedTfjs, backend: KernelBackend, model: TfjsModel) {
    this.started = started;
    this.backend = backend;
    this.constants = new Map(model.constants.map((c) => [c.name, c]));
  }

  place(name: string): Place {
    const known = this.places.get(name) ?? this.places.size;
    this.places.set(name, known);
    return known;
  }

  /** Calls in the order of the nodes; nothing is freed yet. */
  calls(nodes: readonly TfjsNode[]): PlannedCall[] {
    return nodes
      .filter(({ op }) => op !== 'Placeholder' && op !== 'Const')
      .map((node) => this.planned(kernelCall(node, this.constants), node));
  }

  private planned({ kernel, operands, attributes }: KernelCall, { name, attributes: own }: TfjsNode): PlannedCall {
    const { core, backend } = this.started;
    const { kernelFunc } = defined(core.getKernel(kernel, backend), `kernel ${kernel} of the ${backend} backend`);
    const results = (own['num_split'] as number | undefined) ?? 1;
    const inputs = Array.isArray(operands) ? new Array(operands.length) : {};
    return {
      kernel: kernelFunc,
      given: { inputs, backend: this.backend, attrs: attributes } as unknown as PlannedCall['given'],
      reads: Object.entries(operands).map(([operand, from]) => [operand, this.place(from as string)]),
      writes: Array.from({ length: results }, (_, i) => this.place(i === 0 ? name : `${name}:${i}`)),
      frees: [],
    };
  }
}

/** The calls with what each of them is the last to read, or makes for nobody; `kept` is never freed. */
function withFrees(calls: readonly PlannedCall[], kept: ReadonlySet<Place>): PlannedCall[] {
  const seen = new Set(kept);
  return calls
    .map((_, i) => calls[calls.length - 1 - i]!)
    .map((call) => {
      const last = [...new Set([...call.reads.map(([, from]) => from), ...call.writes])].filter((at) => !seen.has(at));
      for (const at of last) seen.add(at);
      return { ...call, frees: last };
    })
    .reverse();
}

export class PlannedGraph {
  private readonly backend: KernelBackend;
  private readonly calls: readonly PlannedCall[];
  private readonly inputs: ReadonlyMap<string, Place>;
  private readonly outputs: readonly Place[];
  /** Constants that kernels read, where they lie. */
  private readonly constants: readonly (readonly [Place, TensorInfo])[];
  private readonly values: TensorInfo[];

  /** `outputs` are the names of what a run gives, in order; the backend must be the one that tfjs uses. */
  constructor(started: StartedTfjs, model: TfjsModel, outputs: readonly string[]) {
    const backend = defined(started.core.findBackend(started.backend), `the ${started.backend} backend`);
    const planner = new Planner(started, backend, model);
    const calls = planner.calls(model.nodes);
    this.backend = backend;
    this.inputs = new Map(model.inputs.map(({ name }) => [name, planner.place(name)]));
    const read = new Set(calls.flatMap(({ reads }) => reads.map(([, from]) => from)));
    this.constants = model.constants
      .map((constant) => [planner.place(constant.name), constant] as const)
      .filter(([at]) => read.has(at))
      .map(([at, { shape, data }]) => [at, write(backend, { shape, data: data.slice() } as Tensor)]);
    this.outputs = outputs.map((name) => planner.place(name));
    const kept = [...this.inputs.values(), ...this.constants.map(([at]) => at), ...this.outputs];
    this.calls = withFrees(calls, new Set(kept));
    this.values = new Array(planner.places.size);
  }

  /** Runs once on the values of all inputs, which stay the caller's; the outputs become the caller's. */
  run(inputs: Iterable<readonly [string, TensorInfo]>): TensorInfo[] {
    const { values, backend } = this;
    for (const [at, constant] of this.constants) values[at] = constant;
    for (const [name, tensor] of inputs) {
      const at = this.inputs.get(name);
      if (at !== undefined) values[at] = tensor;
    }
    for (const call of this.calls) {
      const operands = call.given.inputs as unknown as Record<string | number, TensorInfo>;
      for (const [operand, from] of call.reads) operands[operand] = values[from]!;
      const made = call.kernel(call.given);
      if (Array.isArray(made))
        call.writes.forEach((at, i) => {
          values[at] = made[i]!;
        });
      else values[call.writes[0]!] = made;
      for (const at of call.frees) backend.disposeData(values[at]!.dataId);
    }
    return this.outputs.map((at) => values[at]!);
  }

  close(): void {
    for (const [, { dataId }] of this.constants) this.backend.disposeData(dataId);
  }
}
