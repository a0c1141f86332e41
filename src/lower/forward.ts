/**
 * The model's equations as graph ops: inputs, every layer in order, dropout. Each linear product is expanded here by
 * the method of its unit; what comes out knows no method and no layer any more.
 */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { LayerForward, Linear } from '../layers/layer.js';
import type { Apply, Mode, TensorSpec } from '../methods/method.js';
import { storedShape } from '../methods/parameters.js';
import { formatsOf } from '../model/formats.js';
import { covers, type Layer, type Model, tensorPath, type Unit, type WeightFormat } from '../model/model.js';
import { defined, invariant } from '../support/assert.js';
import { single } from '../tensor/blocks.js';
import { runsOf } from '../tensor/grid.js';
import { hasLearnedScales, integerFormats, isFloat32, type NumberFormat } from '../tensor/number-format.js';
import { type Shape, size } from '../tensor/shape.js';
import { onLearnedGrid, scalesParameter } from './learned-scales.js';
import { rowsOf } from './stored-weights.js';
import {
  type Carried,
  type DataInput,
  type Draw,
  inputName,
  maskName,
  nextName,
  type Parameter,
  type PrunedAs,
  presentInput,
  stateName,
} from './training-graph.js';

export interface ForwardOptions {
  readonly steps: number;
  readonly batch: number;
  /** Training draws dropout; `cmr` draws co-matrix row dropout besides. */
  readonly mode: 'train' | 'infer';
  readonly cmr: boolean;
  /** Rows are examples, padded behind their ends: each begins at a zero state, and none is left behind. */
  readonly examples?: boolean;
}

/** What lowering the layers has declared, and the value of every layer. */
export interface Forward {
  readonly values: ReadonlyMap<string, Value>;
  readonly parameters: readonly Parameter[];
  /** Graph inputs of the parameters, in the same order. */
  readonly parameterValues: readonly Value[];
  readonly carried: readonly Carried[];
  /** New values of the carried tensors, by output name. */
  readonly carriedOutputs: Readonly<Record<string, Value>>;
  readonly draws: readonly Draw[];
  readonly data: readonly DataInput[];
}

class ForwardLowering {
  readonly values = new Map<string, Value>();
  readonly parameters: Parameter[] = [];
  readonly parameterValues: Value[] = [];
  readonly carried: Carried[] = [];
  readonly carriedOutputs: Record<string, Value> = {};
  readonly draws: Draw[] = [];
  readonly data: DataInput[] = [];
  /** Scalars that weigh parts of weights, by name: one of each name for a layer. */
  private readonly scales = new Map<string, Value>();
  private readonly g: Builder;
  private readonly model: Model;
  private readonly options: ForwardOptions;
  private readonly formatOf: (path: string) => NumberFormat;

  constructor(g: Builder, model: Model, options: ForwardOptions) {
    this.g = g;
    this.model = model;
    this.formatOf = formatsOf(model);
    this.options = options;
  }

  lower(): Forward {
    for (const layer of this.model.layers) this.values.set(layer.name, this.lowerLayer(layer));
    return this;
  }

  private lowerLayer(layer: Layer): Value {
    if (layer.shape.feeds !== undefined) return this.input(layer);
    const value = layer.shape.forward(this.context(layer));
    const { dropout } = layer.shape;
    if (this.options.mode !== 'train' || dropout === 0) return value;
    const role = { kind: 'dropout', rate: dropout } as const;
    return this.g.mul(value, this.draw({ name: `draw.${layer.name}`, shape: this.g.shape(value), role }));
  }

  private input(layer: Layer): Value {
    const rows = this.options.steps * this.options.batch;
    const { signal } = layer.shape;
    const ids = signal.kind === 'ids';
    const shape = signal.kind === 'ids' ? [rows] : [rows, signal.width];
    const type = ids ? 'int32' : 'float32';
    this.data.push({ name: inputName(layer.name), layer: layer.name, role: 'input', type, shape });
    return this.g.input(inputName(layer.name), shape, type);
  }

