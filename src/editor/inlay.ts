/** What the compiler solved, behind the rule it solved it for: arguments left open, and the factor reached. */
import { type RuleSummary, summarizeRules } from '../model/summary.js';
import { argumentText } from '../report/explain.js';
import { factor } from '../support/units.js';
import type { Analysis } from './analysis.js';

export interface Inlay {
  readonly offset: number;
  readonly text: string;
  /** For a pointer that rests on it. */
  readonly detail: string;
}

/** The factors of a rule's layers, one when they agree: "25x" or "25x to 26.1x". */
function reached(rows: readonly RuleSummary[]): string {
  const factors = rows.map((row) => row.factor);
  const [least, most] = [factor(Math.min(...factors)), factor(Math.max(...factors))];
  return least === most ? least : `${least} to ${most}`;
}

/** One for each rule of the file that stores something. */
export function inlays({ model, path }: Analysis): readonly Inlay[] {
  if (model === undefined) return [];
  const summaries = summarizeRules(model);
  return model.rules.flatMap(({ span }, index) => {
    const rows = summaries.filter((row) => row.rule === index);
    const [first] = rows;
    if (span.source.path !== path || first === undefined) return [];
    const solved = first.units[0] === undefined ? '' : argumentText(first.units[0], first).replace(/ \(.*\)$/, '');
    const detail = rows.flatMap((row) =>
      row.units.map((u) => `${u.path}: ${u.method} ${argumentText(u, u)}`.trimEnd()),
    );
    return [
      { offset: span.end, text: [solved, reached(rows)].filter((t) => t !== '').join(', '), detail: detail.join('\n') },
    ];
  });
}
