/**
 * One mistake of a rule, one error: gates of one shape, and layers of one shape, are refused for the same reason.
 * Matrices of another shape are told of by themselves, as what is legal there may differ. Changes no diagnostic.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { UnitDraft } from './units.js';

/** What has been told to a report. */
const told = new WeakMap<Report, Set<string>>();

/** A report of these matrices that leaves out what another of the same shapes has told at the same place. */
export function toldOnce(report: Report, drafts: readonly Pick<UnitDraft, 'matrix'>[]): Report {
  return (diagnostic) => {
    const shapes = drafts.map(({ matrix }) => [matrix.gates, ...matrix.shape].join('x')).join(' ');
    const { code, span } = diagnostic;
    const key = [code, span.source.path, span.start, span.end, shapes].join('\n');
    const known = told.get(report) ?? new Set();
    if (known.has(key)) return;
    told.set(report, known.add(key));
    report(diagnostic);
  };
}
