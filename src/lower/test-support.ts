/** What the tests of lowering share: models made of real layers and methods, and seeded weights. Never compiled in. */
import { findLayer } from '../layers/layers.js';
import { blockOf } from '../methods/parameters.js';
import { callOf, matrixOf, type Written, weightOf } from '../methods/test-support.js';
import { type Layer, type Model, type Pool, tensorPath, type Unit } from '../model/model.js';
import { defined } from '../support/assert.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';

/** One stored weight: which gates and blocks of its layer, under which method. */
export interface WrittenUnit {
  /** Behind the layer's name: '' or `.input.f`. */
  readonly suffix?: string;
  readonly gates?: readonly number[];
  readonly blocks?: readonly number[];
  readonly method: string;
  readonly args?: Readonly<Record<string, Written>>;
  readonly stacked?: boolean;
}

export interface WrittenLayer {
  readonly name: string;
  readonly word: string;
  readonly inputs?: readonly string[];
  readonly args?: Readonly<Record<string, Written>>;
  /** One dense unit over everything when left out. */
  readonly units?: readonly WrittenUnit[];
}

function unitOf(layer: string, shape: Layer['shape'], written: WrittenUnit): Unit {
  const family = defined(shape.family, `matrices of ${layer}`);
  const all = family.gates.length === 0 ? [0] : family.gates.map((_, gate) => gate);
  const gates = written.gates ?? all;
  const blocks = written.blocks ?? family.columns.map((_, block) => block);
  const columns = blocks.map((block) => family.columns[block]!);
  const matrix =
    written.stacked === true
      ? matrixOf(1, gates.length * family.rows, ...columns)
      : matrixOf(gates.length, family.rows, ...columns);
  const table = family.lookup === true ? { lookup: true as const } : {};
  const weight = weightOf(written.method, written.args ?? {}, { ...matrix, ...table });
  return { path: layer + (written.suffix ?? ''), gates, blocks, weight, rule: undefined, why: [] };
}

/** A model of resolved layers; each layer's name is that of its definition. */
export function modelOf(written: readonly WrittenLayer[], kept: Readonly<Record<string, number>> = {}): Model {
  const layers: Layer[] = [];
  for (const { name, word, inputs = [], args = {}, units = [{ method: 'dense' }] } of written) {
    const signals = inputs.map((input) => layers.find((layer) => layer.name === input)!.shape.signal);
    const call = callOf(word, args);
    const shapes = defined(findLayer(word), word).resolve(call, signals, new Map(), () => undefined);
    const { shape } = defined(shapes?.[0], `layer ${name}`);
    const own = shape.family === undefined ? [] : units.map((unit) => unitOf(name, shape, unit));
    layers.push({ name, kind: word, span: call.span, inputs, shape, written: shape, units: own });
  }
  const read = new Set(layers.flatMap((layer) => layer.inputs));
  const outputs = layers.map((layer) => layer.name).filter((name) => !read.has(name));
  const pools = layers.flatMap((layer): Pool[] => {
    const masked = layer.units.flatMap((unit) =>
      Object.entries(unit.weight.tensors).flatMap(([name, spec]) => (spec.masked ? [{ unit, name, spec }] : [])),
    );
    const count = kept[layer.name];
    if (masked.length === 0 || count === undefined) return [];
    const tensors = masked.map(({ unit, name }) => tensorPath(unit.path, name));
    const elements = masked.reduce((sum, { spec }) => sum + size(spec.shape), 0);
    return [{ layers: [layer.name], rule: 0, tensors, block: blockOf(masked[0]!.unit.weight), elements, kept: count }];
  });
  const { span } = callOf('model', {});
  return { name: 'test', span, layers, outputs, rules: [], pools, training: undefined, emits: [], warnings: [] };
}

/** Seeded weights of a model: uniform in (-bound, bound), masked tensors with `kept` nonzeros at regular places. */
export function weightsOf(model: Model, bound: number, kept: (path: string) => number): Weights {
  const weights = new Map<string, FloatTensor>();
  const add = (path: string, shape: readonly number[]): Float32Array => {
    const data = new Float32Array(size(shape));
    fillUniform(data, bound, streamKey(3, path));
    weights.set(path, { shape, data });
    return data;
  };
  for (const layer of model.layers) {
    for (const [name, tensor] of Object.entries(layer.shape.tensors)) add(tensorPath(layer.name, name), tensor.shape);
    for (const unit of layer.units)
      for (const [name, spec] of Object.entries(unit.weight.tensors)) {
        const path = tensorPath(unit.path, name);
        const data = add(path, spec.shape);
        if (!spec.masked) continue;
        const count = kept(path);
        data.forEach((_, i) => {
          const before = Math.floor((i * count) / data.length);
          if (Math.floor(((i + 1) * count) / data.length) === before) data[i] = 0;
        });
      }
  }
  return weights;
}
