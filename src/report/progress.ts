/**
 * The progress of a run as lines of text: one that is drawn over itself on a terminal, or plain ones. Pure functions
 * from events to text; when and where they are printed is decided elsewhere.
 */
import { bytes, count, counted, duration } from '../support/units.js';
import type { TrainEvent } from '../train/events.js';
import type { Score } from '../train/score.js';

type EventOf<K extends TrainEvent['kind']> = Extract<TrainEvent, { kind: K }>;

/** 1234.5 -> "1,235", 82.04 -> "82.04". */
const perplexity = (value: number): string =>
  value >= 1e9 ? value.toExponential(2) : value >= 1000 ? count(value) : value.toFixed(2);

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** Up to four digits that tell rates apart: 1, 0.8333, 1e-5. */
const rate = (value: number): string =>
  value !== 0 && value < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));

/** "[######......]", `width` characters between the brackets. */
export function bar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

/** Sparsity is told only where something is pruned. */
const sparsityPart = (sparsity: number): string[] => (sparsity > 0 ? [`sparsity ${percent(sparsity)}`] : []);

function stepLine(event: EventOf<'step'>): string {
  return [
    `epoch ${event.epoch}/${event.epochs} ${bar(event.stepInEpoch / event.stepsPerEpoch)}`,
    `step ${count(event.step)}/${count(event.steps)}`,
    `loss ${event.loss.toFixed(3)}`,
    `perplexity ${perplexity(event.perplexity)}`,
    ...sparsityPart(event.sparsity),
    `lr ${rate(event.lr)}`,
    `${count(event.tokensPerSecond)} tokens/s`,
    `${duration(event.secondsLeft)} left`,
  ].join('  ');
}

/** The line that is drawn over itself, or printed now and then; undefined for events that have none. */
export function progressLine(event: TrainEvent): string | undefined {
  if (event.kind === 'step') return stepLine(event);
  if (event.kind === 'evaluating')
    return `${event.split} ${bar(event.done / event.total)}  ${count(event.done)}/${count(event.total)} tokens`;
  return undefined;
}

function startLine(event: EventOf<'start'>): string {
  const steps = event.epochs * event.stepsPerEpoch;
  const dropped = event.droppedTokens === 0 ? [] : [`${count(event.droppedTokens)} tokens at the tail left out`];
  return [
    event.resumedAt === undefined ? 'training' : `resumed at step ${count(event.resumedAt)}`,
    `${count(event.parameters)} values`,
    `${counted(event.epochs, 'epoch')} of ${counted(event.stepsPerEpoch, 'step')} (${count(steps)})`,
    ...dropped,
    `about ${bytes(event.memory)} of memory`,
  ].join(', ');
}

/** All that was measured: "82.04", or "1.15, accuracy 97.1%, F1 94.2%". */
export function scoreText({ perplexity: value, accuracy, f1 }: Score): string {
  return [
    perplexity(value),
    ...(accuracy === undefined ? [] : [`accuracy ${(100 * accuracy).toFixed(2)}%`]),
    ...(f1 === undefined ? [] : [`F1 ${(100 * f1).toFixed(2)}%`]),
  ].join(', ');
}

function epochLine(event: EventOf<'epoch'>): string {
  const valid = event.valid === undefined ? [] : [`valid ${scoreText(event.valid)}`];
  return [
    `epoch ${event.epoch}/${event.epochs}`,
    `train ${perplexity(event.trainPerplexity)}`,
    ...valid,
    ...sparsityPart(event.sparsity),
    `lr ${rate(event.lr)}`,
    duration(event.seconds),
    ...(event.kept ? ['kept'] : []),
  ].join('  ');
}

/** The line that stays; undefined for events that leave none. */
export function summaryLine(event: TrainEvent): string | undefined {
  switch (event.kind) {
    case 'start':
      return startLine(event);
    case 'epoch':
      return epochLine(event);
    case 'test':
      return `test ${scoreText(event.test)} with the weights of epoch ${event.epoch}`;
    case 'notice':
      return `note: ${event.message}`;
    case 'warning':
      return `warning: ${event.message}; ${event.hint}`;
    default:
      return undefined;
  }
}
