/** Which kernels of products in panels a program calls: by number format, for one step and for a block of them. */
import type { KernelCall } from '../../kernels/calls.js';
import { formatOf } from '../../kernels/regions.js';
import { isOfIntegers } from '../../kernels/uses.js';
import type { NumberFormat } from '../../tensor/number-format.js';
import { allCalls, type Program } from './program.js';

/** Columns of a panel that stay in the first-level cache while the steps of a block pass by. */
export const pieceColumns = 128;

interface PanelUses {
  readonly one: boolean;
  readonly many: boolean;
}

const among = ({ regions }: Program, calls: readonly KernelCall[], word: NumberFormat['word']): boolean =>
  calls.some((call) => call.kind === 'gemv' && !isOfIntegers(call) && formatOf(regions[call.w]!.layout).word === word);

/** Whether a program has products in panels of a format. */
export const hasPanels = (program: Program, word: NumberFormat['word']): boolean =>
  among(program, allCalls(program.plan), word);

/** Whether they are called for one step, and for many. */
export function panelUses(program: Program, word: NumberFormat['word']): PanelUses {
  const { plan, steps } = program;
  if (plan.run === undefined) return { one: true, many: false };
  const stages = plan.run.loops.flatMap((loop) => loop.stages);
  const walked = stages.flatMap(({ kind, calls }) => (kind === 'walk' ? calls : []));
  const ahead = stages.flatMap(({ kind, calls }) => (kind === 'ahead' ? calls : []));
  return {
    one: among(program, [...walked, ...plan.finish, ...(steps ? plan.step : [])], word),
    many: among(program, [...ahead, ...plan.run.outputs], word),
  };
}
