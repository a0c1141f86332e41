/** One piece of a program's kernels: a template and what fills it. */
import type { View } from '../render.js';

export interface Piece {
  readonly name: string;
  /** Tiers that have their own form; all others share `c`. */
  readonly neon: boolean;
  readonly view: View;
  /** Only where the compiler can make products of dots beside code without. */
  readonly ifDots?: true;
}
