/** Holds emitted programs against `budget`: exceeding it, in bytes or in time, is an error with the breakdown. */

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { lowerInference } from '../lower/inference.js';
import { trainedKept } from '../lower/inference-kept.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { planSummary } from '../lower/inference-summary.js';
import { type ModelledStep, modelledStep } from '../lower/modelled-step.js';
import { formatsOf } from '../model/formats.js';
import { emitError } from '../model/messages.js';
import { type Emit, longestSequence, type Model } from '../model/model.js';
import { kilo, modelledTime } from '../report/modelled-time.js';
import { bytes, time } from '../support/units.js';
import type { Weights } from '../tensor/tensor.js';

/** Undefined when the plan keeps the budget. */
function overBudget(emit: Emit, plan: InferencePlan): Diagnostic | undefined {
  if (emit.budget === undefined || plan.weightBytes <= emit.budget) return undefined;
  const notes = planSummary(plan).layers.map((l) => ({ message: `${l.layer}: ${bytes(l.weightBytes)}` }));
  const fill = { found: bytes(plan.weightBytes), budget: bytes(emit.budget), least: plan.weightBytes };
  return emitError('over-budget', emit.budgetSpan, fill, notes);
}

/** A time of three digits that is no less: what a budget may be raised to. */
function atLeast(seconds: number): string {
  const unit = 10 ** (Math.floor(Math.log10(seconds)) - 2);
  return time(Math.ceil(seconds / unit - 1e-9) * unit);
}

/** On each core that the block is for and whose cycles are modelled. */
const stepsOf = ({ cpu, cpus = [cpu] }: Emit, plan: InferencePlan): readonly (ModelledStep & { cpu: string })[] =>
  cpus.flatMap((core) => {
    const step = modelledStep(plan, core);
    return step === undefined ? [] : [{ ...step, cpu: core }];
  });

/** Undefined when a step keeps the time on the slowest core. */
function overTime(emit: Emit, plan: InferencePlan): Diagnostic | undefined {
  const { time: limit, clock } = emit;
  const [step] = [...stepsOf(emit, plan)].sort((a, b) => b.cycles - a.cycles);
  if (limit === undefined || clock === undefined || step === undefined) return undefined;
  const seconds = step.cycles / clock;
  if (seconds <= limit.seconds) return undefined;
  const layers = [...step.layers].sort((a, b) => b.cycles - a.cycles);
  const share = (cycles: number): string => `${((100 * cycles) / step.cycles).toFixed(0)}%`;
  const notes = layers.map((l) => ({
    message: `${l.layer}: modelled ${kilo(l.cycles)} cycles, ${time(l.cycles / clock)}, ${share(l.cycles)}`,
  }));
  const [first] = layers;
  const found = { found: modelledTime(step, clock), budget: time(limit.seconds), least: atLeast(seconds) };
  return emitError('over-time', limit.span, { ...found, layer: first!.layer, share: share(first!.cycles) }, notes);
}

/** What a block would be emitted as; without weights by the counts of the program. */
function planOf(model: Model, emit: Emit, weights?: Weights): InferencePlan {
  const kept = weights === undefined ? undefined : trainedKept(model, weights);
  const counts = kept === undefined ? {} : { keptOf: (tensor: string) => kept.get(tensor) };
  const maxSteps = longestSequence(model, emit);
  const formatOf = formatsOf(model, emit.weights, emit.arithmetic);
  return lowerInference(model, { ...counts, formatOf, maxSteps, cpu: emit.cpu, calibrated: emit.calibrated === true });
}

/**
 * The budgets that are exceeded, of `emits`. Without weights by the counts of the program, so that nothing is trained
 * that cannot be emitted.
 */
export function exceededBudgets(model: Model, emits: readonly Emit[], weights?: Weights): readonly Diagnostic[] {
  const bounded = emits.filter((e) => e.budget !== undefined || e.time !== undefined);
  return bounded.flatMap((emit) => {
    const plan = planOf(model, emit, weights);
    return [overBudget(emit, plan), overTime(emit, plan)].filter((found) => found !== undefined);
  });
}

/** For each block that states a clock: "emit neon: one step takes modelled 2.1 ms (...), the budget is 3 ms". */
export const modelledTimes = (model: Model, emits: readonly Emit[], weights?: Weights): readonly string[] =>
  emits.flatMap((emit) => {
    const { target, clock, cpus, time: limit } = emit;
    if (clock === undefined) return [];
    const within = limit === undefined ? '' : `, the budget is ${time(limit.seconds)}`;
    return stepsOf(emit, planOf(model, emit, weights)).map((step) => {
      const on = cpus === undefined ? '' : ` on ${step.cpu}`;
      return `emit ${target}${on}: one step takes ${modelledTime(step, clock)}${within}`;
    });
  });