  private present(): Value | undefined {
    if (this.options.examples !== true) return undefined;
    const shape = [this.options.steps * this.options.batch];
    if (!this.data.some(({ role }) => role === 'present'))
      this.data.push({ name: presentInput, layer: '', role: 'present', type: 'float32', shape });
    return this.g.input(presentInput, shape);
  }

  private draw(draw: Draw): Value {
    this.draws.push(draw);
    return this.g.input(draw.name, draw.shape);
  }

  private parameter(parameter: Parameter): Value {
    const value = this.g.input(parameter.name, parameter.shape);
    this.parameters.push(parameter);
    this.parameterValues.push(value);
    return value;
  }

  private context(layer: Layer): LayerForward {
    const { steps, batch } = this.options;
    const tensors = new Map<string, Value>();
    for (const [name, tensor] of Object.entries(layer.shape.tensors)) {
      const init =
        tensor.init.kind === 'weight' ? { bound: this.init, value: 0 } : { bound: 0, value: tensor.init.value };
      const facts = { name: tensorPath(layer.name, name), shape: tensor.shape, ...init };
      tensors.set(name, this.parameter({ ...facts, patch: tensor.patch, mask: undefined }));
    }
    return {
      g: this.g,
      steps,
      batch,
      inputs: layer.inputs.map((name) => defined(this.values.get(name), `value of ${name}`)),
      linear: () => this.linear(layer),
      tensor: (name) => defined(tensors.get(name), `tensor ${name} of ${layer.name}`),
      state: (name) => this.state(layer, name),
      present: () => this.present(),
      carry: (name, value) => {
        if (this.options.examples !== true) this.carriedOutputs[nextName(stateName(layer.name, name))] = value;
      },
    };
  }

  private get init(): number {
    return this.model.training?.init ?? defaultInit;
  }

  private state(layer: Layer, name: string): Value {
    const shape: Shape = [this.options.batch, defined(layer.shape.states[name], `state ${name} of ${layer.name}`)];
    if (this.options.examples === true) return this.g.constant(0, shape);
    this.carried.push({ name: stateName(layer.name, name), shape, role: 'state' });
    return this.g.input(stateName(layer.name, name), shape);
  }

  private linear(layer: Layer): Linear {
    if (layer.shape.family?.lookup === true) return this.table(layer);
    const units = layer.units.map((unit) => ({ unit, apply: this.prepare(layer, unit) }));
    return {
      lookup: () => defined<Value>(undefined, `table of ${layer.name}`),
      apply: (block, x, rows, gates) => {
        const pieces = units
          .filter(({ unit }) => unit.blocks.includes(block) && covers(gates, unit))
          .sort((a, b) => a.unit.gates[0]! - b.unit.gates[0]!)
          .map(({ unit, apply }) => apply(unit.blocks.indexOf(block), x, rows));
        invariant(pieces.length > 0, `no weight covers block ${block} of ${layer.name}`);
        return this.g.concat(pieces, 1);
      },
    };
  }

  private table(layer: Layer): Linear {
    const { path, weight } = defined(layer.units[0], `table of ${layer.name}`);
    const lookup = defined(weight.lookup, `lookup of ${path}`);
    const tensors = this.tensors(layer, layer.units[0]!);
    return {
      apply: () => defined<Value>(undefined, `product of the table ${path}`),
      lookup: (ids) => lookup.prepare(this.g, tensors, ids),
    };
  }

  private prepare(layer: Layer, unit: Unit): Apply {
    return unit.weight.prepare(this.g, this.tensors(layer, unit), this.mode(layer, unit));
  }

  /** Inputs of the graph; those of a table have no gate axis. */
  private tensors(layer: Layer, unit: Unit): Readonly<Record<string, Value>> {
    const tensors: Record<string, Value> = {};
    const rows = rowsOf(unit.weight);
    for (const [name, spec] of Object.entries(unit.weight.tensors)) {
      const row = defined(rows.get(name), `rows of ${name}`);
      const path = tensorPath(unit.path, name);
      const mask = spec.masked ? maskName(path) : undefined;
      const bound = spec.bound(this.init);
      const shape = storedShape(unit.weight, spec);
      const facts = { name: path, shape, bound, value: 0, patch: undefined, mask };
      const part = spec.part === undefined ? {} : { part: spec.part };
      const stored = this.storedAs(path, row, spec.masked ? this.prunedAs(path, spec) : undefined);
      const parameter: Parameter = { ...facts, ...part, ...stored };
      tensors[name] = this.onGrid(this.scaled(layer, spec, parameter), parameter, row, unit.format);
    }
    return tensors;
  }

