/** The table that ends a build: sizes and metric before and after compression. */
import type { LayerSummary } from '../model/summary.js';
import { layerTable } from './explain.js';

/** Perplexities of a build; undefined where nothing was trained. */
export interface BuildScores {
  readonly valid: number | undefined;
  readonly test: number | undefined;
}

export interface BuildFacts {
  readonly layers: readonly LayerSummary[];
  readonly compressed: BuildScores | undefined;
  /** Of the uncompressed model under the same recipe, when it was trained. */
  readonly baseline: BuildScores | undefined;
  /** Of a perfect model, when the source is known. */
  readonly best: number | undefined;
  /** Of the known source itself on exactly the test tokens, and of the best bigram on them. */
  readonly source: { readonly test: number; readonly bigram: number } | undefined;
}

const score = (value: number | undefined): string => (value === undefined ? 'not known' : value.toFixed(3));

function metricLines({ compressed, baseline, best, source }: BuildFacts): string[] {
  if (compressed === undefined) return [];
  const before = baseline === undefined ? 'not trained (--baseline trains it)' : score(baseline.test);
  const lines = [`  test perplexity   uncompressed: ${before}   compressed: ${score(compressed.test)}`];
  if (compressed.valid !== undefined) {
    const was = baseline === undefined ? '' : `uncompressed: ${score(baseline.valid)}   `;
    lines.push(`  valid perplexity  ${was}compressed: ${score(compressed.valid)}`);
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
export const buildTable = (facts: BuildFacts): string =>
  `${layerTable(facts.layers)}${metricLines(facts).join('\n')}`.trimEnd();
