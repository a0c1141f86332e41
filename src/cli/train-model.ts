/** One training run as the command line does it: data, engine, progress, Ctrl-C, and what is kept. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { compileEvaluation, compileTraining } from '../compile.js';
import type { Split } from '../data/corpus.js';
import { type LoadedCorpus, loadCorpus } from '../data/load.js';
import type { Engine } from '../engines/engine.js';
import { engineNames, engines, findEngine } from '../engines/engines.js';
import { classifiers } from '../lower/training.js';
import { projectedUnits, trainedModel } from '../model/distortion.js';
import type { Model, Training } from '../model/model.js';
import { progressLine, summaryLine } from '../report/progress.js';
import { defined } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import { listed } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import { dumpMeaning } from '../syntax/dump.js';
import type { TrainEvent } from '../train/events.js';
import type { TrainResult } from '../train/options.js';
import { train } from '../train/trainer.js';
import { readWords } from './build-folder.js';
import { type Invocation, UsageError } from './command.js';
import { firstAvailable } from './default-engine.js';
import { startingWeights } from './given-weights.js';
import { buildsFolder, type Opened } from './program.js';
import { version } from './version.js';

/** The engine on the device of `--provider`. */
async function onProvider(engine: Engine, provider: string): Promise<Engine> {
  const names = (await engine.providers?.()) ?? [];
  if (engine.on === undefined) {
    throw new UsageError(`the engine ${engine.name} has no providers`, '--provider goes with --engine onnxruntime');
  }
  if (names.length > 0 && !names.includes(provider)) {
    throw new UsageError(`${engine.name} has no provider ${provider}, it has ${listed(names)}`);
  }
  return engine.on(provider);
}

/** Refuses an engine that may give other bits, when bits were asked for. */
function refuseVarying({ name, varies }: Engine): void {
  if (varies === undefined) return;
  const message = `--deterministic: ${name} may give other bits in another run: ${varies}`;
  throw new Fault('engine/varies', message, 'leave --deterministic out, or choose another engine');
}

/** The engine asked for, or onnxruntime; refused with the reason when it is not available. */
export async function chooseEngine(invocation: Invocation): Promise<Engine> {
  const asked = invocation.text('engine');
  if (asked === undefined && invocation.text('provider') === undefined) return defaultEngine(invocation);
  const named = asked ?? 'onnxruntime';
  const found = findEngine(named);
  if (found === undefined) throw new UsageError(`there is no engine ${named}`, `${suggestion(named, engineNames)}`);
  const provider = invocation.text('provider');
  const engine = provider === undefined ? found : await onProvider(found, provider);
  if (invocation.flag('deterministic')) refuseVarying(engine);
  const { available, detail } = await engine.available();
  if (!available) {
    const hint = '`rnnc engines` lists those that are';
    throw new Fault('engine/unavailable', `the engine ${engine.name} is not available: ${detail}`, hint);
  }
  return engine;
}

/** Invocations that were told which engine takes the place of onnxruntime. */
const told = new WeakSet<Invocation>();

/** An optional dependency may be missing without the user's doing: a slower engine is better than none. */
async function defaultEngine(invocation: Invocation): Promise<Engine> {
  const { engine, notice } = await firstAvailable(engines.filter((e) => e.varies === undefined));
  if (notice !== undefined && !told.has(invocation)) invocation.terminal.warn(notice);
  told.add(invocation);
  return engine;
}

export const threadsOf = (invocation: Invocation): number => invocation.integer('threads') ?? availableParallelism();

/** The program's training, or a fault that says what to add. */
export function trainingOf({ model, path }: Opened): Training {
  if (model.training !== undefined) return model.training;
  throw new Fault('program/no-train-block', `${path} has no \`train\` block`, 'add one with `data = ...`');
}

/** Ids the model's input has. */
function vocabularyOf(model: Model): number {
  const signals = model.layers.map((l) => l.shape.signal);
  return defined(
    signals.find((s) => s.kind === 'ids'),
    'the id input',
  ).vocabulary;
}

/** Classes of the softmax that the data labels. */
const classesOf = (model: Model): number | undefined => {
  const signal = classifiers(model)[0]?.shape.signal;
  return signal?.kind === 'vector' ? signal.width : undefined;
};

