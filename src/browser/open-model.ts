/** The emitted folder as a page sees it: fetches its files and opens trainers and predictors. */
import { storedWeights } from '../lower/stored-weights.js';
import { nextName, type StepGraph } from '../lower/training-graph.js';
import { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { type BrowserProgram, restoreTraining } from '../targets/tfjs/browser-program.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';
import type { Predictor, PredictorOptions, Trainer, TrainerOptions } from './api.js';
import { fetched } from './fetched.js';
import { pageData } from './page-data.js';
import { PagePredictor } from './page-predictor.js';
import { pageEngine, startTfjs } from './page-tfjs.js';
import { PageTrainer } from './page-trainer.js';

export interface OpenedModel {
  readonly program: () => Promise<BrowserProgram>;
  readonly createTrainer: (options?: TrainerOptions) => Promise<Trainer>;
  readonly createPredictor: (options?: PredictorOptions) => Promise<Predictor>;
}

async function openTrainer(folder: URL, program: BrowserProgram, options: TrainerOptions): Promise<Trainer> {
  const { train, pools, vocabulary, words } = program;
  if (train === undefined)
    throw new Fault('page/no-training', `${program.name} has no \`train\` block or no output with labels`);
  const odd = train.outline.data.find(({ type }) => type !== 'int32');
  if (odd !== undefined)
    throw new Fault('train/cannot-feed', `the input ${odd.layer} takes features, the data of this program gives ids`);
  const training = restoreTraining(train.training);
  const { text, validation, validationTokens } = options;
  const data = pageData({ training, vocabulary, words, text, validation, validationTokens });
  const runtime = await startTfjs(new URL('vendor/', folder), options.backend);
  const request = {
    step: train.outline,
    training,
    pools,
    data,
    engine: pageEngine(runtime, new URL('train/model.json', folder)),
    evaluation: { step: train.evaluation, engine: pageEngine(runtime, new URL('evaluate/model.json', folder)) },
    backend: runtime.backend,
  };
  if (options.checkpoint !== undefined) return PageTrainer.open({ ...request, checkpoint: options.checkpoint });
  if (options.start !== 'weights') return PageTrainer.open(request);
  const file = await (await fetched(new URL('weights.safetensors', folder))).arrayBuffer();
  return PageTrainer.open({ ...request, weights: readSafetensors(new Uint8Array(file)).tensors });
}

/** Given weights as the emitted program stores them. */
function predictedWith(step: StepGraph, given: NonNullable<PredictorOptions['weights']>): Weights {
  const weights = given instanceof Uint8Array ? readSafetensors(given).tensors : given;
  for (const { name, shape } of step.parameters) {
    const found = weights.get(name)?.shape;
    if (found !== undefined && sameShape(found, shape)) continue;
    const message = `${name} is ${found === undefined ? 'not there' : formatShape(found)}, not ${formatShape(shape)}`;
    throw new Fault('page/bad-weights', `the weights are of another program: ${message}`, 'give those of its trainer');
  }
  return storedWeights(step.parameters, weights);
}

async function openPredictor(folder: URL, program: BrowserProgram, options: PredictorOptions): Promise<Predictor> {
  const runtime = await startTfjs(new URL('vendor/', folder), options.backend);
  const { predict: step, words = [] } = program;
  const values = options.weights === undefined ? new Map() : predictedWith(step, options.weights);
  const engine = pageEngine(runtime, new URL('predict/model.json', folder), values);
  const carries = new Map(step.carried.map(({ name }) => [nextName(name), name]));
  const session = await engine.load(step.graph, { threads: 1, carries });
  return new PagePredictor({ step, session, backend: runtime.backend, words });
}

/** The model in `folder`, an address that ends in a slash. Nothing is fetched before it is needed. */
export function openModel(folder: URL): OpenedModel {
  let known: Promise<BrowserProgram> | undefined;
  const program = (): Promise<BrowserProgram> => {
    known ??= fetched(new URL('program.json', folder)).then((r) => r.json() as Promise<BrowserProgram>);
    return known;
  };
  return {
    program,
    createTrainer: async (options = {}) => openTrainer(folder, await program(), options),
    createPredictor: async (options = {}) => openPredictor(folder, await program(), options),
  };
}
