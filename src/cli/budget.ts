/** Holds emitted sizes against `budget`: exceeding it is an error with the breakdown. */

import { catalogue } from '../diagnostics/catalogue.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { planSummary } from '../lower/inference-summary.js';
import type { Emit } from '../model/model.js';
import { bytes } from '../support/units.js';

const budgetError = catalogue('emit', {
  'over-budget': {
    severity: 'error',
    message: 'the weights take {found}, the budget is {budget}',
    hint: 'compress more, or raise the budget to at least {least} bytes',
  },
});

/** Undefined when the plan keeps the budget. */
export function overBudget(emit: Emit, plan: InferencePlan): Diagnostic | undefined {
  if (emit.budget === undefined || plan.weightBytes <= emit.budget) return undefined;
  const notes = planSummary(plan).layers.map((l) => ({ message: `${l.layer}: ${bytes(l.weightBytes)}` }));
  const fill = { found: bytes(plan.weightBytes), budget: bytes(emit.budget), least: plan.weightBytes };
  return budgetError('over-budget', emit.budgetSpan, fill, notes);
}