/** The program's data; words and labels are those a model was trained with, where it is given. */
export function openCorpus(
  invocation: Invocation,
  opened: Opened,
  needs: readonly Split[],
  trained: { readonly words?: readonly string[] | undefined; readonly labels?: readonly string[] | undefined } = {},
): LoadedCorpus {
  const training = trainingOf(opened);
  const data = invocation.text('data');
  const { words, labels } = trained;
  const classes = classesOf(opened.model);
  return loadCorpus(training.loader, {
    programFolder: dirname(opened.path),
    ...(data === undefined ? {} : { directory: resolve(invocation.folder, data) }),
    vocabulary: vocabularyOf(opened.model),
    seed: training.seed,
    needs,
    ...(classes === undefined ? {} : { classes }),
    ...(words === undefined ? {} : { words }),
    ...(labels === undefined ? {} : { labels }),
  });
}

/** The vocabulary that the build's weights were trained with. */
export const trainedWords = (opened: Opened): readonly string[] | undefined => readWords(opened.buildFolder);

/** Hash of what training depends on: the program without comments, layout and emit blocks. */
export function identityOf({ program }: Opened): string {
  const items = program.items.filter(
    (item) => !(item.kind === 'block' && (item.word === 'emit' || item.word === 'sweep')),
  );
  return createHash('sha256')
    .update(dumpMeaning({ ...program, items }))
    .digest('hex');
}

/** What asks a run to end: Ctrl-C, a service that is stopped, a terminal that is closed. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C once: stop after this step, with a checkpoint. Twice: at once. */
function stopOnInterrupt(warn: (line: string) => void): { stopped: () => Promise<boolean>; release: () => void } {
  let asked = 0;
  const onSignal = (): void => {
    asked++;
    if (asked > 1) process.exit(130);
    warn('\nstopping after this step; a second Ctrl-C stops at once');
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  const release = (): void => {
    for (const signal of stopSignals) process.off(signal, onSignal);
  };
  // tfjs computes in this thread: without a turn of the event loop no signal would be heard before the run is over.
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
  const stopped = async (): Promise<boolean> => {
    await turn();
    return asked > 0;
  };
  return { stopped, release };
}

function progressPrinter({ terminal, flag }: Invocation): (event: TrainEvent) => void {
  const quiet = flag('quiet');
  let last = 0;
  return (event) => {
    if (quiet && event.kind !== 'warning') return;
    const line = summaryLine(event);
    if (line !== undefined) {
      if (terminal.interactive) terminal.progress('');
      terminal.warn(line);
      return;
    }
    const now = performance.now();
    // In place ten times a second; as plain lines every ten seconds.
    if (now - last < (terminal.interactive ? 100 : 10_000)) return;
    last = now;
    const live = progressLine(event);
    if (live === undefined) return;
    if (terminal.interactive) terminal.progress(live);
    else terminal.warn(live);
  };
}

/** Event files of this run below the folder asked for: a baseline is another run of TensorBoard's. */
const eventsFolder = (invocation: Invocation, { buildFolder }: Opened, named: string): string =>
  join(resolve(invocation.folder, named), relative(buildsFolder(invocation), buildFolder));

export interface RunRequest {
  readonly opened: Opened;
  readonly corpus: LoadedCorpus;
  /** Folder of checkpoints and metrics. */
  readonly folder: string;
  readonly resume: boolean;
}

/** Trains, or goes on where a checkpoint ends. */
export async function runTraining(invocation: Invocation, request: RunRequest): Promise<TrainResult> {
  const { opened, corpus, folder, resume } = request;
  const { model } = opened;
  const training = trainingOf(opened);
  const engine = await chooseEngine(invocation);
  const every = invocation.integer('checkpoint-every');
  const events = invocation.text('tensorboard');
  const interrupt = stopOnInterrupt(invocation.terminal.warn);
  try {
    return await train({
      training,
      pools: trainedModel(model).pools,
      projected: projectedUnits(model),
      graphs: {
        step: (steps) => compileTraining(model, false, undefined, steps),
        coMatrix: training.cmr && ((steps) => compileTraining(model, true, undefined, steps)),
        evaluation: (steps) => compileEvaluation(model, steps),
      },
      engine,
      threads: threadsOf(invocation),
      corpus,
      folder,
      identity: { program: identityOf(opened), compiler: version },
      resume,
      ...(training.start === undefined ? {} : { start: startingWeights(opened, training.start, corpus.words) }),
      ...(every === undefined ? {} : { checkpointEvery: { steps: every, seconds: 300 } }),
      ...(events === undefined ? {} : { tensorboard: eventsFolder(invocation, opened, events) }),
      progress: progressPrinter(invocation),
      shouldStop: interrupt.stopped,
    });
  } finally {
    interrupt.release();
  }
}

export const trainingFolder = (opened: Opened): string => join(opened.buildFolder, 'training');
