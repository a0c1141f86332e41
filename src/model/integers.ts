/** Which products of a stored weight the emitted C computes in integers. Decides nothing: its kernel plan says so. */
import { plannedCalls, products } from '../kernels/plan-cost.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { tensorPath, type Unit } from './model.js';

const productKinds: ReadonlySet<string> = new Set(['gemv', 'kron', 'gemm', 'circulant', 'sparse', 'mix']);

/** Of a weight in the formats of its tensors, by path. Tables are looked up and have no product. */
export function integerProducts(
  { path, weight }: Unit,
  formatOf: (path: string) => NumberFormat,
): 'none' | 'some' | 'all' {
  if (weight.matrix.lookup === true) return 'none';
  const { gates, shape } = weight.matrix;
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, tensorPath(path, name)]));
  const calls = plannedCalls(
    products((p, x, y) => weight.plan(p, x, y, paths), [gates * shape[0], shape[1]]),
    { keptOf: () => 0, formatOf },
  ).filter(({ kind }) => productKinds.has(kind));
  const ofIntegers = calls.filter((call) => call.kind === 'gemv' && call.codes !== undefined);
  if (ofIntegers.length === 0) return 'none';
  return ofIntegers.length === calls.length ? 'all' : 'some';
}
