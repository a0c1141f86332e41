/** Searches for the largest setting within a goal. Knows nothing of what is measured. */

/** The largest number from `least` to `most` that fits, where all below a fit do; undefined when `least` does not. */
export function largest(least: number, most: number, fits: (setting: number) => boolean): number | undefined {
  if (least > most || !fits(least)) return undefined;
  let low = least;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The same where a larger setting may fit though a smaller one does not: every one is tried, from the top. */
export function largestOfAny(least: number, most: number, fits: (setting: number) => boolean): number | undefined {
  for (let setting = most; setting >= least; setting--) if (fits(setting)) return setting;
  return undefined;
}
