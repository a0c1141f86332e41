/** Holds emitted sizes against `budget`: exceeding it is an error with the breakdown. */

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { lowerInference } from '../lower/inference.js';
import { trainedKept } from '../lower/inference-kept.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { planSummary } from '../lower/inference-summary.js';
import { formatsOf } from '../model/formats.js';
import { emitError } from '../model/messages.js';
import { type Emit, longestSequence, type Model } from '../model/model.js';
import { bytes } from '../support/units.js';
import type { Weights } from '../tensor/tensor.js';

/** Undefined when the plan keeps the budget. */
function overBudget(emit: Emit, plan: InferencePlan): Diagnostic | undefined {
  if (emit.budget === undefined || plan.weightBytes <= emit.budget) return undefined;
  const notes = planSummary(plan).layers.map((l) => ({ message: `${l.layer}: ${bytes(l.weightBytes)}` }));
  const fill = { found: bytes(plan.weightBytes), budget: bytes(emit.budget), least: plan.weightBytes };
  return emitError('over-budget', emit.budgetSpan, fill, notes);
}

/**
 * The budgets that are exceeded, of `emits`. Without weights by the counts of the program, so that nothing is trained
 * that cannot be emitted.
 */
export function exceededBudgets(model: Model, emits: readonly Emit[], weights?: Weights): readonly Diagnostic[] {
  const bounded = emits.filter((e) => e.budget !== undefined && (e.target === 'c' || e.target === 'neon'));
  if (bounded.length === 0) return [];
  const kept = weights === undefined ? undefined : trainedKept(model, weights);
  const counts = kept === undefined ? {} : { keptOf: (tensor: string) => kept.get(tensor) };
  return bounded.flatMap((emit) => {
    const maxSteps = longestSequence(model, emit);
    const plan = lowerInference(model, {
      ...counts,
      formatOf: formatsOf(model, emit.weights, emit.arithmetic),
      maxSteps,
    });
    return overBudget(emit, plan) ?? [];
  });
}
