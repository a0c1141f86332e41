/** The table that ends a build: sizes and metric before and after compression. */
import type { Metric } from '../model/model.js';
import type { LayerSummary } from '../model/summary.js';
import { type Score, valueText } from '../train/score.js';
import { layerTable } from './explain.js';

/** What was measured of a build; undefined where nothing was trained. */
export interface BuildScores {
  readonly valid: Score | undefined;
  readonly test: Score | undefined;
}

export interface BuildFacts {
  readonly layers: readonly LayerSummary[];
  readonly metric: Metric;
  readonly compressed: BuildScores | undefined;
  /** Of the uncompressed model under the same recipe, when it was trained. */
  readonly baseline: BuildScores | undefined;
  /** Of a perfect model, when the source is known. */
  readonly best: number | undefined;
  /** Of the known source itself on exactly the test tokens, and of the best bigram on them. */
  readonly source: { readonly test: number; readonly bigram: number } | undefined;
}

const score = (value: number): string => value.toFixed(3);

function metricLines({ metric, compressed, baseline, best, source }: BuildFacts): string[] {
  if (compressed === undefined) return [];
  const measured = (of: Score | undefined): string => (of === undefined ? 'not known' : valueText(metric, of));
  const before = baseline === undefined ? 'not trained (--baseline trains it)' : measured(baseline.test);
  const title = (split: string): string => `${split} ${metric}`.padEnd(`valid ${metric}`.length);
  const lines = [`  ${title('test')}  uncompressed: ${before}   compressed: ${measured(compressed.test)}`];
  if (compressed.valid !== undefined) {
    const was = baseline === undefined ? '' : `uncompressed: ${measured(baseline.valid)}   `;
    lines.push(`  ${title('valid')}  ${was}compressed: ${measured(compressed.valid)}`);
  }
  if (source !== undefined) {
    lines.push(
      `  the best possible on these test tokens: ${score(source.test)}; the best bigram: ${score(source.bigram)}`,
    );
  }
  if (best !== undefined) lines.push(`  the best possible on endless text: ${score(best)}`);
  return lines;
}

/** Layer by layer, then the metric. */
export const buildTable = (facts: BuildFacts, width?: number): string =>
  `${layerTable(facts.layers, width)}${metricLines(facts).join('\n')}`.trimEnd();
