/** Ways to write a whole number as a product: what the factors and cores of a matrix can be cut into. */
import { apart } from './kronecker-shapes.js';

export const product = (values: readonly number[]): number => values.reduce((all, v) => all * v, 1);

export const sum = (values: readonly number[]): number => values.reduce((all, v) => all + v, 0);

/** All ways to write `value` as a product of `parts` factors, in every order. */
export function cuts(value: number, parts: number): readonly (readonly number[])[] {
  if (parts === 1) return [[value]];
  const result: (readonly number[])[] = [];
  for (let first = 1; first <= value; first++) {
    if (value % first !== 0) continue;
    for (const rest of cuts(value / first, parts - 1)) result.push([first, ...rest]);
  }
  return result;
}

/** The `count` cuts of a value that are nearest to the factors written, the nearest first. */
export function nearestCuts(value: number, written: readonly number[], count: number): readonly (readonly number[])[] {
  const distance = (cut: readonly number[]): number => sum(cut.map((v, k) => apart(v, written[k]!)));
  return [...cuts(value, written.length)].sort((a, b) => distance(a) - distance(b)).slice(0, count);
}
