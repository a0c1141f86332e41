/** Next-token probabilities of a trained model, by an engine: ids in, probabilities out, state kept between. */
import { compilePrediction } from '../compile.js';
import type { Engine, Session } from '../engines/engine.js';
import { nextName, type StepGraph, valueOutput } from '../lower/training-graph.js';
import { type Model, readsWholeSequences } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { size } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';
import { setWeights } from '../train/evaluate.js';

export interface PredictorOptions {
  readonly model: Model;
  readonly weights: Weights;
  readonly engine: Engine;
  readonly threads: number;
}

interface TextEnds {
  readonly input: string;
  /** Ids that the input has. */
  readonly vocabulary: number;
  readonly output: string;
  readonly perStep: boolean;
}

/** The id input and the classifying output of a model; models without them cannot be asked for words. */
export function textEnds(model: Model): TextEnds {
  const input = model.layers.find((l) => l.shape.feeds === 'ids');
  const features = model.layers.find((l) => l.shape.feeds === 'features');
  const output = model.layers.find((l) => l.shape.classifies === true && model.outputs.includes(l.name));
  if (input === undefined || features !== undefined || output === undefined) {
    throw new Fault(
      'predict/no-text',
      `${model.name} does not turn ids into classes`,
      'predict needs an `ids` input and a `softmax` output',
    );
  }
  const { signal } = output.shape;
  const vocabulary = input.shape.signal.kind === 'ids' ? input.shape.signal.vocabulary : 0;
  return { input: input.name, vocabulary, output: output.name, perStep: signal.kind === 'vector' && signal.perStep };
}

async function openSession(step: StepGraph, options: PredictorOptions): Promise<Session> {
  const carries = new Map(step.carried.map((c) => [nextName(c.name), c.name]));
  const session = await options.engine.load(step.graph, { threads: options.threads, carries });
  setWeights(session, step, options.weights);
  for (const { name, shape } of step.carried) session.set(name, { shape, data: new Float32Array(size(shape)) });
  return session;
}

/**
 * Probabilities of the classes after `ids`, from zero state. Per-step models are run step by step and may be asked
 * for more; models that read whole sequences are lowered to their length.
 */
export class Predictor {
  private readonly options: PredictorOptions;
  private session: Session | undefined;
  private seen = 0;

  constructor(options: PredictorOptions) {
    this.options = options;
  }

  async after(ids: readonly number[]): Promise<Float32Array> {
    const { model } = this.options;
    if (readsWholeSequences(model)) return (await this.whole(ids)).at(-1)!;
    const { input, output } = textEnds(model);
    this.session ??= await openSession(compilePrediction(model), this.options);
    let last: Float32Array | undefined;
    for (; this.seen < ids.length; this.seen++) {
      const feeds = { [`data.${input}`]: { shape: [1], data: Int32Array.of(ids[this.seen]!) } };
      last = (await this.session.run(feeds))[valueOutput(output)]!.data as Float32Array;
    }
    if (last === undefined)
      throw new Fault('predict/empty', 'there is nothing to predict from', 'give --text or --ids');
    return last;
  }

  /** Probabilities at every step of `ids`, from zero state; of a model of whole sequences one row. */
  async each(ids: readonly number[]): Promise<readonly Float32Array[]> {
    if (readsWholeSequences(this.options.model)) return this.whole(ids);
    await this.session?.close();
    [this.session, this.seen] = [undefined, 0];
    const rows: Float32Array[] = [];
    for (let n = 1; n <= ids.length; n++) rows.push(await this.after(ids.slice(0, n)));
    return rows;
  }

  /** Probabilities of a whole sequence: a row for every step, or one. */
  private async whole(ids: readonly number[]): Promise<readonly Float32Array[]> {
    if (ids.length === 0) throw new Fault('predict/empty', 'there is nothing to predict from', 'give --text or --ids');
    const { input, output } = textEnds(this.options.model);
    const session = await openSession(compilePrediction(this.options.model, ids.length), this.options);
    const results = await session.run({ [`data.${input}`]: { shape: [ids.length], data: Int32Array.from(ids) } });
    await session.close();
    const { shape, data } = results[valueOutput(output)]!;
    const [rows, classes] = [shape[0]!, shape[1]!];
    return Array.from({ length: rows }, (_, row) => (data as Float32Array).slice(row * classes, (row + 1) * classes));
  }

  async close(): Promise<void> {
    await this.session?.close();
  }
}
