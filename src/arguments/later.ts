/** Words that the language has and this version does not: refused by name, never parsed and ignored. */
import { catalogue } from '../diagnostics/catalogue.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';

export const laterError = catalogue('model', {
  'not-in-this-version': {
    severity: 'error',
    message: '{what} is not in this version',
    hint: '{instead}',
  },
});

/** Refuses `what` ("the layer `attention`"); `instead` says what there is, as an imperative. */
export function refuseLater(what: string, instead: string, span: Span, report: Report): undefined {
  report(laterError('not-in-this-version', span, { what, instead }));
  return undefined;
}
