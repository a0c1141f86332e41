/** The emitted folder as a page sees it: fetches its files and opens trainers and predictors. */
import { nextName } from '../lower/training-graph.js';
import { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { type BrowserProgram, restoreTraining } from '../targets/tfjs/browser-program.js';
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
  const data = pageData({ training, vocabulary, words, text: options.text });
  const runtime = await startTfjs(new URL('vendor/', folder), options.backend);
  const request = {
    step: train.outline,
    training,
    pools,
    data,
    engine: pageEngine(runtime, new URL('train/model.json', folder)),
    backend: runtime.backend,
  };
  if (options.checkpoint !== undefined) return PageTrainer.open({ ...request, checkpoint: options.checkpoint });
  if (options.start !== 'weights') return PageTrainer.open(request);
  const file = await (await fetched(new URL('weights.safetensors', folder))).arrayBuffer();
  return PageTrainer.open({ ...request, weights: readSafetensors(new Uint8Array(file)).tensors });
}

async function openPredictor(folder: URL, program: BrowserProgram, options: PredictorOptions): Promise<Predictor> {
  const runtime = await startTfjs(new URL('vendor/', folder), options.backend);
  const { predict: step, words = [] } = program;
  const engine = pageEngine(runtime, new URL('predict/model.json', folder));
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
