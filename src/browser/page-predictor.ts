/** Prediction in a page: the emitted graph with its weights inside, its recurrent state kept between calls. */
import type { Session } from '../engines/engine.js';
import { type DataInput, type StepGraph, valueOutput } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { formatShape, size } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { filled } from '../train/initialize.js';
import type { Backend, Predictor } from './api.js';

export interface PagePrediction {
  readonly step: StepGraph;
  readonly session: Session;
  readonly backend: Backend;
  readonly words: readonly string[];
}

const valuePrefix = valueOutput('');

export class PagePredictor implements Predictor {
  readonly backend: Backend;
  readonly words: readonly string[];
  readonly steps: number;
  private readonly step: StepGraph;
  private readonly session: Session;
  private readonly inputs: readonly DataInput[];
  /** Layers whose values the graph gives. */
  private readonly outputs: readonly string[];

  constructor({ step, session, backend, words }: PagePrediction) {
    this.step = step;
    this.session = session;
    this.backend = backend;
    this.words = words;
    this.steps = step.steps;
    this.inputs = step.data.filter(({ role }) => role === 'input');
    const names = Object.keys(step.graph.outputs).filter((name) => name.startsWith(valuePrefix));
    this.outputs = names.map((name) => name.slice(valuePrefix.length));
    this.reset();
  }

  reset(): void {
    for (const { name, shape } of this.step.carried) this.session.set(name, filled(shape, 0));
  }

  private feedOf({ layer, type, shape }: DataInput, values: ArrayLike<number> | undefined): Tensor {
    const found = values === undefined ? 'none' : String(values.length);
    if (values === undefined || values.length !== size(shape))
      throw new Fault('predict/wrong-size', `${layer} takes ${formatShape(shape)} values, given were ${found}`);
    return type === 'int32' ? { shape, data: Int32Array.from(values) } : { shape, data: Float32Array.from(values) };
  }

  async run(inputs: Readonly<Record<string, ArrayLike<number>>>): Promise<Readonly<Record<string, Float32Array>>> {
    const feeds = Object.fromEntries(this.inputs.map((input) => [input.name, this.feedOf(input, inputs[input.layer])]));
    const results = await this.session.run(feeds);
    const values = this.outputs.map((layer) => {
      const output = defined(results[valueOutput(layer)], `value of ${layer}`);
      return [layer, output.data as Float32Array] as const;
    });
    return Object.fromEntries(values);
  }

  async predict(ids: ArrayLike<number>): Promise<Float32Array> {
    const [input, output] = [this.inputs[0], this.outputs[0]];
    if (input === undefined || output === undefined || this.inputs.length + this.outputs.length !== 2)
      throw new Fault('predict/several', 'the model has several inputs or outputs', 'use `run`');
    if (ids.length === 0) throw new Fault('predict/empty', 'there is nothing to predict from');
    const one = async (values: ArrayLike<number>): Promise<Float32Array> =>
      defined((await this.run({ [input.layer]: values }))[output], output);
    if (this.steps > 1) return one(ids);
    let last = new Float32Array(0);
    for (const id of Array.from(ids)) last = (await one([id])) as Float32Array<ArrayBuffer>;
    return last;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
