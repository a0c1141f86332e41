/** The page of `index.html`: buttons, numbers and the curve. All of the training is behind `createTrainer`. */
import { Fault } from '../support/fault.js';
import type { BrowserProgram } from '../targets/tfjs/browser-program.js';
import type { Predictor, StepResult, Trainer } from './api.js';
import { Curve, type CurveStyle } from './curve.js';
import { keepBytes, keptBytes } from './keep.js';
import { openModel } from './open-model.js';

const model = openModel(new URL('../../', import.meta.url));

const byId = <T extends HTMLElement>(id: string): T => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as T;
};
const toggle = byId<HTMLButtonElement>('toggle');
const restart = byId<HTMLButtonElement>('restart');
const save = byId<HTMLButtonElement>('save');
const start = byId<HTMLSelectElement>('start');
const typed = byId<HTMLTextAreaElement>('typed');
const file = byId<HTMLInputElement>('file');
const curve = new Curve(byId<HTMLCanvasElement>('curve'));

let trainer: Trainer | undefined;
let running = false;
/** The run that this browser kept, and the name under which it does. */
let kept: Uint8Array | undefined;
let keptAs = location.pathname;
/** Steps between two times that a run is kept. */
const keepEvery = 100;

function style(): CurveStyle {
  const css = getComputedStyle(document.documentElement);
  const color = (name: string): string => css.getPropertyValue(`--${name}`).trim();
  return { text: color('soft'), grid: color('grid'), faint: color('faint'), line: color('line'), goal: color('goal') };
}

const draw = (): void => curve.draw(style());

function say(text: string, bad = false): void {
  const state = byId('state');
  state.textContent = text;
  state.className = bad ? 'bad' : '';
}

function fail(error: unknown): void {
  const hint = error instanceof Fault && error.hint !== undefined ? ` (${error.hint})` : '';
  running = false;
  say(`${(error as Error).message}${hint}`, true);
  showButtons();
}

function showButtons(): void {
  toggle.textContent = running ? 'Pause' : trainer === undefined ? 'Train' : 'Go on';
  toggle.disabled = false;
  start.disabled = trainer !== undefined;
  restart.disabled = running || trainer === undefined;
  save.disabled = trainer === undefined;
}

function show(result: StepResult, opened: Trainer, seconds: number): void {
  const set = (id: string, text: string): void => {
    byId(id).textContent = text;
  };
  set('step', `${result.step}`);
  set('epoch', `${result.epoch}`);
  set('loss', result.loss.toFixed(3));
  set('perplexity', result.perplexity.toFixed(2));
  set('sparsity', `${(100 * result.sparsity).toFixed(1)}%`);
  set('rate', String(Number(result.learningRate.toPrecision(3))));
  set('speed', String(Math.round(opened.tokensPerStep / seconds)));
}

async function textOf(): Promise<string | Uint8Array | undefined> {
  const chosen = file.files?.[0];
  if (chosen !== undefined) return new Uint8Array(await chosen.arrayBuffer());
  return typed.value === '' ? undefined : typed.value;
}

async function open(): Promise<Trainer> {
  say('loading');
  const text = await textOf();
  const from = start.value === 'weights' ? 'weights' : 'seed';
  const checkpoint = start.value === 'kept' ? kept : undefined;
  const opened = await model.createTrainer({
    start: from,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(text === undefined ? {} : { text }),
  });
  const best = opened.bestPerplexity;
  curve.goal =
    best === undefined ? undefined : { value: Math.log(best), label: `best possible: perplexity ${best.toFixed(2)}` };
  return opened;
}

/** Lets the page draw and take clicks. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Keeps the run for the next visit; a browser that keeps nothing is no fault of the run. */
async function keep(opened: Trainer): Promise<void> {
  kept = await opened.checkpoint();
  await keepBytes(keptAs, kept).catch(() => undefined);
  byId('kept').hidden = false;
}