  /** What evaluation and prediction are fed: values as they are stored. */
  private storedAs(path: string, row: number, pruned: PrunedAs | undefined): Pick<Parameter, 'stored'> {
    const format = this.formatOf(path);
    if (this.options.mode === 'train' || isFloat32(format)) return {};
    return { stored: { format, row, pruned } };
  }

  private prunedAs(path: string, { block = single }: TensorSpec): PrunedAs {
    return { block, pool: this.model.pools.find(({ tensors }) => tensors.includes(path)) };
  }

  /** Values in rows of `row` on the grid of their format, where training is to know it; gradients pass through. */
  private onGrid(value: Value, parameter: Parameter, row: number, stored: WeightFormat | undefined): Value {
    if (stored?.trained !== true || stored.format.kind === 'float') return value;
    const { g } = this;
    const shape = g.shape(value);
    const runs = runsOf(stored.format.per, row, size(shape));
    const { levels } = integerFormats[stored.format.word];
    // Of the weights of every graph: what evaluates is fed values that are on their grid.
    const scales = hasLearnedScales(stored.format)
      ? this.parameter(scalesParameter(parameter, { levels, runs }))
      : undefined;
    if (this.options.mode === 'infer') return value;
    if (scales !== undefined) return onLearnedGrid(g, value, scales, { levels, runs });
    return g.reshape(g.snap(g.reshape(value, [size(shape) / runs.row, runs.row]), levels, runs.run), shape);
  }

  /** A tensor times its scalar, as it is trained; elsewhere the scalar is in its values. */
  private scaled(layer: Layer, { scale, part }: TensorSpec, parameter: Parameter): Value {
    if (scale === undefined || this.options.mode === 'infer') return this.parameter(parameter);
    const scaledBy = tensorPath(layer.name, scale.name);
    const value = this.parameter({ ...parameter, scaledBy });
    const { penalty } = scale;
    const weighs = weighedBy(layer, scale.name);
    const facts = { name: scaledBy, shape: [], bound: 0, value: 1, patch: undefined, mask: undefined, penalty, weighs };
    const factor = this.scales.get(scaledBy) ?? this.parameter(part === undefined ? facts : { ...facts, part });
    this.scales.set(scaledBy, factor);
    return this.g.mul(value, factor);
  }

  private mode(layer: Layer, unit: Unit): Mode {
    if (this.options.mode === 'infer') return { kind: 'infer' };
    if (!this.options.cmr) return { kind: 'train' };
    const { signal } = layer.shape;
    const perStep = signal.kind === 'ids' || signal.perStep;
    const rows = this.options.batch * (perStep ? this.options.steps : 1);
    const { matrix } = unit.weight;
    const role = { kind: 'cmr', layer: layer.name } as const;
    const shape = [rows, matrix.gates * matrix.shape[0]];
    return { kind: 'train', draw: (name) => this.draw({ name: `draw.${unit.path}.${name}`, shape, role }) };
  }
}

/** Half-width of the uniform draw of dense weights when the program has no `train` block. */
export const defaultInit = 0.1;

/** Lowers all layers into `g`. */
export const lowerForward = (g: Builder, model: Model, options: ForwardOptions): Forward =>
  new ForwardLowering(g, model, options).lower();

/** Values of the weights of a layer, as dense ones have them, that hold a part which this scalar weighs. */
function weighedBy({ units }: Layer, scale: string): number {
  const weighed = units.filter(({ weight }) => Object.values(weight.tensors).some((t) => t.scale?.name === scale));
  return weighed.reduce((sum, { weight: { matrix } }) => sum + matrix.gates * size(matrix.shape), 0);
}
