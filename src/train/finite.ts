/** Where values went wrong: the first tensor that holds NaN or infinity, or the one with the largest value. */
import type { Weights } from '../tensor/tensor.js';

/** Name of the first tensor with a value that is NaN or infinite. */
export const findNotFinite = (tensors: Weights): string | undefined =>
  [...tensors].find(([, { data }]) => !data.every(Number.isFinite))?.[0];

/** ", first in rnn.S", or where all are finite still ", all weights are finite, the largest is 2.1e+37 in rnn.S". */
export function blame(tensors: Weights): string {
  const bad = findNotFinite(tensors);
  if (bad !== undefined) return `, first in ${bad}`;
  let [name, largest] = ['', 0];
  for (const [path, { data }] of tensors) {
    const most = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    if (most > largest) [name, largest] = [path, most];
  }
  return name === '' ? '' : `, all weights are finite still, the largest is ${largest.toPrecision(2)} in ${name}`;
}
