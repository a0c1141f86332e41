/**
 * A model to the emitted program as data: every layer planned for one time step at batch 1, every weight given its
 * place in the blob and every buffer its place in memory. Writes no C and reads no weight.
 */
import type { KernelCall } from '../kernels/calls.js';
import { type Buffer, part } from '../kernels/planner.js';
import { Recorder } from '../kernels/recorder.js';
import type { IdInput, LayerPlan, PlanValue } from '../layers/layer.js';
import { covers, type Layer, type Model, tensorPath, type Unit } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { assemblePlan } from './assemble-plan.js';
import { plannedKept } from './inference-kept.js';
import type { InferencePlan, PlanInput, PlanLoop, PlanOutput, PlanState } from './inference-plan.js';
import { loopsOf, worksEachStep } from './loops.js';

export interface InferenceOptions {
  /** Nonzeros of a masked tensor as trained, by path; without it its pool's count is spread over the pool. */
  readonly keptOf?: (tensorPath: string) => number | undefined;
  /** Number format of a tensor's values, by path; float32 where left out. Biases are float32 always. */
  readonly formatOf?: (tensorPath: string) => NumberFormat;
  /** Vectors of integer products have scales that were calibrated. */
  readonly calibrated?: boolean;
  /** Steps of the longest sequence; needed for, and used by, models with a backward layer. */
  readonly maxSteps?: number | undefined;
  /** The core whose caches say how many steps a block of a run has; a typical one where left out. */
  readonly cpu?: string | undefined;
}

class InferenceLowering {
  readonly finish: KernelCall[] = [];
  readonly inputs: PlanInput[] = [];
  readonly states: PlanState[] = [];
  readonly recorder: Recorder;
  private readonly model: Model;
  private readonly values = new Map<string, PlanValue>();
  /** Values of other loops, a row for each step. */
  private readonly rows = new Map<string, Buffer>();
  private readonly loopOf: ReadonlyMap<string, number>;
  /** Counted from the last one. */
  private readonly loops: readonly KernelCall[][];

  constructor(model: Model, { keptOf, formatOf, calibrated = false }: InferenceOptions) {
    this.model = model;
    this.loopOf = loopsOf(model);
    this.loops = Array.from({ length: Math.max(...this.loopOf.values()) + 1 }, () => []);
    const kept = plannedKept(model);
    this.recorder = new Recorder({
      keptOf: (tensor) => keptOf?.(tensor) ?? defined(kept.get(tensor), `kept values of ${tensor}`),
      ...(formatOf === undefined ? {} : { formatOf }),
      calibrated,
    });
  }

  lower(): void {
    for (const layer of this.model.layers) {
      const context = this.context(layer);
      this.recorder.enter(layer.name, worksEachStep(layer) ? this.callsOf(layer.name) : this.finish);
      this.values.set(layer.name, layer.shape.plan(context));
    }
  }

  get step(): readonly KernelCall[] {
    return this.loops[0]!;
  }

  /** The loops before that of `step`, in order. */
  get earlier(): readonly PlanLoop[] {
    const all = this.loops.map((calls, i) => ({ backward: i % 2 === 1, calls }));
    return all
      .slice(1)
      .reverse()
      .filter(({ calls }) => calls.length > 0);
  }

  private callsOf(layer: string): KernelCall[] {
    return this.loops[defined(this.loopOf.get(layer), `loop of ${layer}`)]!;
  }

  outputs(): readonly PlanOutput[] {
    return this.model.outputs.flatMap((name) => {
      const { shape } = defined(
        this.model.layers.find((layer) => layer.name === name),
        `layer ${name}`,
      );
      const value = defined(this.values.get(name), `plan of ${name}`);
      if ('kind' in value || shape.signal.kind === 'ids') return [];
      const { perStep } = shape.signal;
      return [{ layer: name, buffer: value, perStep, classifies: shape.classifies === true }];
    });
  }

  private context(layer: Layer): LayerPlan {
    const states = new Map(
      Object.entries(layer.shape.states).map(([name, width]) => [name, this.state(layer.name, name, width)]),
    );
    return {
      p: this.recorder,
      inputs: layer.shape.feeds === undefined ? layer.inputs.map((name) => this.input(name, layer)) : [this.fed(layer)],
      linear: (blocks, y, gates) => this.linear(layer, blocks, y, gates),
      shares: (blocks, ys) => this.shares(layer, blocks, ys),
      lookup: (ids, y) => this.lookup(layer, ids, y),
      tensor: (name) => tensorPath(layer.name, name),
      state: (name) => defined(states.get(name), `state ${name} of ${layer.name}`),
    };
  }

  /** What `reader` reads of a layer: its value at this step, or at the end; kept for all steps by a loop before. */
  private input(name: string, reader: Layer): PlanValue {
    const value = defined(this.values.get(name), `plan of ${name}`);
    const here = !worksEachStep(reader) || this.loopOf.get(reader.name) === this.loopOf.get(name);
    if ('kind' in value || here || this.inputs.some((input) => input.name === name)) return value;
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    const row = this.recorder.buffer(`${name} rows`, value.size, 'rows');
    this.recorder.enter(name, this.callsOf(name));
    this.recorder.copy(value, row);
    this.rows.set(name, row);
    return row;
  }

