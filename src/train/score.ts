/** What a model gets on a split, and which of it is better. */
import type { Metric } from '../model/model.js';

export interface Score {
  /** exp(nats). */
  readonly perplexity: number;
  /** Mean negative log-likelihood of a label. */
  readonly nats: number;
  /** Labels that were predicted: of tokens, or of whole sequences. */
  readonly tokens: number;
  /** Share of labels that are predicted right; of labelled examples. */
  readonly accuracy?: number;
  /** Of chunks, where the labels are BIO; the mean over relations, where they are relations with directions. */
  readonly f1?: number;
}

/** The measured value, undefined where the data does not give it. */
export function measuredValue(metric: Metric, score: Score): number | undefined {
  return metric === 'loss' ? score.nats : score[metric];
}

/** Whether more of a metric is better. */
export const higherIsBetter: Readonly<Record<Metric, boolean>> = {
  perplexity: false,
  loss: false,
  accuracy: true,
  f1: true,
};

/** Whether `a` is better than `b`. */
export function isBetter(metric: Metric, a: Score, b: Score): boolean {
  const [x = Number.NaN, y = Number.NaN] = [measuredValue(metric, a), measuredValue(metric, b)];
  return higherIsBetter[metric] ? x > y : x < y;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** "82.041", "95.12%": the measured value for people. */
export function valueText(metric: Metric, score: Score, digits = 3): string {
  const value = measuredValue(metric, score) ?? Number.NaN;
  if (metric === 'perplexity') return value.toFixed(digits);
  return metric === 'loss' ? value.toFixed(4) : percent(value);
}
