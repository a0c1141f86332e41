/** Which products a program calls for one step and which for a block of steps: what of their kernels it needs. */
import type { KernelCall } from '../../kernels/calls.js';
import { formatOf } from '../../kernels/regions.js';
import { isOfIntegers } from '../../kernels/uses.js';
import { type SharedProduct, sharesLoads } from '../../lower/run-stages.js';
import type { NumberFormat } from '../../tensor/number-format.js';
import { allCalls, type Program } from './program.js';

/** Columns of a panel that stay in the first-level cache while the steps of a block pass by. */
export const pieceColumns = 128;

export interface ProductUses {
  readonly one: boolean;
  readonly many: boolean;
}

/** Products that are called for one step, and for many. */
function productCalls({ plan, steps }: Program): Readonly<Record<keyof ProductUses, readonly SharedProduct[]>> {
  if (plan.run === undefined) return { one: allCalls(plan).filter(sharesLoads), many: [] };
  const stages = plan.run.loops.flatMap((loop) => loop.stages);
  const inStages = (wanted: 'ahead' | 'walk'): readonly KernelCall[] =>
    stages.flatMap(({ kind, calls }) => (kind === wanted ? calls : []));
  return {
    one: [...inStages('walk'), ...plan.finish, ...(steps ? plan.step : [])].filter(sharesLoads),
    many: [...inStages('ahead'), ...plan.run.outputs].filter(sharesLoads),
  };
}

/** Whether products of a kind are called for one step, and for many. */
export function productUses(program: Program, isOne: (call: SharedProduct) => boolean): ProductUses {
  const { one, many } = productCalls(program);
  return { one: one.some(isOne), many: many.some(isOne) };
}

/** The same for dense products of floats in a number format, or for those of integers. */
export const panelUses = (program: Program, word: NumberFormat['word'], integers = false): ProductUses =>
  productUses(
    program,
    (call) =>
      call.kind === 'gemv' &&
      isOfIntegers(call) === integers &&
      formatOf(program.regions[call.w]!.layout).word === word,
  );

/** Whether a program has products in panels of a format. */
export const hasPanels = (program: Program, word: NumberFormat['word']): boolean =>
  allCalls(program.plan).some(
    (call) => call.kind === 'gemv' && !isOfIntegers(call) && formatOf(program.regions[call.w]!.layout).word === word,
  );
