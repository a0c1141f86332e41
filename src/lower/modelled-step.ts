/**
 * Modelled cycles of one time step of a plan, layer by layer: all loops, and what is computed once behind the last
 * step. Core-bound; memory answers from the first level. Undefined for cores without a model.
 */
import type { KernelCall } from '../kernels/calls.js';
import { coreOf, type Rates } from '../kernels/cores.js';
import { cyclesOf, type FormatOf } from '../kernels/cycles.js';
import { formatOf } from '../kernels/regions.js';
import { defined } from '../support/assert.js';
import { isExactPlan } from './exact-steps.js';
import type { InferencePlan } from './inference-plan.js';

export interface ModelledStep {
  /** `A57 model`. */
  readonly model: string;
  readonly cycles: number;
  /** In the order of their first calls. */
  readonly layers: readonly { readonly layer: string; readonly cycles: number }[];
}

/** Every call of a plan, in order. */
export const callsOfPlan = ({ earlier, step, finish }: InferencePlan): readonly KernelCall[] => [
  ...earlier.flatMap(({ calls }) => calls),
  ...step,
  ...finish,
];

/** The rates of a plan: cells cost more where all operations have one order, and results are the same everywhere. */
export const ratesOf = (plan: InferencePlan, rates: Rates): Rates =>
  isExactPlan(plan, 'std') ? { ...rates, cell: rates.cellInOrder } : rates;

/** Modelled cycles of calls. */
export const cyclesOfCalls = (calls: readonly KernelCall[], rates: Rates, formatOf?: FormatOf): number =>
  calls.reduce((sum, call) => sum + cyclesOf(call, rates, formatOf), 0);

/** Number formats of the regions of a plan. */
export const regionFormats =
  ({ regions }: InferencePlan): FormatOf =>
  (id) =>
    formatOf(defined(regions[id], `region ${id}`).layout);

/** What a step takes on a core; undefined where its cycles are not modelled. */
export function modelledStep(plan: InferencePlan, cpu: string): ModelledStep | undefined {
  const { model, rates: known } = coreOf(cpu) ?? {};
  if (model === undefined || known === undefined) return undefined;
  const rates = ratesOf(plan, known);
  const calls = callsOfPlan(plan);
  const formats = regionFormats(plan);
  const layers = [...new Set(calls.map(({ layer }) => layer))].map((layer) => ({
    layer,
    cycles: cyclesOfCalls(
      calls.filter((call) => call.layer === layer),
      rates,
      formats,
    ),
  }));
  return { model, cycles: cyclesOfCalls(calls, rates, formats), layers };
}
