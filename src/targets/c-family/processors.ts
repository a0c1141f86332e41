/** What compilers are told about each processor, and how small products are written for it. */
import { isNarrow } from '../../kernels/cores.js';
import type { Tiling } from './tiles.js';

const thirtyTwoBit: Readonly<Record<string, string>> = {
  'cortex-a5': 'neon-vfpv4',
  'cortex-a7': 'neon-vfpv4',
  'cortex-a8': 'neon',
  'cortex-a9': 'neon',
  'cortex-a12': 'neon-vfpv4',
  'cortex-a15': 'neon-vfpv4',
  'cortex-a17': 'neon-vfpv4',
};

/** Cores that execute in order, for which compilers put loads between multiply-adds where they make those wait. */
const waiting: readonly string[] = ['cortex-a53'];

/** Tiles that suit a processor. */
export const tilingFor = (cpu: string): Tiling =>
  isNarrow(cpu) ? 'few registers' : waiting.includes(cpu) ? 'loads first' : 'many registers';

/**
 * Flags that choose the processor, and let products and sums contract to fused multiply-adds, which `-std=c99`
 * otherwise forbids gcc; the stated bounds hold either way. A program that is `exact` has no sum that may be fused.
 * Portable C has none either: a compiler that fuses where it inlines would give a run other bits than single steps.
 */
export function processorFlags(cpu: string, exact: boolean): readonly string[] {
  const contract = `-ffp-contract=${exact ? 'off' : 'fast'}`;
  const fpu = thirtyTwoBit[cpu];
  if (fpu !== undefined) return [`-mcpu=${cpu}`, `-mfpu=${fpu}`, '-mfloat-abi=hard', contract];
  return /^(cortex|neoverse)-/.test(cpu) ? [`-mcpu=${cpu}`, contract] : ['-ffp-contract=off'];
}
