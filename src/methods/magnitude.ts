/** Keeps the values of largest magnitude. Shared by the sparse methods. */

/** `values` with all but the `kept` of largest magnitude set to zero; of equal ones the first stay. */
export function keepLargest(values: Float64Array, kept: number): Float64Array {
  const result = new Float64Array(values.length);
  if (kept <= 0) return result;
  if (kept >= values.length) return values.slice();
  const magnitudes = values.map(Math.abs).sort();
  const threshold = magnitudes[values.length - kept]!;
  let ties = kept;
  for (const v of magnitudes) if (v > threshold) ties--;
  values.forEach((v, i) => {
    const magnitude = Math.abs(v);
    if (magnitude > threshold || (magnitude === threshold && ties-- > 0)) result[i] = v;
  });
  return result;
}