  private state(layer: string, name: string, width: number): PlanState {
    const now = this.recorder.buffer(`${layer} ${name} now`, width, 'state-now');
    const next = this.recorder.buffer(`${layer} ${name} next`, width, 'state-next');
    const state = { layer, name, width, now, next };
    this.states.push(state);
    return state;
  }

  private fed({ name, shape: { signal } }: Layer): PlanValue {
    if (signal.kind === 'ids') {
      this.inputs.push({ name, kind: 'ids', size: signal.vocabulary, buffer: undefined });
      return { kind: 'ids', input: name };
    }
    const buffer = this.recorder.buffer(`${name} input`, signal.width, 'work');
    this.inputs.push({ name, kind: 'features', size: signal.width, buffer });
    return buffer;
  }

  private linear(layer: Layer, blocks: readonly Buffer[], y: Buffer, gates?: readonly number[]): void {
    const joined = new Map<string, Buffer>();
    for (const unit of layer.units) {
      if (!covers(gates, unit)) continue;
      const key = unit.blocks.join();
      const x = joined.get(key) ?? this.join(unit.blocks.map((block) => defined(blocks[block], `block ${block}`)));
      joined.set(key, x);
      this.unit(layer, unit, x, y);
    }
  }

  private shares(layer: Layer, blocks: readonly Buffer[], ys: readonly Buffer[]): void {
    const apart = layer.shape.family?.apart;
    invariant(apart?.kind === 'blocks', `${layer.name} needs no shares apart`);
    let joined: Buffer | undefined;
    for (const unit of layer.units) {
      const [block] = unit.blocks;
      if (unit.blocks.length === 1) this.unit(layer, unit, blocks[block!]!, ys[block!]!);
      else if (!unit.gates.includes(apart.gate)) {
        joined ??= this.join(blocks);
        this.unit(layer, unit, joined, ys[0]!);
      } else for (const [own, y] of ys.entries()) this.unit(layer, unit, this.alone(blocks, own), y);
    }
  }

  /** The blocks behind each other, all but one of them zero. */
  private alone(blocks: readonly Buffer[], own: number): Buffer {
    const sizeOf = (some: readonly Buffer[]): number => some.reduce((sum, { size }) => sum + size, 0);
    return this.recorder.alone(sizeOf(blocks), { from: blocks[own]!, first: sizeOf(blocks.slice(0, own)) });
  }

  private lookup({ name, units, shape }: Layer, { input }: IdInput, y: Buffer): void {
    const unit = defined(units[0], `table of ${name}`);
    const lookup = defined(unit.weight.lookup, `lookup of ${unit.path}`);
    lookup.plan(this.recorder, { input, count: defined(shape.family, `family of ${name}`).rows }, y, pathsOf(unit));
  }

  private unit(layer: Layer, unit: Unit, x: Buffer, y: Buffer): void {
    const first = defined(unit.gates[0], `gates of ${unit.path}`);
    const rows = y.size / Math.max(1, layer.shape.family?.gates.length ?? 1);
    invariant(
      unit.gates.every((gate, i) => gate === first + i),
      `gates of ${unit.path} follow each other`,
    );
    unit.weight.plan(this.recorder, x, part(y, first * rows, unit.gates.length * rows), pathsOf(unit));
  }

  /** The blocks behind each other: as they are when they lie so, else copied. */
  private join(blocks: readonly Buffer[]): Buffer {
    const head = defined(blocks[0], 'a column block');
    const total = blocks.reduce((sum, block) => sum + block.size, 0);
    let end = head.offset;
    const contiguous = blocks.every(({ id, offset, size: floats }) => {
      const follows = id === head.id && offset === end;
      end += floats;
      return follows;
    });
    if (contiguous) return { ...head, size: total };
    const x = this.recorder.scratch(total);
    let offset = 0;
    for (const block of blocks) {
      this.recorder.copy(block, part(x, offset, block.size));
      offset += block.size;
    }
    return x;
  }
}

/** Steps that a sequence may have, for a model with a backward layer. */
function longest(model: Model, maxSteps: number | undefined): number | undefined {
  const layer = model.layers.find(({ shape }) => shape.direction === 'backward');
  if (layer === undefined) return undefined;
  if (maxSteps !== undefined) return maxSteps;
  const message = `${layer.name} needs the whole sequence, and nothing says how long it may be`;
  const hint = 'write `max_steps = 50` in the `emit` block: `emit c { max_steps = 50 }`';
  throw new Fault('emit/needs-length', message, hint);
}

const pathsOf = ({ path, weight }: Unit): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, tensorPath(path, name)]));

/** Plans a model. Equal models, kept counts and lengths give equal plans. */
export function lowerInference(model: Model, options: InferenceOptions = {}): InferencePlan {
  const maxSteps = longest(model, options.maxSteps);
  const lowering = new InferenceLowering(model, options);
  lowering.lower();
  const { recorder, inputs, states, earlier, step, finish } = lowering;
  const { layouts, buffers } = recorder;
  const calls = { earlier, step, finish, maxSteps, cpu: options.cpu };
  return assemblePlan({ model: model.name, inputs, outputs: lowering.outputs(), states, layouts, buffers, ...calls });
}
