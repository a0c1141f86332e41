/** Units in the last place of float32. */

/** Distance from |value| to the next float32 above it; that of the smallest normal number below them. */
export function ulpOf(value: number): number {
  const size = Math.max(Math.abs(Math.fround(value)), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}
