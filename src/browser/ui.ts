/** The page of `index.html`: buttons, numbers and the curve. All of the training is behind `createTrainer`. */
import { Fault } from '../support/fault.js';
import type { Evaluation, StepResult, Trainer, TrainerOptions } from './api.js';
import { Asking } from './asking.js';
import { Curve, type CurveStyle } from './curve.js';
import { byId, set } from './elements.js';
import { keepBytes, keptBytes } from './keep.js';
import { openModel } from './open-model.js';

const model = openModel(new URL('../../', import.meta.url));

const toggle = byId<HTMLButtonElement>('toggle');
const restart = byId<HTMLButtonElement>('restart');
const save = byId<HTMLButtonElement>('save');
const start = byId<HTMLSelectElement>('start');
const typed = byId<HTMLTextAreaElement>('typed');
const file = byId<HTMLInputElement>('file');
const curve = new Curve(byId<HTMLCanvasElement>('curve'));

let trainer: Trainer | undefined;
let asking: Asking | undefined;
let running = false;
/** The run that this browser kept, and the name under which it does. */
let kept: Uint8Array | undefined;
let keptAs = location.pathname;
/** Steps between two times that a run is kept, and that the held-out tokens are read; at the end of an epoch, too. */
const keepEvery = 100;
const evaluateEvery = 50;
/** Held-out tokens: enough to tell weights apart, few enough not to wait for. */
const validationTokens = 2000;
/** Share of a pasted text that is held out. */
const heldOutShare = 0.1;

function style(): CurveStyle {
  const css = getComputedStyle(document.documentElement);
  const color = (name: string): string => css.getPropertyValue(`--${name}`).trim();
  return {
    text: color('soft'),
    grid: color('grid'),
    faint: color('faint'),
    line: color('line'),
    valid: color('valid'),
    goal: color('goal'),
  };
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

function showEvaluation({ step, loss, perplexity }: Evaluation, best: Evaluation | undefined): void {
  curve.addValidation({ step, value: loss });
  curve.best = best?.step;
  set('valid', perplexity.toFixed(2));
  showBest(best);
}

function showBest(best: Evaluation | undefined): void {
  set('best', best === undefined ? '-' : `${best.perplexity.toFixed(2)}, ${best.step}`);
  save.textContent = best === undefined ? 'Save weights' : 'Save best weights';
  asking?.show(best);
}

function show(result: StepResult, opened: Trainer, seconds: number): void {
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

async function optionsOf(): Promise<TrainerOptions> {
  const text = await textOf();
  const checkpoint = start.value === 'kept' ? kept : undefined;
  return {
    start: start.value === 'weights' ? 'weights' : 'seed',
    validationTokens,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(text === undefined ? {} : { text, validation: heldOutShare }),
  };
}

async function open(): Promise<Trainer> {
  say('loading');
  const opened = await model.createTrainer(await optionsOf());
  set('held', `(${opened.validationTokens}, every ${evaluateEvery} steps)`);
  showBest(opened.best);
  asking?.offer(opened.words);
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
    if (result.step % evaluateEvery === 0 || result.step % opened.stepsPerEpoch === 0)
      showEvaluation(await opened.evaluate(), opened.best);
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
  showBest(undefined);
  draw();
  say('ready');
  showButtons();
}

async function onSave(): Promise<void> {
  if (trainer === undefined) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await trainer.save('best')]));
  link.download = 'weights.safetensors';
  link.click();
  URL.revokeObjectURL(link.href);
}

async function begin(): Promise<void> {
  const program = await model.program();
  asking = new Asking({ model, program, trainer: () => trainer, fail });
  asking.offer(program.words);
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
