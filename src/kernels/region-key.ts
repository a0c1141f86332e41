/** What tells regions apart: layouts of the same bytes have equal keys, so that a weight is stored once. */
import type { RegionLayout } from './calls.js';

const sparseForm = ({ section, sliced }: Extract<RegionLayout, { readonly kind: 'sparse' }>): string =>
  sliced ? `sliced ${section}` : section;

/** Equal for layouts of the same bytes: parts of a tensor with one scale share it. */
export function regionKey(layout: RegionLayout): string {
  const { tensor, offset, rows, columns } = layout.matrix;
  if (layout.kind === 'scales' && layout.format.per.kind === 'tensor') return JSON.stringify(['scales', tensor]);
  // Of each weight its own, though they depend on the block alone: so the bytes of weights add up.
  if (layout.kind === 'roots') return JSON.stringify(['roots', layout.block, tensor]);
  const form =
    layout.kind === 'sparse'
      ? sparseForm(layout)
      : layout.kind === 'scales'
        ? `${layout.values.kind} scales`
        : layout.kind;
  return JSON.stringify([form, tensor, offset, rows, columns]);
}
