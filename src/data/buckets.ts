/**
 * Which lengths sequences are padded to: at most `count` of them, such that the fewest steps are padding. Each length
 * costs one more step graph, so there are few.
 */

/** Lengths and how many sequences have each, shortest first. */
function histogram(lengths: readonly number[]): readonly (readonly [length: number, times: number])[] {
  const times = new Map<number, number>();
  for (const length of lengths) times.set(length, (times.get(length) ?? 0) + 1);
  return [...times].sort((a, b) => a[0] - b[0]);
}

/**
 * Ascending lengths, the last one the longest there is. By dynamic programming over distinct lengths: the cheapest way
 * to cover the first j of them with k buckets pads all of a bucket to its longest.
 */
export function bucketLengths(lengths: readonly number[], count: number): readonly number[] {
  const rows = histogram(lengths);
  const before = [0];
  for (const [, times] of rows) before.push(before.at(-1)! + times);
  let cost = rows.map((_, j) => before[j + 1]! * rows[j]![0]);
  const cuts: number[][] = [rows.map(() => 0)];
  for (let k = 1; k < Math.min(count, rows.length); k++) {
    const cut = rows.map(() => 0);
    cost = rows.map(([length], j) => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = k; i <= j; i++) {
        const total = cost[i - 1]! + (before[j + 1]! - before[i]!) * length;
        if (total < best) [best, cut[j]] = [total, i];
      }
      return best;
    });
    cuts.push(cut);
  }
  const result: number[] = [];
  let j = rows.length - 1;
  for (let k = cuts.length - 1; k >= 0 && j >= 0; k--) {
    result.unshift(rows[j]![0]);
    j = cuts[k]![j]! - 1;
  }
  return result;
}