/** Until it is paused, or the whole run is over. */
async function train(): Promise<void> {
  trainer ??= await open();
  const opened = trainer;
  showButtons();
  let pace = 0;
  while (running) {
    const began = performance.now();
    const result = await opened.update();
    const seconds = (performance.now() - began) / 1000;
    // The first steps wait for tfjs to warm up: older ones count less.
    pace = pace === 0 ? seconds : 0.8 * pace + 0.2 * seconds;
    curve.add({ step: result.step, value: result.loss });
    show(result, opened, pace);
    const left = opened.totalSteps - result.step;
    say(`training on ${opened.backend}${left > 0 ? `, ${left} steps left` : ''}`);
    draw();
    if (result.step === opened.totalSteps) running = false;
    if (result.step % keepEvery === 0) await keep(opened);
    await breathe();
  }
  await keep(opened);
  say(opened.step === opened.totalSteps ? 'the run is over; it may go on' : 'paused');
  showButtons();
}

function onToggle(): void {
  running = !running;
  // A step may be under way: the buttons come back when it has ended.
  if (!running) {
    toggle.disabled = true;
    return;
  }
  showButtons();
  train().catch(fail);
}

async function onRestart(): Promise<void> {
  await trainer?.close();
  trainer = undefined;
  curve.clear();
  draw();
  say('ready');
  showButtons();
}

async function onSave(): Promise<void> {
  if (trainer === undefined) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await trainer.save()]));
  link.download = 'weights.safetensors';
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Five likeliest words after those that were typed. */
async function answer(predictor: Predictor, text: string): Promise<void> {
  const idOf = new Map(predictor.words.map((word, id) => [word, id]));
  const asked = text.split(/\s+/).filter((word) => word !== '');
  const ids = asked.map((word) => idOf.get(word) ?? idOf.get('<unk>') ?? 0);
  predictor.reset();
  const shares = await predictor.predict([idOf.get('<eos>') ?? 0, ...ids]);
  const ranked = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).slice(0, 5);
  const rows = ranked.map((id) => {
    const [row, word, bar, share] = ['li', 'span', 'span', 'span'].map((tag) => document.createElement(tag));
    word!.textContent = predictor.words[id] ?? String(id);
    bar!.className = 'bar';
    bar!.style.width = `${100 * shares[id]!}%`;
    share!.textContent = `${(100 * shares[id]!).toFixed(1)}%`;
    row!.append(word!, bar!, share!);
    return row!;
  });
  byId('answers').replaceChildren(...rows);
}

function offerAsking(program: BrowserProgram): void {
  const input = program.predict.data.find(({ role }) => role === 'input');
  const unit = program.train?.training.loader.kind === 'text' ? program.train.training.loader.unit : 'word';
  if (program.words === undefined || input?.type !== 'int32' || program.predict.steps > 1 || unit !== 'word') return;
  byId('asking').hidden = false;
  const words = byId<HTMLInputElement>('words');
  words.value = program.words
    .filter((word) => !word.startsWith('<'))
    .slice(0, 2)
    .join(' ');
  let predictor: Promise<Predictor> | undefined;
  byId('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    predictor ??= model.createPredictor();
    predictor.then((p) => answer(p, words.value)).catch(fail);
  });
}

async function begin(): Promise<void> {
  const program = await model.program();
  offerAsking(program);
  keptAs = `${location.pathname} ${program.name}`;
  kept = await keptBytes(keptAs).catch(() => undefined);
  byId('kept').hidden = kept === undefined;
  byId('trained').hidden = !program.trained;
  if (kept !== undefined) start.value = 'kept';
  byId('training').hidden = program.train === undefined;
  byId('text').hidden = program.train?.training.loader.kind !== 'text';
  toggle.addEventListener('click', onToggle);
  restart.addEventListener('click', () => void onRestart().catch(fail));
  save.addEventListener('click', () => void onSave().catch(fail));
  globalThis.addEventListener('resize', draw);
  draw();
  say('ready');
  showButtons();
}

begin().catch(fail);
