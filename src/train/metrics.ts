/** Lines of `metrics.jsonl`: what a run logs, as data. A resumed run cuts the log back to where it resumes. */

export type MetricsLine =
  | {
      readonly kind: 'step';
      /** Updates made. */
      readonly step: number;
      /** From 1. */
      readonly epoch: number;
      /** Mean negative log-likelihood since the last line, nats per token. */
      readonly loss: number;
      readonly perplexity: number;
      /** Share of all pruned weights that are zero, 0 to 1. */
      readonly sparsity: number;
      readonly lr: number;
      readonly gradient_norm: number;
      readonly tokens_per_second: number;
    }
  | {
      readonly kind: 'epoch';
      readonly step: number;
      readonly epoch: number;
      readonly train_perplexity: number;
      readonly valid_perplexity: number | undefined;
      /** Of labelled examples. */
      readonly valid_accuracy?: number;
      readonly valid_f1?: number;
      readonly sparsity: number;
      readonly lr: number;
      readonly seconds: number;
      /** These weights were kept. */
      readonly kept: boolean;
    }
  | {
      /** What the user should look at while the run goes on. */
      readonly kind: 'warning';
      readonly step: number;
      readonly epoch: number;
      readonly message: string;
      readonly hint: string;
      /** Mean since the last line, nats per label; and what a guess among all classes would have. */
      readonly runaway_loss: number;
      readonly guess_loss: number;
    }
  | {
      readonly kind: 'test';
      readonly step: number;
      /** Whose weights were tested. */
      readonly epoch: number;
      readonly test_perplexity: number;
      readonly test_accuracy?: number;
      readonly test_f1?: number;
    };

/** exp, kept finite so that it can be written. */
export const perplexityOf = (nats: number): number => Math.min(Math.exp(nats), Number.MAX_VALUE);

export const printMetrics = (line: MetricsLine): string => JSON.stringify(line);

function parseLine(line: string): MetricsLine | undefined {
  try {
    return JSON.parse(line) as MetricsLine;
  } catch {
    return undefined;
  }
}

/** The lines up to `step`; a line cut short by a crash and the test at the end are left out. */
export function cutMetrics(text: string, step: number): string {
  const kept = text.split('\n').filter((line) => {
    const parsed = parseLine(line);
    return parsed !== undefined && parsed.kind !== 'test' && parsed.step <= step;
  });
  return kept.map((line) => `${line}\n`).join('');
}

/** All whole lines of a log. */
export const readMetrics = (text: string): MetricsLine[] =>
  text.split('\n').flatMap((line) => {
    const parsed = line === '' ? undefined : parseLine(line);
    return parsed === undefined ? [] : [parsed];
  });
