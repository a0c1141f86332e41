/** Which products of a stored weight the emitted C computes in integers. Decides nothing: its kernel plan says so. */
import type { CallKind, KernelCall } from '../kernels/calls.js';
import { plannedCalls, products } from '../kernels/plan-cost.js';
import { isOfIntegers } from '../kernels/uses.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { formatsOf } from './formats.js';
import { type Emit, type Model, tensorPath, type Unit } from './model.js';

const productKinds: ReadonlySet<CallKind> = new Set(
  (['gemv', 'kron', 'gemm', 'circulant', 'sparse', 'sliced', 'mix'] as const).map((kind) => kind),
);

function productsOf({ path, weight }: Unit, formatOf: (path: string) => NumberFormat): readonly KernelCall[] {
  const { gates, shape } = weight.matrix;
  const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, tensorPath(path, name)]));
  return plannedCalls(
    products((p, x, y) => weight.plan(p, x, y, paths), [gates * shape[0], shape[1]]),
    { keptOf: () => 0, formatOf },
  ).filter(({ kind }) => productKinds.has(kind));
}

/** Of a weight in the formats of its tensors, by path. Tables are looked up and have no product. */
export function integerProducts(unit: Unit, formatOf: (path: string) => NumberFormat): 'none' | 'some' | 'all' {
  if (unit.weight.matrix.lookup === true) return 'none';
  const calls = productsOf(unit, formatOf);
  const ofIntegers = calls.filter(isOfIntegers);
  if (ofIntegers.length === 0) return 'none';
  return ofIntegers.length === calls.length ? 'all' : 'some';
}

/** Why products of a weight are of floats where integers are asked for; undefined where all are of integers. */
export function whyFloats(unit: Unit, formatOf: (path: string) => NumberFormat): string | undefined {
  const names = Object.keys(unit.weight.tensors);
  const words = [...new Set(names.map((name) => formatOf(tensorPath(unit.path, name)).word))];
  const floats = productsOf(unit, formatOf).filter((call) => !isOfIntegers(call));
  if (floats.length === 0) return undefined;
  const other = words.find((word) => word !== 'int8' && word !== 'int4');
  if (other !== undefined) return `${other} has no products of integers, int8 and int4 have`;
  if (floats.some(({ kind }) => kind === 'circulant')) return 'circulant blocks are multiplied in float32';
  return 'rows of more than 131,072 values could overflow 32 bits';
}

/** The weights whose products a block with `arithmetic = integer` leaves in float32, and why; tables have none. */
export function floatsIn(model: Pick<Model, 'layers' | 'weights'>, emit: Emit): readonly string[] {
  if (emit.arithmetic === 'float32') return [];
  const formats = formatsOf(model, emit.weights, emit.arithmetic);
  return model.layers.flatMap(({ units }) =>
    units.flatMap((unit) => {
      if (unit.weight.matrix.lookup === true) return [];
      const why = whyFloats(unit, formats);
      return why === undefined ? [] : [`products of ${unit.path} are of float32: ${why}`];
    }),
  );
}
